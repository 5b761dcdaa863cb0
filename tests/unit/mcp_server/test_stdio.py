"""What comes in over stdin."""

import asyncio

from mcp_server.stdio import Lines


async def test_lines_come_one_by_one_and_one_that_is_too_long_ends_nothing() -> None:
    reader = asyncio.StreamReader(limit=64)
    reader.feed_data(b'{"one": 1}\n' + b"x" * 100 + b'\n{"two": "\xff"}\n{"no": "end"}')
    reader.feed_eof()
    assert [line async for line in Lines(reader)] == ['{"one": 1}\n', "\n", '{"two": "\ufffd"}\n', '{"no": "end"}']
