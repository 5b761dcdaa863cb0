"""What the offline model sees: rendered messages, taken apart into agent, step and blocks. No side channel."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.blocks import Block, parse_blocks, render_block, strip_line_numbers
from core.errors import ModelError
from core.findings import Finding
from core.models import Message
from core.plan import Plan
from core.types import AgentName, JsonObject
from llm.offline.answers import read_files

_AGENT = re.compile(r"^Agent: (\w+)\s*$", re.M)
_STEP = re.compile(r"^Step: (\w+)\s*$", re.M)
_ITERATION = re.compile(r"^Iteration (\d+)\. ", re.M)
_RULES = re.compile(r"^(?:Rules learned|Correction rules):\n((?:- .*\n?)+)", re.M)
_AGAIN = frozenset({"repair", "continue", "answered"})


@dataclass(frozen=True)
class PromptView:
    """One question to the model. `said` is the part of the answer that was given before it was cut off.

    `rules` are those of the agent's identity; `iteration` is 0 where the question names none.
    `answered`: the agent has asked another one in this conversation, and was answered.
    """

    agent: AgentName
    step: str
    blocks: tuple[Block, ...]
    said: str = ""
    rules: tuple[str, ...] = ()
    iteration: int = 0
    answered: bool = False

    def text(self, name: str) -> str:
        """Text of the first block of this name that is not a file; empty when there is none."""
        return next((block.text for block in self.blocks if block.name == name and block.kind != "file"), "")

    def object(self, name: str) -> JsonObject:
        """The JSON object in a block; empty when it holds none."""
        try:
            value = json.loads(self.text(name) or "{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def sentence(self) -> str:
        return self.text("task")

    @property
    def plan(self) -> Plan:
        """The plan that is shown: as a file, or without what is said to one agent alone. Raises ModelError when there is none."""
        shown = self.files.get("contract/plan.json") or self.text("plan")
        try:
            plan = json.loads(shown)
            if isinstance(plan, dict) and "ownership" not in plan:
                frontend = plan.pop("frontend", False)
                agents = [agent for agent in AgentName if frontend or agent is not AgentName.FRONTEND]
                plan = {**plan, "agents": [{"agent": agent, "why": "takes part"} for agent in agents]}
            return Plan.model_validate(plan)
        except ValueError as error:
            raise ModelError(
                f"the offline model found no plan that it can read in the prompt of {self.agent}"
            ) from error

    @property
    def files(self) -> dict[str, str]:
        """Files that the prompt shows, by path, ending in a newline."""
        return {block.name: f"{block.text}\n" if block.text else "" for block in self.blocks if block.kind == "file"}

    @property
    def unnumbered_files(self) -> dict[str, str]:
        """The same without the numbers that some prompts put behind lines."""
        return {
            block.name: f"{strip_line_numbers(block.text)}\n" if block.text else ""
            for block in self.blocks
            if block.kind == "file"
        }

    @property
    def findings(self) -> tuple[Finding, ...]:
        try:
            entries = json.loads(self.text("findings") or "[]")
        except ValueError:
            return ()
        return tuple(Finding.model_validate(entry) for entry in entries) if isinstance(entries, list) else ()


def view(messages: Sequence[Message]) -> PromptView:
    """Take messages apart. Raises ModelError when they name no agent or step."""
    turns = [message for message in messages if message.role != "system"]
    said = ""
    if len(turns) > 2 and _step(turns[-1].content) == "continue":
        said = turns[-2].content
    asked = next(
        (turn for turn in reversed(turns) if turn.role == "user" and _step(turn.content) not in {*_AGAIN, None}), None
    )
    beginning = outside_blocks(turns[0].content) if turns else ""
    agent = _AGENT.search(beginning)
    if agent is None or asked is None or agent.group(1) not in set(AgentName):
        raise ModelError(
            "the offline model reads prompts with an `Agent:` and a `Step:` line; these messages have none"
        )
    before = turns[: turns.index(asked)]
    rules = tuple(line[2:] for found in _RULES.finditer(beginning) for line in found[1].splitlines())
    round_ = _ITERATION.search(outside_blocks(asked.content))
    return PromptView(
        agent=AgentName(agent.group(1)),
        step=_step(asked.content) or "",
        blocks=_blocks(before, asked),
        said=said,
        rules=rules,
        iteration=int(round_[1]) if round_ else 0,
        answered=any(turn.role == "user" and _step(turn.content) == "answered" for turn in turns),
    )


def _blocks(before: Sequence[Message], asked: Message) -> tuple[Block, ...]:
    """What is shown now, then what was shown at the beginning, with the files as the answers left them."""
    now = parse_blocks(asked.content)
    if not before:
        return tuple(now)
    begun = parse_blocks(before[0].content)
    files = {block.name: block for block in begun if block.kind == "file"}
    for turn in before:
        if turn.role == "assistant":
            files |= {
                path: Block(path, "file", text.removesuffix("\n")) for path, text in read_files(turn.content).items()
            }
    shown = {block.name for block in now if block.kind == "file"}
    kept = [block for path, block in files.items() if path not in shown]
    return (*now, *(block for block in begun if block.kind != "file"), *kept)


def outside_blocks(prompt: str) -> str:
    """The prompt's own words: text inside blocks is data and names neither agents nor steps."""
    for block in parse_blocks(prompt):
        prompt = prompt.replace(render_block(block.name, block.text, block.kind), "", 1)
    return prompt


def _step(content: str) -> str | None:
    found = _STEP.search(outside_blocks(content))
    return found.group(1) if found else None
