"""A process with the bot in it that stops at a given point, so that it can be killed there.

`python -m tests.unit.telegram_bot.child FOLDER URL before|after`: says `here` when a decision is about to be stored, or
was stored and nobody has been told yet.
"""

import asyncio
import sys
from pathlib import Path

from tests.unit.telegram_bot.room import open_room
from tests.wire.telegram.service import Telegram


async def stand_still() -> None:
    sys.stdout.write("here\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def main(folder: str, url: str, point: str) -> None:
    elsewhere = Telegram()
    elsewhere.url = url
    async with open_room(Path(folder), telegram=elsewhere) as room:
        setattr(room.commands, f"{point}_decide", stand_still)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
