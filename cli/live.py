"""The moving table of a terminal: who works on what, how the tests stand, what it costs."""

import time
from collections.abc import Iterable, Mapping

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cli.progress import AgentProgress, Progress
from cli.screens import plain
from client.base import Json
from client.events import AgentStarted, Artifact, StoredEvent, TaskUpsert
from client.words import describe
from core.types import AgentName

_STYLES = {"running": "bold cyan", "done": "green", "failed": "red", "waiting": "dim"}
_IN_TABLE = (AgentStarted, Artifact, TaskUpsert)
"""Events that the table shows already; the others are printed above it."""


class LiveScreen:
    """A table that is drawn anew four times a second, with what happened above it."""

    interactive = True

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._progress = Progress()
        self._live: Live | None = None

    def show(self, stored: StoredEvent, progress: Progress, lines: Iterable[str] | None = None) -> None:
        self._progress = progress
        if self._live is None and not progress.status.final and progress.question is None:
            self.resume()
        usual = None if isinstance(stored.event, _IN_TABLE) else describe(stored)
        for line in ([] if usual is None else [usual]) if lines is None else lines:
            self._print(f"{progress.elapsed_s(stored.ts):6.1f}s  {line}", "dim")

    def say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._print(line, "")

    def pause(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def resume(self) -> None:
        if self._live is None:
            self._live = Live(get_renderable=self._draw, console=self._console, refresh_per_second=4)
            self._live.start()

    def finish(self, document: Mapping[str, Json], lines: Iterable[str]) -> None:
        self.pause()
        self.say(lines)

    def _print(self, line: str, style: str) -> None:
        self._console.print(Text(plain(line), style=style), soft_wrap=True)

    def _draw(self) -> RenderableType:
        return Group(draw_agents(self._progress, time.time()), draw_totals(self._progress, time.time()))


def draw_agents(progress: Progress, now: float) -> Table:
    """One row per agent that has been heard of, in the order of the workflow."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("agent", "status", "at", "files", "cost", "time"):
        table.add_column(title, header_style="bold", justify="left" if title in ("agent", "status", "at") else "right")
    known = list(map(str, AgentName))
    for name in sorted(progress.agents, key=lambda name: known.index(name) if name in known else len(known)):
        table.add_row(*_row(name, progress.agents[name], now))
    return table


def _row(name: str, agent: AgentProgress, now: float) -> Iterable[Text]:
    style = _STYLES[agent.status]
    cells = (
        name,
        agent.status,
        agent.step,
        str(len(agent.files)),
        f"${agent.cost_usd:.4f}",
        f"{agent.elapsed_s(now):.0f} s",
    )
    return [Text(plain(cell), style=style) for cell in cells]


def draw_totals(progress: Progress, now: float) -> Text:
    """One line: tests, coverage of the contract, round, cost, time."""
    failed = f" ({progress.tests_failed} failed)" if progress.tests_failed else ""
    parts = [
        f"{progress.tests_run} tests run{failed}",
        f"{progress.files} files",
        f"round {progress.iteration + 1}",
        f"${progress.cost_usd:.4f}",
        f"{progress.elapsed_s(now):.0f} s",
    ]
    if progress.coverage.promised:
        parts.insert(1, f"{len(progress.coverage.covered)}/{len(progress.coverage.promised)} operations")
    return Text("  ".join(parts), style="bold")
