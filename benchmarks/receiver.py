"""A webhook receiver on loopback, as strict as the specification lets it be; in a thread, so that it outlives who posts."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
TOLERANCE_S = 300


@dataclass(frozen=True)
class Answer:
    """What the receiver says to one request; `delay_s` before it does."""

    status: int = 204
    headers: tuple[tuple[str, str], ...] = ()
    delay_s: float = 0.0


@dataclass(frozen=True)
class Message:
    """One request that was signed as it must be."""

    id: str
    type: str
    data: dict[str, Any]
    status: int


@dataclass
class Receiver:
    """`answers` are given one after the other, then 204. What is not as it must be is answered 400 and kept in `refused`."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def taken(self) -> list[Message]:
        """Those that were answered with success."""
        return [message for message in self.messages if 200 <= message.status < 300]

    def kinds(self) -> list[str]:
        return [message.type for message in self.taken]

    def take(self, headers: dict[str, str], body: bytes) -> Answer:
        reason = _why_not(headers, body)
        if reason:
            self.refused.append(reason)
            return Answer(400)
        answer = self.answers.pop(0) if self.answers else Answer()
        document = json.loads(body)
        self.messages.append(Message(headers["webhook-id"], document["type"], document["data"], answer.status))
        return answer


def _why_not(headers: dict[str, str], body: bytes) -> str:
    """The specification, written down a second time."""
    sent = headers.get("webhook-timestamp", "")
    if not sent.isdigit() or abs(time.time() - int(sent)) > TOLERANCE_S:
        return f"webhook-timestamp {sent!r}"
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{headers.get('webhook-id')}.{sent}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    if expected not in headers.get("webhook-signature", "").split(" "):
        return "webhook-signature"
    if headers.get("content-type") != "application/json":
        return f"content-type {headers.get('content-type')!r}"
    if set(json.loads(body)) != {"type", "timestamp", "data"}:
        return "payload"
    return ""


@contextmanager
def receiving(*answers: Answer) -> Iterator[Receiver]:
    """A receiver until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            body = self.rfile.read(length)
            if len(body) < length:  # who posts was killed in the middle of it: nothing was received
                self.close_connection = True
                return
            answer = receiver.take({name.lower(): value for name, value in self.headers.items()}, body)
            if closed.wait(answer.delay_s):
                return
            self.send_response(answer.status)
            for name, value in (*answer.headers, ("content-length", "0")):
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *values: object) -> None: ...

    closed = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook", list(answers))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        closed.set()
        server.shutdown()
        thread.join()
        server.server_close()


def of_task(messages: Sequence[Message], task_id: str) -> list[Message]:
    return [message for message in messages if message.data["task_id"] == task_id]
