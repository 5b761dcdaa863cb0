"""Where findings went: from the check, review or person that found them to the next step of each agent they are for."""

from core.events import Routed
from core.findings import Finding
from core.task_views import Retry
from core.types import AgentName
from core.views.bars import SUMMARY, Bar


class Retries:
    """Told of every bar and of every routing, in the order of the events."""

    def __init__(self) -> None:
        self.made: list[Retry] = []
        self._from: Bar | None = None
        self._on_the_way: dict[str, tuple[Bar, str]] = {}
        self._stopped: Routed | None = None

    def ended(self, bar: Bar) -> None:
        """What ended last and can have found something is where the next findings come from."""
        if bar.kind == "wait" or bar.lane == AgentName.REVIEWER or (bar.kind == "check" and bar.status == "failed"):
            self._from = bar

    def routed(self, event: Routed) -> None:
        """Findings are on the way to agents, or (to nobody) to a person, who may send them on."""
        self._stopped = None if event.to else event
        self._send(event.to, event.findings, event.reason)

    def sent_on(self) -> None:
        """A person has findings that were brought to them tried again."""
        stopped, self._stopped = self._stopped, None
        if stopped is not None:
            owners = tuple(agent for agent in AgentName if any(one.owner is agent for one in stopped.findings))
            self._send(owners, stopped.findings, "tried again")

    def answered(self) -> None:
        """Whatever was brought to a person is no longer open."""
        self._stopped = None

    def began(self, bar: Bar) -> None:
        """An agent's step; what was on the way to it has come there."""
        source, reason = self._on_the_way.pop(bar.lane, (None, ""))
        if source is not None:
            self.made.append(
                Retry(from_span=source.span_id, to_span=bar.span_id, iteration=bar.iteration, reason=reason)
            )

    def _send(self, to: tuple[AgentName, ...], findings: tuple[Finding, ...], why: str) -> None:
        source = self._from
        self._on_the_way = {} if source is None else {agent: (source, _reason(agent, findings, why)) for agent in to}


def _reason(agent: AgentName, findings: tuple[Finding, ...], why: str) -> str:
    mine = [finding for finding in findings if finding.owner is agent]
    count = f"{len(mine)} {'finding' if len(mine) == 1 else 'findings'}" if mine else ""
    first = f"{mine[0].check}: {mine[0].message}" if mine else ""
    return ", ".join(part for part in (why, count, first) if part)[:SUMMARY]
