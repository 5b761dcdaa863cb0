"""`autonomy serve` with a slow offline model.

`python -m tests.e2e.slow_server SECONDS CALLS [PORT]` writes each call to the file CALLS: process, agent, iteration.
"""

import asyncio
import os
import sys
from pathlib import Path

from cli.start import main
from core.models import ModelRequest, ModelResponse
from core.ports import OnDelta
from llm.offline.client import OfflineModel


def slow_down(seconds: float, calls: Path) -> None:
    answer = OfflineModel.complete

    async def slowly(self: OfflineModel, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        with calls.open("a") as file:
            file.write(f"{os.getpid()} {request.agent} {request.iteration}\n")
        await asyncio.sleep(seconds)
        return await answer(self, request, on_delta)

    OfflineModel.complete = slowly  # type: ignore[method-assign]  # in a process of its own


if __name__ == "__main__":
    slow_down(float(sys.argv[1]), Path(sys.argv[2]))
    sys.argv = ["autonomy", "serve", "--port", *(sys.argv[3:] or ["0"])]
    main()
