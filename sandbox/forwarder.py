"""Runs INSIDE a box, by the bare system interpreter: starts a server and bridges the host's socket to its port.

Arguments: number of the inherited listening Unix socket, port on the box's own loopback, command of the server.
"""

import asyncio
import contextlib
import socket
import sys


async def main() -> int:
    listener = socket.socket(fileno=int(sys.argv[1]))
    port = int(sys.argv[2])
    server = await asyncio.create_subprocess_exec(*sys.argv[3:])
    bridge = await asyncio.start_unix_server(lambda reader, writer: connect(reader, writer, port), sock=listener)
    async with bridge:
        return await server.wait()


async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    with contextlib.closing(writer), contextlib.suppress(OSError):
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.closing(inner_writer):
            await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
