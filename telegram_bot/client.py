"""The Bot API as the rest of this package sees it: paced, every failure a DeliveryFailed, and no token in anything it says."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

import httpx
from telegram import Bot, ForceReply, InlineKeyboardMarkup, InputFile, LinkPreviewOptions, ReplyParameters, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError

from core.errors import DeliveryFailed, InvalidInput
from telegram_bot.health import Health
from telegram_bot.pace import Pace, rate_of
from telegram_bot.requests import FloodWait, Requests, UpdateRequests
from telegram_bot.secrecy import TokenFilter
from telegram_bot.text import Text, cut

log = logging.getLogger(__name__)
API_BASE = "https://api.telegram.org"
ALERT_CHARS = 200
LONGEST_PAUSE_S = 3600.0
SENDING = "sending"
WANTED_UPDATES = ("message", "callback_query")


class Fault(StrEnum):
    """The field `kind` of what this client raises."""

    NETWORK = "network"
    FLOOD = "flood"
    TOKEN = "token"  # noqa: S105  # the word for a fault, not a token
    CHAT = "chat"
    POLLER = "poller"
    REFUSED = "refused"


@dataclass(frozen=True)
class Account:
    """Which bot, which chat, and how to get there. `proxy` is http://, https:// or socks5:// with host and port."""

    token: str = field(repr=False)
    chat_id: int
    api_base: str = API_BASE
    proxy: str | None = field(default=None, repr=False)
    timeout_s: float = 20.0


@dataclass(frozen=True)
class Me:
    """The bot itself."""

    user_id: int
    username: str


class TelegramClient:
    """Speaks with one bot's account and sends to one chat."""

    def __init__(self, account: Account, pace: Pace | None = None) -> None:
        """Raises InvalidInput when token, address or proxy cannot be used; none is repeated in the message."""
        self.chat_id = account.chat_id
        self.health = Health()
        self.pace = pace or Pace(rate_of(account.chat_id))
        if not account.token.strip():
            raise InvalidInput("TELEGRAM_BOT_TOKEN is empty: @BotFather gives one", field="TELEGRAM_BOT_TOKEN")
        if not account.api_base.startswith(("http://", "https://")):
            raise InvalidInput("TELEGRAM_API_BASE must be an http:// or https:// address", field="TELEGRAM_API_BASE")
        self._secrecy = TokenFilter(account.token)
        self._timeout_s = account.timeout_s
        base = account.api_base.rstrip("/")
        try:
            self._requests = (
                UpdateRequests(connections=1, timeout_s=account.timeout_s, proxy=account.proxy),
                Requests(connections=16, timeout_s=account.timeout_s, proxy=account.proxy),
            )
        except (ValueError, httpx.InvalidURL):
            raise InvalidInput(
                "TELEGRAM_PROXY must be http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT",
                field="TELEGRAM_PROXY",
            ) from None
        self._secrecy.install()
        self._bot = Bot(
            account.token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            get_updates_request=self._requests[0],
            request=self._requests[1],
        )

    async def send(
        self,
        text: Text,
        *,
        keyboard: InlineKeyboardMarkup | ForceReply | None = None,
        reply_to: int | None = None,
        silent: bool = False,
    ) -> int:
        """The message's id. Raises DeliveryFailed."""
        await self.pace.turn()
        async with self._told(sending=True):
            message = await self._bot.send_message(
                self.chat_id,
                text.markup,
                parse_mode=ParseMode.MARKDOWN_V2,
                reply_markup=keyboard,
                reply_parameters=_reply(reply_to),
                disable_notification=silent,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
            return message.message_id

    async def send_document(self, name: str, content: bytes, caption: Text) -> int:
        """A file with a caption. Raises DeliveryFailed."""
        await self.pace.turn()
        async with self._told(sending=True):
            message = await self._bot.send_document(
                self.chat_id,
                InputFile(content, filename=name),
                caption=caption.markup,
                parse_mode=ParseMode.MARKDOWN_V2,
                disable_content_type_detection=True,
            )
            return message.message_id

    async def edit(
        self,
        message_id: int,
        text: Text,
        *,
        keyboard: InlineKeyboardMarkup | None = None,
        paced: bool = True,
    ) -> bool:
        """Change text and buttons; False when there is no such message to change any more. Raises DeliveryFailed.

        Not `paced` when the caller has taken its turn itself.
        """
        if paced:
            await self.pace.turn()
        async with self._told(sending=True):
            try:
                await self._bot.edit_message_text(
                    text.markup,
                    self.chat_id,
                    message_id,
                    parse_mode=ParseMode.MARKDOWN_V2,
                    reply_markup=keyboard,
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                )
            except BadRequest as error:
                said = error.message.lower()
                if "not modified" in said:
                    return True
                if any(
                    words in said for words in ("message to edit not found", "can't be edited", "message_id_invalid")
                ):
                    return False
                raise
            return True

    async def take_buttons(self, message_id: int) -> None:
        """Leave a message without its buttons; not paced, because somebody has just tapped one. Raises DeliveryFailed."""
        async with self._told():
            await self._bot.edit_message_reply_markup(self.chat_id, message_id, reply_markup=None)

    async def answer(self, callback_id: str, text: str, *, alert: bool = False) -> None:
        """End the waiting at a tapped button, with a short text. Raises DeliveryFailed."""
        async with self._told():
            await self._bot.answer_callback_query(callback_id, cut(text, ALERT_CHARS), show_alert=alert)

    async def me(self) -> Me:
        """Who the token belongs to. Raises DeliveryFailed."""
        async with self._told():
            user = await self._bot.get_me()
            return Me(user.id, user.username or "")

    async def begin_polling(self) -> None:
        """A webhook that was set for this bot would keep updates from us. Raises DeliveryFailed."""
        async with self._told():
            await self._bot.delete_webhook()

    async def updates(self, offset: int | None, wait_s: float, limit: int = 100) -> Sequence[Update]:
        """What came in from `offset` on, which confirms everything before it. Raises DeliveryFailed."""
        async with self._told():
            return await self._bot.get_updates(
                offset, limit, timeout=int(wait_s), allowed_updates=WANTED_UPDATES, read_timeout=self._timeout_s
            )

    async def close(self) -> None:
        await asyncio.gather(*(requests.shutdown() for requests in self._requests))
        self._secrecy.remove()

    @asynccontextmanager
    async def _told(self, *, sending: bool = False) -> AsyncIterator[None]:
        """What the library raises as DeliveryFailed; without its cause, whose text may have the token."""
        try:
            yield
            if sending:
                self.health.fine(SENDING)
        except FloodWait as flood:
            wait_s = min(flood.retry_after_s, LONGEST_PAUSE_S)
            self.pace.pause(wait_s)
            raise DeliveryFailed(
                f"Telegram asks to wait {wait_s:g} s", kind=Fault.FLOOD, retry_after_s=wait_s
            ) from None
        except TelegramError as error:
            failure = self._failure(error)
            if sending and failure.fields["kind"] in (Fault.CHAT, Fault.TOKEN, Fault.NETWORK):
                self.health.wrong(SENDING, str(failure))
            raise failure from None

    def _failure(self, error: TelegramError) -> DeliveryFailed:
        said = self._secrecy.hide(error.message)
        match error:
            case InvalidToken():
                text = (
                    "Telegram refused the token: set TELEGRAM_BOT_TOKEN to the one that @BotFather shows for this bot"
                )
                return DeliveryFailed(text, kind=Fault.TOKEN)
            case Forbidden():
                text = f"the bot may not write to chat {self.chat_id} ({said}): start or unblock it there, or add it to the group"
                return DeliveryFailed(text, kind=Fault.CHAT)
            case ChatMigrated():
                text = f"the group became a supergroup: set TELEGRAM_CHAT_ID={error.new_chat_id} and start again"
                return DeliveryFailed(text, kind=Fault.CHAT)
            case BadRequest() if "chat not found" in said.lower():
                text = f"Telegram knows no chat {self.chat_id} of this bot: write to the bot there once, or mend TELEGRAM_CHAT_ID"
                return DeliveryFailed(text, kind=Fault.CHAT)
            case BadRequest():
                return DeliveryFailed(f"Telegram refused the message: {said}", kind=Fault.REFUSED, final=True)
            case Conflict():
                text = (
                    "another process reads this bot's updates: stop it, or make a bot for each service with @BotFather"
                )
                return DeliveryFailed(text, kind=Fault.POLLER)
            case NetworkError() if "too large" in said.lower():
                return DeliveryFailed(f"Telegram refused the message: {said}", kind=Fault.REFUSED, final=True)
            case NetworkError():
                return DeliveryFailed(f"Telegram could not be reached: {said}", kind=Fault.NETWORK)
            case _:
                return DeliveryFailed(f"Telegram answered what cannot be read: {said}", kind=Fault.NETWORK)


def _reply(message_id: int | None) -> ReplyParameters | None:
    return None if message_id is None else ReplyParameters(message_id, allow_sending_without_reply=True)
