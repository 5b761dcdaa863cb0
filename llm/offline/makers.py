"""Who makes which mistakes: the scaffold those that its name asks for, the apprentice those that it has not learned to avoid."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs

from core.errors import ModelError
from core.offline_models import ApprenticeOptions, apprentice_options
from core.types import AgentName
from llm.offline.faults import Fault, faults_of_agent
from llm.offline.lessons import covered_by, demanded_by
from llm.offline.planting import faults_of
from llm.offline.prompt_view import PromptView

_DRAWS = 1 << 64


class Maker(Protocol):
    """Which mistakes there are in the work of one model."""

    def first(self, prompt: PromptView) -> Sequence[Fault]:
        """Those of a first attempt."""

    def possible(self, agent: AgentName) -> Sequence[Fault]:
        """All that may be in the files of this agent, in the order in which they are made."""

    def new(self, prompt: PromptView) -> Sequence[Fault]:
        """Those that come into files that are written again."""


@dataclass(frozen=True)
class Scaffold:
    """`?fault=NAME,NAME`: each is made once, and goes when a finding names it."""

    names: str | None = None

    def first(self, prompt: PromptView) -> Sequence[Fault]:
        return faults_of(prompt.agent, self.names)

    def possible(self, agent: AgentName) -> Sequence[Fault]:
        return faults_of(agent, self.names)

    def new(self, prompt: PromptView) -> Sequence[Fault]:
        return ()


@dataclass(frozen=True)
class Apprentice:
    """Knows the right way and makes mistakes, each with probability `rate`, but for those that a rule keeps it from.

    A rule that asks for a mistake is obeyed, whatever other rules say. Draws follow from the seed, the mistake, the sentence
    and the step with its iteration, so that the same prompt has the same answer. With every iteration fewer are made.
    """

    options: ApprenticeOptions

    def first(self, prompt: PromptView) -> Sequence[Fault]:
        demanded = frozenset(name for rule in prompt.rules for name in demanded_by(rule))
        drawn = self._drawn(prompt, self.options.rate)
        return [fault for fault in faults_of_agent(prompt.agent) if fault.name in demanded or fault in drawn]

    def possible(self, agent: AgentName) -> Sequence[Fault]:
        return faults_of_agent(agent)

    def new(self, prompt: PromptView) -> Sequence[Fault]:
        """None in the corrections of a turn; later rounds have half of what the round before had."""
        if not prompt.iteration:
            return ()
        return self._drawn(prompt, self.options.rate / 2**prompt.iteration)

    def _drawn(self, prompt: PromptView, rate: float) -> Sequence[Fault]:
        known = frozenset(name for rule in prompt.rules for name in covered_by(rule))
        return [
            fault
            for fault in faults_of_agent(prompt.agent)
            if fault.name not in known and self._draw(prompt, fault) < rate
        ]

    def _draw(self, prompt: PromptView, fault: Fault) -> float:
        """From 0 to 1, 1 excluded."""
        parts = (str(self.options.seed), fault.name, prompt.sentence, prompt.step, str(prompt.iteration))
        return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:8]) / _DRAWS


def maker_of(model: str) -> Maker:
    """Who answers for an offline model. Raises ModelError for options that cannot be read."""
    try:
        options = apprentice_options(model)
    except ValueError as error:
        raise ModelError(f"{model}: {error}") from error
    if options is not None:
        return Apprentice(options)
    return Scaffold(parse_qs(model.partition("?")[2]).get("fault", [None])[0])
