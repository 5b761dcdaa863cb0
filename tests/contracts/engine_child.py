"""A process with an engine in it, to be killed: FOLDER [TASK ...]; `slow-` tasks wait until FOLDER/go-TASK is there."""

import asyncio
import sys
from pathlib import Path

from engine.dbos_engine import DbosEngine


async def main(folder: Path, task_ids: list[str]) -> None:
    async def run_segment(task_id: str, segment: int) -> None:
        note(f"begin:{task_id}")
        while task_id.startswith("slow-") and not (folder / f"go-{task_id}").exists():  # noqa: ASYNC110  # another process makes it
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        note(f"end:{task_id}")

    def note(line: str) -> None:
        with (folder / "log").open("a") as log:
            log.write(line + "\n")

    engine = DbosEngine(folder / "engine.db")
    await engine.start(run_segment)
    for task_id in task_ids:
        await engine.submit(task_id, 0)
    note("submitted")
    await asyncio.sleep(600.0)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
