"""What the service holds of one bot: its chats, their messages, and what the bot may and may not send there."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.wire.telegram.forms import Form, Refused, bad
from tests.wire.telegram.markdown_v2 import CannotParse, Entity, parse, utf16, visible

MESSAGE, CAPTION, ALERT = 4096, 1024, 200
BUTTON_DATA, BUTTONS = 64, 100
OLD_QUERY = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)


@dataclass
class Message:
    """One message in a chat. `buttons` are rows of (label, data)."""

    message_id: int
    chat_id: int
    sender: dict[str, Any]
    text: str
    entities: Sequence[Entity] = ()
    buttons: list[list[tuple[str, str]]] = field(default_factory=list)
    reply_to: int | None = None
    forced: bool = False
    silent: bool = False
    document: tuple[str, bytes] | None = None
    at: float = 0.0
    edits: int = 0

    @property
    def labels(self) -> list[str]:
        return [label for row in self.buttons for label, _ in row]


class Chats:
    def __init__(self, bot: dict[str, Any], chats: dict[int, str]) -> None:
        self.bot = bot
        self.kinds = dict(chats)
        self.messages: list[Message] = []
        self.blocked: dict[int, str] = {}
        self.moved: dict[int, int] = {}
        self.queries: dict[str, str | None] = {}
        self.alerts: list[str] = []

    def find(self, chat_id: int, message_id: int) -> Message | None:
        return next((each for each in self.messages if (each.chat_id, each.message_id) == (chat_id, message_id)), None)

    def chat(self, form: Form) -> int:
        chat_id = form.number("chat_id")
        if chat_id in self.moved:
            moved = self.moved[chat_id]
            raise Refused(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=moved)
        if chat_id not in self.kinds:
            raise bad("chat not found")
        if chat_id in self.blocked:
            raise Refused(403, f"Forbidden: {self.blocked[chat_id]}")
        return chat_id

    def add(self, message: Message) -> Message:
        message.at = time.monotonic()
        self.messages.append(message)
        return message

    def number(self) -> int:
        return len(self.messages) + 1

    def send_message(self, form: Form) -> dict[str, Any]:
        chat_id = self.chat(form)
        text, entities = _text(form, "text", MESSAGE, "message is too long")
        if not text:
            raise bad("message text is empty")
        return self.json(self._sent(form, chat_id, text, entities))

    def send_document(self, form: Form) -> dict[str, Any]:
        chat_id = self.chat(form)
        text, entities = _text(form, "caption", CAPTION, "message caption is too long")
        given = form.text("document").removeprefix("attach://")
        if given not in form.files and "document" not in form.files:
            raise bad("there is no document in the request")
        document = form.files.get(given) or form.files["document"]
        if not document[1]:
            raise bad("file must be non-empty")
        message = self._sent(form, chat_id, text, entities)
        message.document = document
        return self.json(message)

    def _sent(self, form: Form, chat_id: int, text: str, entities: Sequence[Entity]) -> Message:
        reply = form.json("reply_parameters") or {}
        reply_to = reply.get("message_id")
        if reply_to is not None and self.find(chat_id, reply_to) is None:
            if not reply.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
            reply_to = None
        markup = form.json("reply_markup") or {}
        message = Message(self.number(), chat_id, self.bot, text, entities, _buttons(markup), reply_to)
        message.forced = bool(markup.get("force_reply"))
        message.silent = form.text("disable_notification") in ("true", "True")
        return self.add(message)

    def _own(self, form: Form) -> Message:
        message = self.find(self.chat(form), form.number("message_id"))
        if message is None:
            raise bad("message to edit not found")
        if message.sender is not self.bot:
            raise bad("message can't be edited")
        return message

    def edit_message_text(self, form: Form) -> dict[str, Any]:
        message = self._own(form)
        text, entities = _text(form, "text", MESSAGE, "MESSAGE_TOO_LONG")
        if not text:
            raise bad("message text is empty")
        return self._edited(message, text, entities, _buttons(form.json("reply_markup") or {}))

    def edit_message_reply_markup(self, form: Form) -> dict[str, Any]:
        message = self._own(form)
        return self._edited(message, message.text, message.entities, _buttons(form.json("reply_markup") or {}))

    def _edited(
        self, message: Message, text: str, entities: Sequence[Entity], buttons: list[list[tuple[str, str]]]
    ) -> dict[str, Any]:
        if (message.text, tuple(message.entities), message.buttons) == (text, tuple(entities), buttons):
            raise bad(NOT_MODIFIED)
        message.text, message.entities, message.buttons = text, entities, buttons
        message.edits += 1
        message.at = time.monotonic()
        return self.json(message)

    def answer_callback_query(self, form: Form) -> bool:
        query = form.text("callback_query_id")
        if query not in self.queries or self.queries[query] is not None:
            raise bad(OLD_QUERY)
        if len(form.text("text")) > ALERT:
            raise bad("MESSAGE_TOO_LONG")
        self.queries[query] = form.text("text")
        if form.text("show_alert") in ("true", "True"):
            self.alerts.append(form.text("text"))
        return True

    def json(self, message: Message, *, nested: bool = True) -> dict[str, Any]:
        kind = self.kinds.get(message.chat_id, "private")
        found: dict[str, Any] = {
            "message_id": message.message_id,
            "date": 1_760_000_000 + message.message_id,
            "chat": {"id": message.chat_id, "type": kind, **({"title": "room"} if kind != "private" else {})},
            "from": message.sender,
        }
        if message.document is None:
            found["text"] = message.text
        else:
            name, content = message.document
            found["document"] = {
                "file_id": "f", "file_unique_id": "u", "file_name": name, "file_size": len(content)
            }  # fmt: skip
            found["caption"] = message.text
        if message.buttons:
            rows = [[{"text": label, "callback_data": data} for label, data in row] for row in message.buttons]
            found["reply_markup"] = {"inline_keyboard": rows}
        replied = self.find(message.chat_id, message.reply_to) if message.reply_to else None
        if replied is not None and nested:
            found["reply_to_message"] = self.json(replied, nested=False)
        return found


def _text(form: Form, name: str, limit: int, too_long: str) -> tuple[str, Sequence[Entity]]:
    raw, mode = form.text(name), form.text("parse_mode")
    try:
        raw.encode()
    except UnicodeEncodeError:
        raise bad("strings must be encoded in UTF-8") from None
    entities: Sequence[Entity] = ()
    if mode == "MarkdownV2":
        try:
            raw, entities = parse(raw)
        except CannotParse as error:
            raise bad(f"can't parse entities: {error}") from None
    elif mode:
        raise bad("unsupported parse_mode")
    text = visible(raw)
    if utf16(text) > limit:
        raise bad(too_long)
    return text, entities


def _buttons(markup: dict[str, Any]) -> list[list[tuple[str, str]]]:
    rows = [[_button(each) for each in row] for row in markup.get("inline_keyboard", [])]
    if sum(len(row) for row in rows) > BUTTONS:
        raise bad("REPLY_MARKUP_TOO_LONG")
    return rows


def _button(given: dict[str, Any]) -> tuple[str, str]:
    label, data = given.get("text", ""), given.get("callback_data", "")
    if not label.strip():
        raise bad("can't parse inline keyboard button: text must be non-empty")
    if not 1 <= len(data.encode()) <= BUTTON_DATA:
        raise bad("BUTTON_DATA_INVALID")
    return label, data
