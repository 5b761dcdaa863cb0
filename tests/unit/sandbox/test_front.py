"""The port of a demo: bytes pass unchanged in both directions, and no more connections than it can hold."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.front import Front


async def echo_backwards(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers only when the other side has said all it has to say."""
    writer.write((await reader.read())[::-1])
    await writer.drain()
    await end(writer)


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    server = await asyncio.start_unix_server(echo_backwards, str(tmp_path / "s"))
    front = Front(str(tmp_path / "s"))
    yield await front.open()
    await front.close()
    server.close()
    await server.wait_closed()


async def talk(port: int, words: bytes) -> bytes:
    """Say `words`, then what is answered; nothing when the connection is ended instead."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words)
    writer.write_eof()
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        return b""
    finally:
        await end(writer)


async def end(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def test_bytes_pass_unchanged_and_an_end_is_passed_on(port: int) -> None:
    words = bytes(range(256)) * 4096
    assert await talk(port, words) == words[::-1]


async def test_many_talk_at_once(port: int) -> None:
    answers = await asyncio.gather(*(talk(port, str(number).encode()) for number in range(40)))
    assert answers == [str(number)[::-1].encode() for number in range(40)]


async def test_connections_are_bounded_and_become_free_again(port: int) -> None:
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(64)]
    await asyncio.sleep(0.2)
    assert await talk(port, b"too many") == b""
    for reader, writer in held:
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 10)
        await end(writer)
    await asyncio.sleep(0.1)
    assert await talk(port, b"free") == b"eerf"


async def test_nobody_behind_it_is_an_end_of_the_connection(tmp_path: Path) -> None:
    front = Front(str(tmp_path / "nobody"))
    assert await talk(await front.open(), b"hello") == b""
    await front.close()


async def test_closing_ends_connections(tmp_path: Path) -> None:
    passed_on = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passed_on.set()
        await echo_backwards(reader, writer)

    server = await asyncio.start_unix_server(listen, str(tmp_path / "s"))
    front = Front(str(tmp_path / "s"))
    reader, writer = await asyncio.open_connection("127.0.0.1", await front.open())
    await passed_on.wait()
    await front.close()
    assert await asyncio.wait_for(reader.read(), 10) == b""
    await end(writer)
    server.close()
    await server.wait_closed()
