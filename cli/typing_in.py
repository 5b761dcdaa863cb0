"""Reads a line that a person types, without keeping the loop from its work or from giving up the question."""

import asyncio
import sys


async def read_line(prompt: str) -> str | None:
    """The line without its end, None at the end of the input. Cancelling it leaves the terminal as it was."""
    sys.stdout.write(prompt)
    sys.stdout.flush()
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[str] = loop.create_future()
    descriptor = sys.stdin.fileno()

    def read() -> None:
        # A terminal is readable when a whole line was typed, so this does not block.
        if not typed.done():
            typed.set_result(sys.stdin.readline())

    loop.add_reader(descriptor, read)
    try:
        line = await typed
    finally:
        loop.remove_reader(descriptor)
    return line.rstrip("\n") if line else None
