"""Readers of `GET /events`, in a process of their own: `python -m benchmarks.stream_readers PORT READING STALLED NEWEST`.

Each has a TCP connection. Those that are stalled send their request, read until the stream has begun, and then nothing.
NEWEST is the position behind which they begin. A line on stdin, `{"last": 100, "within_s": 20}`, is answered when every
reader has seen that position, or when the time is over, with how many events are missing (`missing`) and how many were not
the next one (`wrong`).
"""

import json
import re
import resource
import select
import socket
import sys
import time
from collections.abc import Sequence

REQUEST = b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
BEGUN = b": connected\n\n"
ID = re.compile(rb"id: (\d+)\nevent: ")
LONGEST_ID = 64
AT_ONCE = 50
CONNECT_S = 30.0


class Reader:
    """One connection: the last position it saw, and what was wrong."""

    def __init__(self, port: int, newest: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=CONNECT_S)
        self.last, self.wrong = newest, 0
        self._rest = b""
        self.socket.sendall(REQUEST)

    def begin(self) -> None:
        """Read until the stream has begun."""
        seen = b""
        while BEGUN not in seen:
            if not (piece := self.socket.recv(4096)):
                raise RuntimeError(f"the stream did not begin: {seen!r}")
            seen += piece
        self.socket.setblocking(False)

    def take(self) -> None:
        """Read what is there."""
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise RuntimeError("the server ended a stream")
        text, end = self._rest + piece, 0
        for match in ID.finditer(text):
            position, end = int(match[1]), match.end()
            self.wrong += position != self.last + 1
            self.last = position
        self._rest = text[max(end, len(text) - LONGEST_ID) :]


def raise_file_limit() -> None:
    """Allow as many open sockets as the machine lets us."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _connect(port: int, count: int, newest: int) -> list[Reader]:
    readers: list[Reader] = []
    while len(readers) < count:
        fresh = [Reader(port, newest) for _ in range(min(AT_ONCE, count - len(readers)))]
        for reader in fresh:
            reader.begin()
        readers += fresh
    return readers


def _read_until(readers: Sequence[Reader], last: int, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    by_number = {reader.socket.fileno(): reader for reader in readers}
    with select.epoll() as poll:
        for number in by_number:
            poll.register(number, select.EPOLLIN)
        while time.monotonic() < deadline and any(reader.last < last for reader in readers):
            for number, _ in poll.poll(0.2):
                by_number[number].take()


def main(port: int, reading: int, stalled: int, newest: int) -> None:
    readers, idle = _connect(port, reading, newest), _connect(port, stalled, newest)
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        _read_until(readers, asked["last"], asked["within_s"])
        missing = sum(asked["last"] - reader.last for reader in readers)
        print(json.dumps({"missing": missing, "wrong": sum(reader.wrong for reader in readers)}), flush=True)
    for reader in [*readers, *idle]:
        reader.socket.close()


if __name__ == "__main__":
    raise_file_limit()
    main(*map(int, sys.argv[1:5]))
