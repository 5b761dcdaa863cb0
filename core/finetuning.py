"""Formats in which models are taught by examples: how a conversation is written in each, and what each asks of a file.

openai: chat format of supervised fine-tuning, https://platform.openai.com/docs/guides/supervised-fine-tuning, with the checks
of https://github.com/openai/openai-cookbook/blob/main/examples/Chat_finetuning_data_prep.ipynb
anthropic: Claude on Amazon Bedrock, https://docs.aws.amazon.com/bedrock/latest/userguide/model-customization-prepare.html and
https://github.com/anthropics/anthropic-cookbook/blob/main/finetuning/finetuning_on_bedrock.ipynb
sharegpt: https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md and
https://docs.axolotl.ai/docs/dataset-formats/conversation.html
"""

import json
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Literal

from pydantic import Field

from core.models import Message
from core.types import AgentName, Json, JsonObject, Value

CHARS_PER_TOKEN = 4
"""A common estimate for English and code; what a trainer counts with its own tokenizer differs by some ten per cent."""
MAX_PROBLEMS = 20
RESERVED = ("\nHuman:", "\nAssistant:")
"""Bedrock refuses records of Claude that hold these."""


class Format(StrEnum):
    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    SHAREGPT = "sharegpt"


FEWEST: dict[Format, int] = {Format.OPENAI: 10, Format.ANTHROPIC: 32, Format.SHAREGPT: 1}
"""Examples that a training file has at least."""
MOST_TOKENS: dict[Format, int | None] = {Format.OPENAI: 65_536, Format.ANTHROPIC: 32_000, Format.SHAREGPT: None}
"""Of one example: longer ones are cut off (openai) or refused (anthropic). With sharegpt the trainer's own setting counts."""
Outcome = Literal["clean", "accepted", "all"]


class FinetuneRequest(Value):
    """Which calls become examples, and how they are written.

    clean: of completed tasks in which nothing that blocks came back to the agent. accepted: of completed tasks. all: whatever
    became of the task. `split` is the share of tasks that are for validation; the same `seed` gives the same tasks.
    """

    format: Format
    agent: AgentName | None = None
    outcome: Outcome = "clean"
    since: float | None = Field(default=None, ge=0, description="Unix time")
    split: float = Field(default=0.1, ge=0, le=0.5)
    seed: int = Field(default=0, ge=0, le=2**32)
    max_chars: int = Field(
        default=100_000, ge=100, le=4_000_000, description="of one example; longer ones are left out"
    )
    identity: bool = Field(default=True, description="whether the agent's identity stays in the prompt")


class FinetuneManifest(Value):
    """What a folder of examples holds. `left_out` says how many calls were not taken, by reason."""

    format: Format
    request: FinetuneRequest
    created_at: float
    read: int
    left_out: dict[str, int]
    train: int
    validation: int
    tokens_estimated: int


class FileCheck(Value):
    """What came of looking at a file: `problems` are the first of them, and name the line."""

    examples: int
    tokens_estimated: int
    problems: tuple[str, ...]


def document_of(wanted: Format, messages: Sequence[Message]) -> JsonObject:
    """A conversation, its last message being the answer to learn.

    Earlier answers are there because something was wrong with them: where a format can say so (openai), they are not learned.
    """
    match wanted:
        case Format.OPENAI:
            last = len(messages) - 1
            return {"messages": [_openai(message, final=place == last) for place, message in enumerate(messages)]}
        case Format.ANTHROPIC:
            system, rest = _apart(messages)
            turns: list[Json] = [{"role": each.role, "content": each.content} for each in rest]
            return {"system": system, "messages": turns} if system else {"messages": turns}
        case Format.SHAREGPT:
            names = {"system": "system", "user": "human", "assistant": "gpt"}
            return {"conversations": [{"from": names[each.role], "value": each.content} for each in messages]}


def _openai(message: Message, *, final: bool) -> JsonObject:
    shown: JsonObject = {"role": message.role, "content": message.content}
    return shown if final or message.role != "assistant" else {**shown, "weight": 0}


def _apart(messages: Sequence[Message]) -> tuple[str, Sequence[Message]]:
    """The system's text, and the turns."""
    if messages and messages[0].role == "system":
        return messages[0].content, messages[1:]
    return "", messages


def estimate_tokens(document: Json) -> int:
    """Of all texts in it."""
    return -(-_chars(document) // CHARS_PER_TOKEN)


def _chars(value: Json) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return sum(map(_chars, value))
    return sum(map(_chars, value.values())) if isinstance(value, dict) else 0


def check_file(wanted: Format, lines: Iterable[bytes], *, training: bool) -> FileCheck:
    """Whether a trainer of this format takes these lines."""
    examples = tokens = 0
    problems: list[str] = []
    for place, line in enumerate(lines, 1):
        examples += 1
        try:
            document = json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.append(f"line {place}: no JSON ({error})")
            continue
        tokens += estimate_tokens(document)
        if problem := problem_with(wanted, document):
            problems.append(f"line {place}: {problem}")
    if training and examples < FEWEST[wanted]:
        problems.append(f"{examples} examples, and {wanted} takes no fewer than {FEWEST[wanted]}")
    return FileCheck(examples=examples, tokens_estimated=tokens, problems=tuple(problems[:MAX_PROBLEMS]))


def problem_with(wanted: Format, document: Json) -> str:
    """Why a trainer of this format would not take this example as it is meant; empty when it would."""
    if not isinstance(document, dict):
        return "no object"
    match wanted:
        case Format.OPENAI:
            problem = _openai_problem(document)
        case Format.ANTHROPIC:
            problem = _anthropic_problem(document)
        case Format.SHAREGPT:
            problem = _sharegpt_problem(document)
    most, tokens = MOST_TOKENS[wanted], estimate_tokens(document)
    if not problem and most is not None and tokens > most:
        return f"about {tokens:,} tokens, and {most:,} is the most"
    return problem


def _openai_problem(document: JsonObject) -> str:
    if unknown := document.keys() - {"messages"}:
        return f"unknown field {min(unknown)}"
    turns, problem = _turns(document, "messages", "role", "content", frozenset({"weight"}))
    if problem:
        return problem
    roles = [str(turn["role"]) for turn in turns]
    if odd := set(roles) - {"system", "user", "assistant"}:
        return f"unknown role {min(odd)}"
    if "system" in roles[1:]:
        return "a system message that is not the first"
    if "user" not in roles:
        return "no message of a user"
    if roles[-1] != "assistant":
        return "the last message is not the assistant's"
    weights = [turn["weight"] for turn in turns if "weight" in turn]
    if any(type(weight) is not int or weight not in (0, 1) for weight in weights):
        return "a weight that is neither 0 nor 1"
    if any("weight" in turn and turn["role"] != "assistant" for turn in turns):
        return "a weight on a message that is not the assistant's"
    return "the last message has weight 0" if turns[-1].get("weight") == 0 else ""


def _anthropic_problem(document: JsonObject) -> str:
    if unknown := document.keys() - {"system", "messages"}:
        return f"unknown field {min(unknown)}"
    system = document.get("system", "x")
    if not isinstance(system, str) or not system:
        return "system is no text, or empty"
    turns, problem = _turns(document, "messages", "role", "content", frozenset())
    if problem := problem or _alternation([str(turn["role"]) for turn in turns], "user", "assistant"):
        return problem
    texts = [system, *(str(turn["content"]) for turn in turns)]
    held = next((word for word in RESERVED if any(word in text for text in texts)), None)
    return f"holds {held!r}, which is reserved" if held else ""


def _sharegpt_problem(document: JsonObject) -> str:
    turns, problem = _turns(document, "conversations", "from", "value", frozenset())
    if problem:
        return problem
    names = [str(turn["from"]) for turn in turns]
    return _alternation(names[1:] if names[0] == "system" else names, "human", "gpt")


def _turns(document: JsonObject, field: str, who: str, what: str, more: frozenset[str]) -> tuple[list[JsonObject], str]:
    """The messages, and what is wrong with their form."""
    found = document.get(field)
    if not isinstance(found, list) or not found:
        return [], f"no list {field}"
    turns: list[JsonObject] = []
    for place, turn in enumerate(found, 1):
        if not isinstance(turn, dict) or not {who, what} <= turn.keys() <= {who, what} | more:
            return [], f"message {place} does not have {who} and {what} alone"
        text = turn[what]
        if not isinstance(turn[who], str) or not isinstance(text, str) or not text.strip():
            return [], f"message {place} has no text"
        turns.append(turn)
    return turns, ""


def _alternation(roles: Sequence[str], first: str, second: str) -> str:
    """What is wrong with whose turn it is."""
    for place, role in enumerate(roles):
        if role != (first, second)[place % 2]:
            return f"{first} and {second} do not alternate at message {place + 1}"
    return f"does not end with {second}" if len(roles) % 2 or not roles else ""
