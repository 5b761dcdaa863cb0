"""Who may speak: people that are listed, in the one chat that is configured. Everything else is as if it had not been said."""

from collections.abc import Collection
from dataclasses import dataclass

from telegram import Chat, Message, Update, User

from core.access import Actor


@dataclass(frozen=True)
class Guard:
    """`users` are Telegram's ids of people; empty means everybody in the chat."""

    chat_id: int
    users: Collection[int] = ()

    def speaker(self, update: Update) -> User | None:
        """Who speaks in this update, None when it is none of our business."""
        if (tap := update.callback_query) is not None:
            return tap.from_user if tap.message is not None and self._may(tap.from_user, tap.message.chat) else None
        message = update.message
        if message is None or message.from_user is None or _passed_on(message):
            return None
        return message.from_user if self._may(message.from_user, message.chat) else None

    def _may(self, user: User, chat: Chat) -> bool:
        return chat.id == self.chat_id and not user.is_bot and (not self.users or user.id in self.users)


def _passed_on(message: Message) -> bool:
    """Somebody else's words, or a channel's: forwarded, through another bot, or in the name of a chat."""
    return any(each is not None for each in (message.forward_origin, message.via_bot, message.sender_chat))


def actor_of(user: User) -> Actor:
    """Shown by `@name` where the person has one; told apart by the id, which nobody can change."""
    name = f"@{user.username}" if user.username else str(user.id)
    return Actor(via="telegram", name=name, identity=f"telegram:{user.id}")
