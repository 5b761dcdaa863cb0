"""The buttons below a message and the data that comes back with a tap, within Telegram's 64 bytes."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from core.questions import allowed_actions
from core.tasks import Action, Decision, Interrupt, InterruptKind
from core.types import Json
from telegram_bot.addressing import Address, address_of
from telegram_bot.text import one_line

MAX_DATA_BYTES = 64
LABEL_UNITS = 60
_DATA = re.compile(r"([a-z]{2}):([0-9A-Za-z]{1,32})(?::([0-9a-f]{10}):([0-9a-f]{0,8})(?::([0-9]{1,9}))?)?")


class Verb(StrEnum):
    """What a button means; two letters, because data is short."""

    APPROVE = "ap"
    FEEDBACK = "fb"
    HINT = "hi"
    RETRY = "re"
    RAISE = "rb"
    ABORT = "ab"
    DEMO = "de"
    PICK = "pi"
    CANCEL = "ca"
    KEEP = "ke"


DECIDING = {
    Verb.APPROVE: Action.APPROVE,
    Verb.RETRY: Action.RETRY,
    Verb.RAISE: Action.RAISE_BUDGET,
    Verb.ABORT: Action.ABORT,
}


MEANS = {**DECIDING, Verb.FEEDBACK: Action.CHANGES, Verb.HINT: Action.RETRY}
"""The action that a question must allow for a button to be there."""


@dataclass(frozen=True)
class Tap:
    """What came back: `digest` is the beginning of that of what was shown, `cents` an amount."""

    verb: Verb
    address: Address
    digest: str = ""
    cents: int | None = None

    def data(self) -> str:
        """As callback data. Raises ValueError when it does not fit."""
        parts = [self.verb.value, self.address.task_id]
        if self.address.question:
            parts += [self.address.question, self.digest]
        if self.cents is not None:
            parts.append(str(self.cents))
        data = ":".join(parts)
        if len(data.encode()) > MAX_DATA_BYTES:
            raise ValueError(f"{data!r} is longer than the {MAX_DATA_BYTES} bytes of callback data")
        return data

    def decision(self, interrupt: Interrupt) -> Decision:
        """Of a button that decides."""
        amount = None if self.cents is None else self.cents / 100
        return Decision(action=DECIDING[self.verb], budget_usd=amount, expected_digest=interrupt.digest)

    def is_about(self, interrupt: Interrupt) -> bool:
        """Whether what was shown is what is asked."""
        return interrupt.digest.startswith(self.digest)


def read_tap(data: str) -> Tap | None:
    """None when the data is not ours."""
    found = _DATA.fullmatch(data)
    if found is None or found[1] not in set(Verb):
        return None
    cents = int(found[5]) if found[5] else None
    return Tap(Verb(found[1]), Address(found[2], found[3] or ""), found[4] or "", cents)


def question_buttons(interrupt: Interrupt, *, demo: bool = False) -> InlineKeyboardMarkup:
    """What can be said to a question with one tap; `demo` when there is one to restart."""
    address, digest, allowed = address_of(interrupt), interrupt.digest[:8], allowed_actions(interrupt)

    def button(label: str, verb: Verb, cents: int | None = None) -> Sequence[InlineKeyboardButton]:
        means = MEANS.get(verb)
        return [_button(label, Tap(verb, address, digest, cents))] if means is None or means in allowed else []

    rows: list[list[InlineKeyboardButton]] = []
    match interrupt.kind:
        case InterruptKind.APPROVAL:
            rows += [[*button("Approve", Verb.APPROVE)], [*button("Give feedback", Verb.FEEDBACK)]]
        case InterruptKind.ESCALATION:
            rows.append([*button("Retry", Verb.RETRY), *button("Retry with a hint", Verb.HINT)])
            rows.append([*button("Accept as it is", Verb.APPROVE), *button("Give feedback", Verb.FEEDBACK)])
            rows.append([*button("Abort", Verb.ABORT)])
        case InterruptKind.BUDGET:
            suggested = suggested_cents(interrupt.payload)
            rows += [[*button(f"Raise to ${cents / 100:.2f}", Verb.RAISE, cents)] for cents in suggested]
            rows += [[*button("Go on", Verb.RETRY)], [*button("Abort", Verb.ABORT)]]
    if demo:
        rows.append([*button("Restart demo", Verb.DEMO)])
    return InlineKeyboardMarkup([row for row in rows if row])


def suggested_cents(payload: dict[str, Json]) -> Sequence[int]:
    """Up to three new caps in US cents: the least that lets it go on, what it may take to the end, the double."""
    cap, needed = _number(payload.get("cap_usd")), _number(payload.get("needed_usd"))
    taken = _number(payload.get("spent_usd")) + _number(payload.get("reserved_usd")) + _number(payload.get("kept_usd"))
    rest = payload.get("rest")
    usd = rest.get("usd") if isinstance(rest, dict) else None
    to_the_end = taken + _number(usd.get("high")) if isinstance(usd, dict) else 0.0
    least = max(cap, taken + needed) * 1.05
    wanted = {_round_up(amount) for amount in (least, max(least, to_the_end * 1.1), max(least, cap * 2))}
    return sorted(cents for cents in wanted if cents > cap * 100)[:3]


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def _round_up(usd: float) -> int:
    """To cents that read well: 5 below a dollar, 25 below ten, whole dollars, ten dollars above a hundred."""
    step = 5 if usd < 1 else 25 if usd < 10 else 100 if usd < 100 else 1000
    return min(max(step, math.ceil(usd * 100 / step) * step), 100_000_000)


def pick_buttons(titled: Sequence[tuple[str, Interrupt]]) -> InlineKeyboardMarkup:
    """One row per question that an unaddressed text may be for."""
    return InlineKeyboardMarkup(
        [[_button(title, Tap(Verb.PICK, address_of(each), each.digest[:8]))] for title, each in titled]
    )


def cancel_buttons(task_id: str) -> InlineKeyboardMarkup:
    address = Address(task_id)
    return InlineKeyboardMarkup(
        [[_button("Cancel it", Tap(Verb.CANCEL, address)), _button("Keep it", Tap(Verb.KEEP, address))]]
    )


def _button(label: str, tap: Tap) -> InlineKeyboardButton:
    return InlineKeyboardButton(one_line(label, LABEL_UNITS), callback_data=tap.data())
