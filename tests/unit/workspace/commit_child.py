"""A process that commits to a workspace without end, to be killed: FOLDER."""

import asyncio
import sys
from pathlib import Path

from core.workspaces import Author, Change
from tests.contracts.fixed_clock import FixedClock
from workspace.git import GitWorkspaceProvider


async def main(folder: Path) -> None:
    workspace = await GitWorkspaceProvider(folder, FixedClock()).open("task-1")
    author = Author(name="planner", email="planner@autonomy.invalid")
    number = len(await workspace.files())
    while True:
        files = {f"folder{number % 7}/file{number}.txt": f"{number}\n" * 500}
        await workspace.commit(Change(author=author, message=f"File {number}", files=files))
        number += 1


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
