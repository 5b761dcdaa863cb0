"""Free-text replies are read by what they say as a whole, in every kind of question."""

import pytest

from core.types import JsonObject
from llm.offline.money import read_money
from llm.offline.replies import read_reply

APPROVAL: JsonObject = {"kind": "approval", "prompt": "Ship it?", "budget_usd": 0.5, "spent_usd": 0.1}
BUDGET: JsonObject = {"kind": "budget", "prompt": "The cap is reached.", "budget_usd": 0.5, "spent_usd": 0.5}
ESCALATION: JsonObject = {"kind": "escalation", "prompt": "No progress.", "budget_usd": 0.5, "spent_usd": 0.1}


@pytest.mark.parametrize(
    "text",
    [
        "looks great, ship it", "ship it", "Ship it!", "SHIP IT", "LGTM 👍", "lgtm", "yes please", "yes", "y", "ok",
        "okay, go ahead", "go ahead", "approved", "I approve", "Approve this please", "perfect, thanks",
        "looks good to me", "Looks good!", "all good, merge it", "great work, publish it", "sure, why not",
        "no objections, ship it", "nothing to change", "I love it", "👍", "✅ 🚀", "do it", "not bad, ship it",
        "don't change a thing, ship it", "I can't see any problems. Approved.", "Yep, that's exactly what I wanted",
        "good to go", "fine by me", "let's ship it", "release it", "make it so", "thank you, this is perfect",
        "it looks very nice, go for it", "everything works for me", "I'm happy with it",
    ],
)  # fmt: skip
def test_an_acceptance_of_the_whole_is_an_approval(text: str) -> None:
    assert read_reply(text, APPROVAL).action == "approve"


@pytest.mark.parametrize(
    "text",
    [
        "the search endpoint returns too many results", "don't ship it yet, the title should be optional",
        "ship it but rename the title field to headline", "looks great, but please add a due date",
        "Add a priority field", "can you make the description optional?", "could you sort the list by date?",
        "almost there: the login page is missing a link", "I would like the colours to be darker",
        "ship it once the title is optional", "if the tests pass, ship it",
        "approved, except for the typo in the title", "no, the price should be required",
        "not approved, the email must be unique", "remove the notes field", "the list is too long",
        "yes, and add an export to CSV", "the search is slow", "LGTM but the name should be unique",
        "I don't like the name field, call it title", "wait, the due date is missing",
        "not good enough: search does not work", "users should only see their own posts",
        "it would be great if posts had tags", "Please use 10 results per page instead of 20",
        "ship it after you add tags", "ok but limit the list to 10", "the book's isbn should not be required",
    ],
)  # fmt: skip
def test_a_wish_a_condition_or_an_objection_is_a_change(text: str) -> None:
    reply = read_reply(text, APPROVAL)
    assert (reply.action, reply.message) == ("changes", text)


@pytest.mark.parametrize(
    "text",
    [
        "abort", "stop", "cancel it", "please cancel this task", "stop everything", "forget it", "never mind", "kill it",
        "scrap it", "I don't want it anymore", "give up",
    ],
)  # fmt: skip
@pytest.mark.parametrize("question", [APPROVAL, BUDGET, ESCALATION])
def test_an_end_is_an_abort_at_every_question(text: str, question: JsonObject) -> None:
    assert read_reply(text, question).action == "abort"


@pytest.mark.parametrize(
    "text",
    [
        "what is this?", "hmm", "no", "not approved", "nope", "don't ship it", "not yet", "wait", "maybe",
        "why is there a login?", "banana", "🤷", "?", "...", "sieht gut aus, weiter so", "c'est parfait",
        "set the budget to $2", "another dollar", "how does the search work?", "is it tested?", "hold on",
    ],
)  # fmt: skip
def test_what_decides_nothing_is_unclear_and_asks_back(text: str) -> None:
    reply = read_reply(text, APPROVAL)
    assert reply.action == "unclear"
    assert reply.message


@pytest.mark.parametrize(
    ("text", "cap"),
    [
        ("give it another dollar", 1.5), ("set budget to $2", 2.0), ("a dollar fifty", 1.5), ("$3", 3.0),
        ("raise it to 5 dollars", 5.0), ("make it two dollars", 2.0), ("fifty cents more", 1.0), ("add 50 cents", 1.0),
        ("another 25 cents", 0.75), ("set the cap to 1.25", 1.25), ("30 cents", 0.8), ("$0.50", 1.0),
        ("two fifty", 2.5), ("ok, $1.75", 1.75),
        ("increase it by $0.50", 1.0), ("raise the budget by two dollars", 2.5), ("double it", 1.0), ("a buck", 1.0),
        ("five bucks please", 5.0), ("2 USD", 2.0), ("a dollar and a half", 1.5), ("one dollar and twenty cents", 1.2),
        ("twenty dollars", 20.0), ("yes, another dollar please", 1.5), ("up to 3", 3.0), ("+1 dollar", 1.5),
        ("give it one more dollar", 1.5), ("don't stop, set the budget to $4", 4.0), ("half a dollar more", 1.0),
        ("USD 10", 10.0), ("no more than $2", 2.0), ("a couple of dollars", 2.0), ("$1,000", 1000.0),
    ],
)  # fmt: skip
def test_money_becomes_the_new_cap(text: str, cap: float) -> None:
    reply = read_reply(text, BUDGET)
    assert reply.action == "raise_budget"
    assert reply.budget_usd == pytest.approx(cap)


@pytest.mark.parametrize(
    "text",
    ["yes", "ok go ahead", "ship it", "more", "as much as you need", "what did it cost?", "lots"],
)
def test_a_budget_reply_without_a_usable_amount_is_unclear(text: str) -> None:
    reply = read_reply(text, BUDGET)
    assert reply.action == "unclear"
    assert reply.message


@pytest.mark.parametrize("text", ["no", "no more money", "don't raise it", "not worth it", "nope"])
def test_no_to_more_money_ends_the_task(text: str) -> None:
    assert read_reply(text, BUDGET).action == "abort"


@pytest.mark.parametrize(
    ("text", "action", "message"),
    [
        ("try again", "retry", ""), ("retry", "retry", ""), ("one more round please", "retry", ""),
        ("keep going", "retry", ""), ("continue", "retry", ""),
        ("retry with simpler queries", "retry", "retry with simpler queries"), ("accept it as it is", "approve", ""),
        ("ship it anyway", "approve", ""), ("good enough, ship it", "approve", ""),
        ("drop the search, it is not needed", "changes", "drop the search, it is not needed"),
        ("the title should be optional", "changes", "the title should be optional"),
        ("what went wrong?", "unclear", None), ("yes", "unclear", None), ("hmm", "unclear", None),
    ],
)  # fmt: skip
def test_an_escalation_is_answered_in_four_ways(text: str, action: str, message: str | None) -> None:
    reply = read_reply(text, ESCALATION)
    assert reply.action == action
    assert message is None or reply.message == message


@pytest.mark.parametrize("text", ["ship it", "20 percent", "the list shows 20 results", ""])
def test_text_without_money_names_no_amount(text: str) -> None:
    assert read_money(text) is None
