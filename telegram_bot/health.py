"""How the chat is doing: said in the log once per change, and shown to whoever asks."""

import logging
from dataclasses import dataclass

log = logging.getLogger(__name__)
STARTING = "not connected yet"


@dataclass(frozen=True)
class BotState:
    """`reason` says what is wrong and how to mend it, empty when nothing is."""

    ok: bool
    reason: str = ""


class Health:
    """What is wrong, by part. The same trouble twice is one line in the log."""

    def __init__(self) -> None:
        self._wrong: dict[str, str] = {}

    def fine(self, part: str) -> None:
        if self._wrong.pop(part, None) is not None:
            log.info("Telegram, %s: works", part)

    def wrong(self, part: str, reason: str) -> None:
        if self._wrong.get(part) != reason:
            self._wrong[part] = reason
            log.log(logging.INFO if reason == STARTING else logging.WARNING, "Telegram, %s: %s", part, reason)

    def state(self) -> BotState:
        reasons = [f"{part}: {reason}" for part, reason in self._wrong.items()]
        return BotState(ok=not reasons, reason="; ".join(reasons))
