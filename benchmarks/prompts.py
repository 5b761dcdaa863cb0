"""How many tokens a whole build gives to its models, what of them is the same every time, and what a prompt cache can keep.

`python -m benchmarks.prompts` prints every call. The prompts are the real ones, the answers the offline model's.
"""

import asyncio
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from pathlib import Path

import orjson

from benchmarks.figures import Figure, table
from benchmarks.measured_builds import publish
from benchmarks.tokenizer import NAME, Tokenize, tokenizer
from config import Settings
from core.models import ModelRequest, ModelResponse
from core.ports import OnDelta
from core.tasks import TaskRequest
from core.types import AgentName
from llm.offline.client import OfflineModel
from wiring import open_application

SENTENCE = "A REST API for books with title and author, no UI"
MISTAKES = {
    "model_backend": "offline/scaffold?fault=broken_import",
    "model_database": "offline/scaffold?fault=failing_migration",
}
"""The first is found by its agent's own check, the second in a later round."""
FRAME = 4
"""Tokens that providers put around a message."""
_PLAN_SCHEMA = re.compile(r'^<block name="plan_schema".*?^</block>$', re.S | re.M)


@dataclass
class NotingModel:
    """The offline model, and what it was asked, in the order in which it was asked."""

    requests: list[ModelRequest] = field(default_factory=list)
    answers: dict[int, str] = field(default_factory=dict)
    inner: OfflineModel = field(default_factory=OfflineModel)

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        self.requests.append(request)
        response = await self.inner.complete(request, on_delta)
        self.answers[id(request)] = response.text
        return response

    async def close(self) -> None:
        await self.inner.close()


@dataclass(frozen=True)
class Call:
    """One model call in tokens. `tokens` are those of the messages with their frames, in order; `schema` stands beside them."""

    agent: AgentName
    step: str
    iteration: int
    tokens: tuple[int | str, ...]
    system: int
    schema: int
    told_schema: int
    answer: tuple[int | str, ...]

    @property
    def total(self) -> int:
        return len(self.tokens) + self.schema

    @property
    def fixed(self) -> int:
        """What says how to answer, and not what is to be done: the system message and the schemas."""
        return self.system + self.schema + self.told_schema

    def shared_with(self, other: "Call") -> int:
        """Tokens at the beginning of the messages that are the same."""
        return _common(self.tokens, other.tokens)


def _common(one: Sequence[int | str], other: Sequence[int | str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def prompt_tokens() -> Sequence[Figure]:
    return figures_of(*asyncio.run(both_builds()))


async def both_builds() -> tuple[Sequence[Call], Sequence[Call]]:
    """The calls of two builds of the same sentence: one as it goes, and one whose agents have something to correct."""
    tokenize = tokenizer()
    straight = await _calls(tokenize, use_sandbox=False, models={})
    return straight, await _calls(tokenize, use_sandbox=True, models=MISTAKES)


def figures_of(straight: Sequence[Call], corrected: Sequence[Call]) -> Sequence[Figure]:
    return [*_sizes(straight), *_prefixes(straight, corrected)]


async def _calls(tokenize: Tokenize, *, use_sandbox: bool, models: dict[str, str]) -> list[Call]:
    """Every call of a build from its submission to its end."""
    model = NotingModel()
    with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as folder:
        settings = Settings.model_validate({"data_dir": Path(folder), "autonomy_offline": True, **models})
        async with open_application(settings, offline=model) as application:
            wish = TaskRequest(task_description=SENTENCE, budget_usd=1.0, use_sandbox=use_sandbox)
            await publish(application, (await application.commands.submit(wish)).task_id)
    return [_call(tokenize, request, model.answers[id(request)]) for request in model.requests]


def _call(tokenize: Tokenize, request: ModelRequest, answer: str) -> Call:
    def framed(role: str, text: str) -> list[int | str]:
        return [*[role] * FRAME, *tokenize(text)]

    messages = [(message.role, framed(message.role, message.content)) for message in request.messages]
    schema = orjson.dumps(request.answer_schema).decode() if request.answer_schema is not None else ""
    told = [
        block
        for message in request.messages
        if message.role != "system"
        for block in _PLAN_SCHEMA.findall(message.content)
    ]
    return Call(
        agent=request.agent,
        step=request.prompt_name.partition("/")[2],
        iteration=request.iteration,
        tokens=tuple(token for _, tokens in messages for token in tokens),
        system=sum(len(tokens) for role, tokens in messages if role == "system"),
        schema=len(tokenize(schema)),
        told_schema=sum(len(tokenize(block)) for block in told),
        answer=tuple(framed("assistant", answer)),
    )


def _sizes(calls: Sequence[Call]) -> Sequence[Figure]:
    total, fixed = sum(call.total for call in calls), sum(call.fixed for call in calls)
    largest = max(calls, key=lambda call: call.total)
    system, schemas = sum(call.system for call in calls), fixed - sum(call.system for call in calls)
    how = (
        f"input of the {len(calls)} calls of a build of `{SENTENCE}` without sandbox, counted by {NAME}, messages with {FRAME} "
        "tokens around each and the JSON Schema of the answer"
    )
    parts = (
        f"system messages {system:,}, schemas {schemas:,} (of answers, and the block plan_schema) of {total:,} tokens"
    )
    return (
        Figure("prompt tokens of a whole build", total, "tokens", 12_000, how),
        Figure("its largest call", largest.total, "tokens", 6_000, f"{largest.agent}, {largest.step}"),
        Figure("system messages and schemas in it", 100 * fixed / total, "%", 35, parts),
    )


def _prefixes(straight: Sequence[Call], corrected: Sequence[Call]) -> Sequence[Figure]:
    loops, later = list(_corrections(corrected)), list(_later_calls(straight, corrected))
    before = list(pairwise(straight))
    shared = sum(call.shared_with(previous) for previous, call in before)
    return (
        _share(
            "prefix shared with the call before, all calls",
            shared,
            sum(call.total for call in straight),
            50,
            "of the same build; by weight of tokens, the first call shares nothing",
        ),
        _share(
            "the same with whichever earlier call shares most",
            sum(max((call.shared_with(one) for one in straight[:at]), default=0) for at, call in enumerate(straight)),
            sum(call.total for call in straight),
            None,
            "what a cache holds that keeps every call of the build: builders and tests are asked at the same moment",
        ),
        _share(
            "prefix shared with the turn before, in an agent's loop",
            sum(_common(call.tokens, (*turn.tokens, *turn.answer)) for turn, call in loops),
            sum(call.total for _, call in loops),
            95,
            f"with what the turn before was given and answered; {len(loops)} corrections of a build with mistakes",
        ),
        _share(
            "the same without the answer of the turn before",
            sum(call.shared_with(turn) for turn, call in loops),
            sum(call.total for _, call in loops),
            None,
            "what a provider can keep that keeps only what it was given",
        ),
        _share(
            "prefix shared, from each agent's second call on",
            sum(_common(call.tokens, (*previous.tokens, *previous.answer)) for previous, call in later),
            sum(call.total for _, call in later),
            70,
            f"with what the agent's call before was given and answered; {len(later)} calls of both builds",
        ),
        _share(
            "the same without the answer of the call before",
            sum(call.shared_with(previous) for previous, call in later),
            sum(call.total for _, call in later),
            None,
            "what a provider can keep that keeps only what it was given",
        ),
    )


def _share(name: str, shared: int, whole: int, asked: float | None, how: str) -> Figure:
    part = 100 * shared / whole if whole else 0.0
    return Figure(name, part, "%", asked, f"{how}: {shared:,} of {whole:,} tokens", at_least=True)


def _later_calls(*builds: Sequence[Call]) -> Sequence[tuple[Call, Call]]:
    """Every call that is not an agent's first in its build, behind that agent's call before."""
    pairs = []
    for build in builds:
        latest: dict[AgentName, Call] = {}
        for call in build:
            if call.agent in latest:
                pairs.append((latest[call.agent], call))
            latest[call.agent] = call
    return pairs


def _corrections(build: Sequence[Call]) -> Sequence[tuple[Call, Call]]:
    """Turns of an agent that go on where it stopped: the same agent in the same round, asked once more."""
    return [(turn, call) for turn, call in _later_calls(build) if turn.iteration == call.iteration]


def print_calls(title: str, calls: Sequence[Call]) -> None:
    """A line for every call, then the sums."""
    print(f"\n{title}\n")
    print("| agent | step | round | tokens | system | schema | with the call before | with its own before | answer |")
    print("|---|---|---|---|---|---|---|---|---|")
    own = {id(call): call.shared_with(before) for before, call in _later_calls(calls)}
    for before, call in zip([None, *calls], calls, strict=False):
        shared = call.shared_with(before) if before else 0
        print(
            f"| {call.agent} | {call.step} | {call.iteration} | {call.total:,} | {call.system:,} "
            f"| {call.schema + call.told_schema:,} | {shared:,} | {own.get(id(call), 0):,} | {len(call.answer):,} |"
        )
    total = sum(call.total for call in calls)
    system = sum(call.system for call in calls)
    print(f"| all | | | {total:,} | {system:,} | {sum(call.fixed for call in calls) - system:,} | | | |")


def main() -> None:
    straight, corrected = asyncio.run(both_builds())
    print_calls(f"{SENTENCE} (without sandbox)", straight)
    print_calls(f"The same in the sandbox, with a mistake each of {len(MISTAKES)} agents", corrected)
    print(f"\n{table(figures_of(straight, corrected))}")


if __name__ == "__main__":
    main()
