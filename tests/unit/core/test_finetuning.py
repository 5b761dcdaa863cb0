"""Formats of examples: what is written is what each asks for, and what is not is named."""

import json
from typing import Any

import pytest

from core.finetuning import FEWEST, Format, check_file, document_of, problem_with
from core.models import Message

SYSTEM, ASKED, BAD, AGAIN, GOOD = (
    Message(role="system", content="You plan"),
    Message(role="user", content="Plan a list"),
    Message(role="assistant", content="{"),
    Message(role="user", content="That is no JSON"),
    Message(role="assistant", content="{}"),
)
TALK = (SYSTEM, ASKED, BAD, AGAIN, GOOD)


def test_each_format_says_the_same_in_its_own_words() -> None:
    assert document_of(Format.OPENAI, TALK) == {
        "messages": [
            {"role": "system", "content": "You plan"},
            {"role": "user", "content": "Plan a list"},
            {"role": "assistant", "content": "{", "weight": 0},
            {"role": "user", "content": "That is no JSON"},
            {"role": "assistant", "content": "{}"},
        ]
    }
    assert document_of(Format.ANTHROPIC, TALK) == {
        "system": "You plan",
        "messages": [{"role": each.role, "content": each.content} for each in TALK[1:]],
    }
    shared = document_of(Format.SHAREGPT, TALK)["conversations"]
    assert isinstance(shared, list)
    assert [turn["from"] for turn in shared if isinstance(turn, dict)] == ["system", "human", "gpt", "human", "gpt"]


@pytest.mark.parametrize("wanted", Format)
@pytest.mark.parametrize("messages", [TALK, TALK[1:], (ASKED, GOOD)])
def test_what_is_written_is_what_a_trainer_takes(wanted: Format, messages: tuple[Message, ...]) -> None:
    assert problem_with(wanted, document_of(wanted, messages)) == ""


def turns(*said: tuple[str, Any], **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": content} for role, content in said], **more}


def shared(*said: tuple[str, str]) -> dict[str, Any]:
    return {"conversations": [{"from": who, "value": text} for who, text in said]}


U, A, S = ("user", "q"), ("assistant", "a"), ("system", "s")
WRONG: list[tuple[Format, Any, str]] = [
    (Format.OPENAI, [], "no object"),
    (Format.OPENAI, {}, "no list messages"),
    (Format.OPENAI, turns(U, A, extra=1), "unknown field extra"),
    (Format.OPENAI, turns(U, ("assistant", " ")), "message 2 has no text"),
    (Format.OPENAI, turns(U, ("assistant", None)), "message 2 has no text"),
    (Format.OPENAI, turns(U, A, U), "the last message is not the assistant's"),
    (Format.OPENAI, turns(S, A), "no message of a user"),
    (Format.OPENAI, turns(U, S, A), "a system message that is not the first"),
    (Format.OPENAI, turns(("narrator", "x"), U, A), "unknown role narrator"),
    (Format.OPENAI, {"messages": [{"role": "user", "content": "q", "weight": 1}, {"role": "assistant", "content": "a"}]},
     "a weight on a message that is not the assistant's"),
    (Format.OPENAI, {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "weight": 0.5}]},
     "a weight that is neither 0 nor 1"),
    (Format.OPENAI, {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "weight": 0}]},
     "the last message has weight 0"),
    (Format.OPENAI, turns(U, ("assistant", "a" * 262_144)), "65,536 is the most"),
    (Format.ANTHROPIC, turns(S, U, A), "user and assistant do not alternate"),
    (Format.ANTHROPIC, turns(A, U), "do not alternate at message 1"),
    (Format.ANTHROPIC, turns(U, U, A, A), "do not alternate at message 2"),
    (Format.ANTHROPIC, turns(U), "does not end with assistant"),
    (Format.ANTHROPIC, turns(U, A, system=""), "system is no text, or empty"),
    (Format.ANTHROPIC, turns(("user", "x\n\nHuman: y"), A), "reserved"),
    (Format.ANTHROPIC, turns(U, ("assistant", "a" * 128_004)), "32,000 is the most"),
    (Format.ANTHROPIC, {"messages": [{"role": "user", "content": "q", "weight": 1}, {"role": "assistant", "content": "a"}]},
     "message 1 does not have role and content alone"),
    (Format.SHAREGPT, shared(("human", "q")), "does not end with gpt"),
    (Format.SHAREGPT, shared(("gpt", "a"), ("human", "q")), "do not alternate"),
    (Format.SHAREGPT, shared(("human", "q"), ("system", "s")), "do not alternate at message 2"),
    (Format.SHAREGPT, {"conversations": []}, "no list conversations"),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "document", "said"), WRONG)
def test_what_a_trainer_would_refuse_is_named(wanted: Format, document: Any, said: str) -> None:
    assert said in problem_with(wanted, document)


@pytest.mark.parametrize("wanted", Format)
def test_a_file_is_looked_at_line_by_line_and_as_a_whole(wanted: Format) -> None:
    line = json.dumps(document_of(wanted, TALK)).encode() + b"\n"
    enough = check_file(wanted, [line] * FEWEST[wanted], training=True)
    assert (enough.examples, enough.problems) == (FEWEST[wanted], ())
    few = check_file(wanted, [line, b"{oh\n", line], training=wanted is not Format.SHAREGPT)
    assert few.problems[0].startswith("line 2: no JSON")
    assert len(few.problems) == (1 if wanted is Format.SHAREGPT else 2)
    assert check_file(wanted, [line], training=False).problems == ()
    assert len(check_file(wanted, [b"x"] * 50, training=False).problems) == 20
