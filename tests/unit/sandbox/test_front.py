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
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    server = await asyncio.start_unix_server(echo_backwards, str(tmp_path / "s"))
    made = Front(str(tmp_path / "s"))
    yield made
    await made.close()
    server.close()
    await server.wait_closed()


@pytest.fixture
async def port(front: Front) -> int:
    return await front.open()


async def talk(port: int, words: bytes) -> bytes:
    """Say `words`, then what is answered; nothing when the connection is ended instead."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words)
    writer.write_eof()
    try:
        return await asyncio.wait_for(reader.read(), 60)
    except ConnectionResetError:
        return b""
    finally:
        await end(writer)


async def until_held(front: Front, count: int) -> None:
    """Wait until so many connections are open."""
    async with asyncio.timeout(60):
        while len(front._connections) != count:  # noqa: ASYNC110  # it happens in the front
            await asyncio.sleep(0.005)


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


async def test_connections_are_bounded_and_become_free_again(front: Front, port: int) -> None:
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(64)]
    await until_held(front, 64)
    assert await talk(port, b"too many") == b""
    for reader, writer in held:
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 60)
        await end(writer)
    await until_held(front, 0)
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
    assert await asyncio.wait_for(reader.read(), 60) == b""
    await end(writer)
    server.close()
    await server.wait_closed()


async def test_closing_at_any_moment_of_a_connection_ends_it(tmp_path: Path) -> None:
    server = await asyncio.start_unix_server(echo_backwards, str(tmp_path / "s"))
    for turns in range(16):
        front = Front(str(tmp_path / "s"))
        reader, writer = await asyncio.open_connection("127.0.0.1", await front.open())
        for _ in range(turns):
            await asyncio.sleep(0)
        async with asyncio.timeout(60):
            await front.close()
            with suppress(ConnectionResetError):  # where it was not accepted yet
                assert await reader.read() == b""
        await end(writer)
    server.close()
    await server.wait_closed()
