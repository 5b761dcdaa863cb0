"""The service, in a process of its own, with a writer beside it: `python -m benchmarks.stream_server DATA`.

Everything that an event passes is what `autonomy serve` runs: wiring, the log in SQLite, its ring, the routes with their
middleware, uvicorn. It says which port of loopback it listens on. What is not there is agents: a line on stdin,
`{"events": 50, "each": 300, "per_s": 10}`, appends events of that size (bytes of JSON) at that rate, and is answered with
the position of the last one.
"""

import asyncio
import gc
import json
import socket
import sys
from contextlib import nullcontext
from pathlib import Path

from api.app import create_app
from benchmarks.stream_readers import raise_file_limit
from cli.server import serving
from config import Settings
from core.events import EVENT, Notice
from core.ports import EventLog
from wiring import open_application

BURST_S = 0.01


async def _write(log: EventLog, events: int, each: int, per_s: float) -> int:
    """Append `events`, in bursts where they come faster than every 10 ms; the position of the last one."""
    padding = each - len(EVENT.dump_json(Notice(text="")))
    notice = Notice(text="x" * padding)
    loop, burst, position = asyncio.get_running_loop(), max(1, round(per_s * BURST_S)), 0
    began = loop.time()
    for written in range(0, events, burst):
        await asyncio.sleep(began + written / per_s - loop.time())
        stored = await log.append("measured", *[notice] * min(burst, events - written))
        position = stored[-1].position
    return position


async def main(data: Path) -> None:
    settings = Settings(_env_file=None, data_dir=data, autonomy_offline=True)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        async with open_application(settings) as application:
            app = create_app(lambda: nullcontext(application.api), local_only=settings.only_loopback)
            async with serving(app, listener, application.api.closing):
                print(listener.getsockname()[1], flush=True)
                while line := await asyncio.to_thread(sys.stdin.readline):
                    print(await _write(application.api.events, **json.loads(line)), flush=True)


if __name__ == "__main__":
    raise_file_limit()
    gc.freeze()  # as `autonomy serve` does with what its imports made
    asyncio.run(main(Path(sys.argv[1])))
