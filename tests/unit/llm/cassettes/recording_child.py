"""Records without end, and says after each call that it is written: a process to be killed.

The kernel ends it in the middle of an entry, where a file would become larger than the second argument (bytes).
"""

import asyncio
import resource
import signal
import sys
from pathlib import Path

from tests.unit.llm.cassettes.tapes import recorder
from tests.unit.llm.scripted import ScriptedClient, a_request


async def main(folder: Path, largest: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    tape = recorder(ScriptedClient("An answer"), folder)
    number = 0
    while True:
        await tape.complete(a_request(f"Question {number}", task_id=f"task-of-{number % 2}"))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += 1


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
