"""Reads what a person answers to a question: what the clauses of the reply accept, refuse or wish for."""

import re
from dataclasses import dataclass
from typing import Literal

from core.types import JsonObject
from llm.offline.money import Money, read_money
from llm.offline.reply_signals import Signals, as_read, bare_retry, has_condition, phrase, read_signals

Action = Literal["approve", "changes", "raise_budget", "retry", "abort", "unclear"]


@dataclass(frozen=True)
class Reply:
    """A decision in the making; `message` is the wish, or for `unclear` what has to be known."""

    action: Action
    message: str = ""
    budget_usd: float | None = None

    def as_json(self) -> JsonObject:
        return {"action": self.action, "message": self.message, "budget_usd": self.budget_usd}


def read_reply(text: str, question: JsonObject) -> Reply:
    """Read a reply to a question of kind approval, budget or escalation."""
    said = " ".join(text.split())
    signals = read_signals(said)
    kind = str(question.get("kind", "approval"))
    if signals.to_the_service:
        return Reply(
            "unclear",
            f"This reads like an instruction to the service, not like an answer. {_unclear(kind, signals).message}",
        )
    if kind == "budget":
        return _budget_reply(said, signals, question)
    if kind == "escalation":
        return _escalation_reply(said, signals)
    return _approval_reply(said, signals)


def _approval_reply(text: str, signals: Signals) -> Reply:
    if signals.aborts and not signals.wishes and not signals.approves:
        return Reply("abort")
    if not signals.approves and (signals.asks or _is_about_money(text, signals)):
        return _unclear("approval", signals)
    if (
        signals.wishes
        or (signals.approves and signals.objects and not signals.refuses)
        or (signals.approves and signals.conditional and not signals.refuses and has_condition(text))
    ):
        return Reply("changes", text)
    if signals.approves and not signals.refuses:
        return Reply("approve")
    return _unclear("approval", signals)


def _is_about_money(text: str, signals: Signals) -> bool:
    lowered = text.lower()
    named = "$" in lowered or phrase("about_the_budget").search(lowered) is not None
    return signals.money is not None and named and phrase("about_a_price").search(lowered) is None


def _escalation_reply(text: str, signals: Signals) -> Reply:
    if signals.aborts and not signals.wishes and not signals.retries:
        return Reply("abort")
    if signals.retries:
        return Reply("retry", "" if bare_retry(text) else text)
    if signals.asks and not signals.approves:
        return _unclear("escalation", signals)
    if signals.wishes and not (signals.accepts_as_is and "anyway" in text.lower()):
        return Reply("changes", text)
    if signals.accepts_as_is and not signals.refuses:
        return Reply("approve")
    return _unclear("escalation", signals)


def _budget_reply(text: str, signals: Signals, question: JsonObject) -> Reply:
    cap, spent = _number(question.get("budget_usd")), _number(question.get("spent_usd"))
    refuses_more = phrase("no_more_money").search(text.lower()) is not None
    ends_first = signals.aborts and re.match(r"(?:please )?(?:abort|cancel|stop|quit)\b", text.lower()) is not None
    rest = phrase("no_more_money").sub(" ", as_read(text))
    nothing_left = re.search(r"\d", rest) is None and read_money(rest) is None
    names_none = nothing_left if refuses_more else signals.money is None
    if ends_first or ((signals.aborts or refuses_more) and names_none):
        return Reply("abort")
    money = signals.money
    only_asks = signals.asks and not re.match(r"(?:what|how) about\b", text.lower())
    spoken_of = only_asks or phrase("not_given").search(text.lower()) is not None
    if money is not None and not refuses_more and not spoken_of:
        return _raised(money, cap, spent)
    if _may_go_on(question) and (signals.retries or signals.approves) and not (signals.refuses or only_asks or money):
        return Reply("retry")
    plain_refusal = signals.refuses and not signals.approves and not signals.wishes and not signals.unsure
    if plain_refusal and not re.match(r"(?:wait|hold)\b", text.lower()):
        return Reply("abort")
    if _may_go_on(question):
        return Reply("unclear", 'Shall it "go on", may more be spent ("set the budget to $20"), or shall it "abort"?')
    return _unclear("budget", signals)


def _may_go_on(question: JsonObject) -> bool:
    """Whether the question can be answered without more money: a new day has begun, or a price will do."""
    actions = question.get("actions")
    return isinstance(actions, list) and "retry" in actions


def _raised(money: Money, cap: float, spent: float) -> Reply:
    """A bare amount (`a dollar fifty`) is the new cap; where that would be no more than now, it comes on top."""
    new = {"set": money.amount, "add": cap + money.amount, "times": cap * money.amount}[money.mode]
    if money.bare and new <= max(cap, spent):
        new = cap + money.amount
    new = round(new, 2)
    if new <= max(cap, spent):
        return Reply(
            "unclear",
            f"The cap is ${cap:.2f} and ${spent:.2f} are spent; ${new:.2f} would not be more. What shall the new cap be?",
        )
    if new > 1_000_000:
        return Reply("unclear", "A cap may be at most $1,000,000. What shall the new cap be?")
    return Reply("raise_budget", "", new)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _unclear(kind: str, signals: Signals) -> Reply:
    if kind == "budget":
        return Reply(
            "unclear",
            'How much may be spent in all? Say for example "set the budget to $2" or "another dollar", or "abort".',
        )
    if kind == "escalation":
        return Reply("unclear", "Shall it try again, change something (say what), accept the work as it is, or abort?")
    if signals.money is not None:
        return Reply(
            "unclear",
            "The question is whether the work is accepted, not its budget. Approve it, say what shall change, or abort.",
        )
    if signals.refuses:
        return Reply("unclear", 'What shall be different? Describe the change, or say "abort" to end the task.')
    return Reply("unclear", 'Approve the work ("ship it"), describe what shall change, or say "abort".')
