"""The server of the kill matrix: `autonomy serve`, which kills itself at the point that it was given.

`python -m benchmarks.kill_server DATA [TIMES NAME]` kills when the point NAME has been passed TIMES times and is reached again,
without them nowhere. Points are before and after each node, model call, record, checkpoint, set of writes, effect, commit,
publication, message, file that is written out, change of the task and step of the engine. DATA/points, DATA/calls and
DATA/recorded outlive the process.
"""

import functools
import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from langgraph.graph import StateGraph

import wiring.application
from benchmarks.kill_drive import Point
from cli.start import main
from code_host.local import LocalCodeHost
from core.models import Interaction, ModelRequest, ModelResponse
from core.ports import OnDelta
from engine.dbos_engine import DbosEngine
from graph.saver import GroupCommitSaver
from llm.offline.client import OfflineModel
from llm.recorded import request_hash
from memory.effects import SqliteEffectStore
from memory.questions import SqliteInterruptStore
from memory.tasks import SqliteTaskStore
from notifiers.webhook import WebhookNotifier
from observability.interactions import SqliteInteractionLog
from workspace.git import GitWorkspace

POINTS: tuple[tuple[type, str], ...] = (
    (SqliteTaskStore, "create"),
    (SqliteTaskStore, "update"),
    (SqliteInterruptStore, "open"),
    (SqliteInterruptStore, "decide"),
    (SqliteEffectStore, "begin"),
    (SqliteEffectStore, "finish"),
    (SqliteEffectStore, "feed"),
    (SqliteInteractionLog, "record"),
    (GroupCommitSaver, "aput"),
    (GroupCommitSaver, "aput_writes"),
    (GitWorkspace, "commit"),
    (LocalCodeHost, "publish"),
    (LocalCodeHost, "open_pull_request"),
    (WebhookNotifier, "send"),
    (DbosEngine, "submit"),
)
Method = Callable[..., Awaitable[Any]]


class Counting:
    """Counts the points that are passed, writes their names to DATA/points, and kills at the one that was asked for."""

    def __init__(self, data: Path, kill_at: Point | None) -> None:
        self._names = (data / "points").open("a")
        self._kill_at = kill_at
        self._passed: Counter[str] = Counter()

    def passed(self, name: str) -> None:
        if (name, self._passed[name]) == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self._passed[name] += 1
        self._names.write(f"{name}\n")
        self._names.flush()

    def counted(self, method: Method, name: str) -> Method:
        """The same with a point before it and one after it."""

        @functools.wraps(method)
        async def count(*values: Any, **named: Any) -> Any:
            self.passed(f"before {name}")
            result = await method(*values, **named)
            self.passed(f"after {name}")
            return result

        return count

    def around(self, owner: Any, name: str, title: str | None = None) -> None:
        setattr(owner, name, self.counted(getattr(owner, name), title or f"{owner.__name__}.{name}"))


def count_nodes(counting: Counting) -> None:
    """A point before and after every node of every graph that is made from now on."""
    add_node = StateGraph.add_node

    def add(self: Any, name: str, node: Method) -> Any:
        return add_node(self, name, counting.counted(node, f"node {name}"))

    StateGraph.add_node = add  # type: ignore[method-assign,assignment]  # a measuring point in a process of its own


def count_calls(counting: Counting, data: Path) -> None:
    """Points around every model call; which requests began is in DATA/calls."""
    calls, complete = (data / "calls").open("a"), OfflineModel.complete

    async def counted(self: OfflineModel, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        counting.passed(f"before the model of {request.agent}")
        calls.write(f"{request_hash(request)}\n")
        calls.flush()
        response = await complete(self, request, on_delta)
        counting.passed(f"after the model of {request.agent}")
        return response

    OfflineModel.complete = counted  # type: ignore[method-assign]  # a measuring point in a process of its own


def keep_recorded(data: Path) -> None:
    """Write the hash of every call to DATA/recorded once it is in the journal: from then on it must not be made again."""
    file, record = (data / "recorded").open("a"), SqliteInteractionLog.record

    async def kept(self: SqliteInteractionLog, interaction: Interaction) -> None:
        await record(self, interaction)
        if interaction.success:
            calls = (data / "calls").read_text().split()
            file.write(f"{interaction.prompt_hash} {Counter(calls)[interaction.prompt_hash]}\n")
            file.flush()

    SqliteInteractionLog.record = kept  # type: ignore[method-assign]  # a measuring point in a process of its own


def serve(data: Path, kill_at: Point | None) -> None:
    counting = Counting(data, kill_at)
    count_nodes(counting)
    count_calls(counting, data)
    keep_recorded(data)
    for owner, name in POINTS:
        counting.around(owner, name)
    counting.around(wiring.application, "write_output", "writing the files out")
    sys.argv = ["autonomy", "serve", "--port", "0"]
    main()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), (sys.argv[3], int(sys.argv[2])) if sys.argv[2:] else None)
