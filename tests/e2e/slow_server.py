"""`autonomy serve` with a slow offline model.

`python -m tests.e2e.slow_server SECONDS CALLS [PORT]` writes each call to the file CALLS: process, agent, iteration. Calls of
the agent whose name is in the file CALLS.held are not answered before that file is gone.
"""

import asyncio
import os
import sys
from pathlib import Path

from cli.start import main
from core.models import ModelRequest, ModelResponse
from core.ports import OnDelta
from llm.offline.client import OfflineModel


def held_file(calls: Path) -> Path:
    return Path(f"{calls}.held")


def slow_down(seconds: float, calls: Path, held: Path) -> None:
    answer = OfflineModel.complete

    async def slowly(self: OfflineModel, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        with calls.open("a") as file:
            file.write(f"{os.getpid()} {request.agent} {request.iteration}\n")
        while _is_held(held, request.agent):  # noqa: ASYNC110  # another process lets go
            await asyncio.sleep(0.05)
        await asyncio.sleep(seconds)
        return await answer(self, request, on_delta)

    OfflineModel.complete = slowly  # type: ignore[method-assign]  # in a process of its own


def _is_held(held: Path, agent: str) -> bool:
    try:
        return held.read_text() == agent
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    slow_down(float(sys.argv[1]), Path(sys.argv[2]), held_file(Path(sys.argv[2])))
    sys.argv = ["autonomy", "serve", "--port", *(sys.argv[3:] or ["0"])]
    main()
