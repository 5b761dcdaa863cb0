"""A strict counterpart of the two model APIs on loopback, as a process of its own.

`python -m tests.wire.provider --key KEY [--brain offline]` prints its port. It answers under `/v1/chat/completions` (and every
other path that ends so, as other providers of that dialect have it) and `/v1/messages`; it refuses what the real services
refuse. `POST /_script {"model", "steps"}` says what the next requests for a model are answered with (`*`: those under a path
that it does not know), `GET /_log` tells what was asked and what became of it, `POST /_reset` forgets both.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.types import Json
from tests.wire import anthropic_request, openai_request
from tests.wire.anthropic_answer import AnthropicFrames
from tests.wire.brain import Brain, PromptCache, brain
from tests.wire.http import ClientGone, Connection, Request, serve
from tests.wire.openai_answer import OpenAIFrames
from tests.wire.words import Asked, Dialect, Entry, Refusal, Step, Usage, pieces, tokens

_KEY_HEADERS = ("authorization", "x-api-key", "x-goog-api-key", "api-key")
_SILENCE_S = 120.0
_STANDARD = {
    401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error",
    500: "api_error", 529: "overloaded_error",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    text: str
    thinking: str
    finish: str
    usage: Usage


class Provider:
    """Scripts, the log, and how a request goes through."""

    def __init__(self, keys: frozenset[str], behind: Brain) -> None:
        self._keys = keys
        self._brain = behind
        self._scripts: dict[str, deque[Step]] = defaultdict(deque)
        self._log: list[Entry] = []
        self._cache = PromptCache()

    async def handle(self, request: Request, connection: Connection) -> None:
        if request.path.startswith("/_"):
            await connection.respond(200, {}, self._control(request))
            return
        body = _json(request.body)
        headers = {name: "[key]" if name in _KEY_HEADERS else value for name, value in request.headers.items()}
        entry = Entry(len(self._log) + 1, request.method, request.path, headers, body)
        self._log.append(entry)
        started = time.monotonic()
        try:
            await self._answer(request, body, connection, entry)
        except Refusal as refused:
            entry.status, entry.error = refused.status, refused.body
            await connection.respond(refused.status, refused.headers, refused.body)
        except ClientGone:
            entry.disconnected = True
            raise
        finally:
            entry.seconds, entry.finished = time.monotonic() - started, True

    def _control(self, request: Request) -> Json:
        match request.path:
            case "/_script":
                given: Any = _json(request.body)
                self._scripts[given["model"]].extend(Step.model_validate(step) for step in given["steps"])
            case "/_reset":
                self._scripts.clear()
                self._log.clear()
                self._cache = PromptCache()
            case "/_log":
                return [asdict(entry) for entry in self._log]
        return None

    async def _answer(self, request: Request, body: Json, connection: Connection, entry: Entry) -> None:
        path = request.path.split("?", 1)[0]
        if path.endswith("/chat/completions"):
            dialect: Dialect = "openai"
            provider = path.strip("/").split("/", 1)[0]
            asked = openai_request.check(request.headers, body, self._keys, provider)
        elif path.endswith("/v1/messages"):
            dialect = "anthropic"
            asked = anthropic_request.check(request.headers, len(request.body), body, self._keys)
        else:
            script = self._scripts["*"]
            step = script.popleft() if script else Step(status=404, message=f"Invalid URL ({request.method} {path})")
            raise _scripted("openai", step, request.headers)
        script = self._scripts[asked.model]
        step = script.popleft() if script else Step()
        await self._perform(dialect, asked, step, request.headers, connection, entry)

    async def _perform(
        self,
        dialect: Dialect,
        asked: Asked,
        step: Step,
        headers: Mapping[str, str],
        connection: Connection,
        entry: Entry,
    ) -> None:
        if step.status is not None:
            raise _scripted(dialect, step, headers)
        if step.silent:
            await _stay_silent(connection)
        if step.reset:
            await connection.reset()
            return
        answer = await self._think(dialect, asked, step)
        frames = (OpenAIFrames if dialect == "openai" else AnthropicFrames)(asked, entry.number)
        entry.status = 200
        shown = None if step.usage == "missing" else answer.usage
        if asked.stream:
            await self._stream(frames, answer, shown, step, connection, entry)
            return
        whole = frames.whole(answer.text, answer.finish, shown, step.refusal, answer.thinking)
        await connection.respond(200, {}, whole)

    async def _think(self, dialect: Dialect, asked: Asked, step: Step) -> Answer:
        text, finish = (step.text, "stop") if step.text is not None else await self._brain.answer(asked)
        read, written = self._cache.use(dialect, asked)
        thinking = step.thinking or ("This is what I am asked, and so I say:" if asked.thinks else "")
        output = tokens(text) + tokens(thinking)
        usage = Usage(input_tokens=asked.input_tokens, output_tokens=output, cache_read=read, cache_write=written)
        if step.usage == "wrong":
            usage = Usage(input_tokens=0, output_tokens=0)
        return Answer(text, thinking, step.finish or finish, usage)

    async def _stream(
        self,
        frames: OpenAIFrames | AnthropicFrames,
        answer: Answer,
        usage: Usage | None,
        step: Step,
        connection: Connection,
        entry: Entry,
    ) -> None:
        await connection.begin_stream({"cache-control": "no-cache"}, chunked=not step.unframed)
        for frame in frames.opening(answer.usage, answer.thinking):
            await connection.send(frame)
        for text in pieces(answer.text, step.pieces):
            if entry.sent_pieces == step.stop_after:
                break
            await _pause(connection, step.pause_s)
            await connection.send(frames.piece(text))
            entry.sent_pieces += 1
        if step.stop_after is not None:
            await _break_off(frames, step, connection)
            return
        for frame in frames.closing(answer.finish, usage, step.refusal):
            await connection.send(frame)
        await connection.end_stream()


async def _break_off(frames: OpenAIFrames | AnthropicFrames, step: Step, connection: Connection) -> None:
    match step.then:
        case "cut":
            await connection.close()
        case "half-close":
            await connection.half_close()
        case "reset":
            await connection.reset()
        case "silent":
            await _stay_silent(connection)
        case "pings":
            while True:
                await connection.send(frames.ping())
                await _pause(connection, 0.1)
        case "malformed":
            await connection.send(frames.malformed())
            await connection.end_stream()
        case "error":
            await connection.send(frames.error())
            await connection.end_stream()


async def _pause(connection: Connection, seconds: float) -> None:
    """Raises ClientGone as soon as the client has closed."""
    try:
        async with asyncio.timeout(seconds):
            await connection.gone.wait()
    except TimeoutError:
        return
    raise ClientGone


async def _stay_silent(connection: Connection) -> None:
    await _pause(connection, _SILENCE_S)


def _scripted(dialect: Dialect, step: Step, headers: Mapping[str, str]) -> Refusal:
    assert step.status is not None
    message = step.message
    if step.quote_key:
        sent = next(headers[name] for name in _KEY_HEADERS if name in headers)
        message = f"{message}: {sent.removeprefix('Bearer ')}"
    given = {} if step.retry_after is None else {"retry-after": step.retry_after}
    if dialect == "anthropic":
        kind = step.error_type or _STANDARD.get(step.status, "invalid_request_error")
        return anthropic_request.refusal(step.status, kind, message, given)
    kind = step.error_type or ("invalid_request_error" if step.status < 500 else "server_error")
    return openai_request.refusal(step.status, message, kind=kind, code=step.error_code, headers=given)


def _json(body: bytes) -> Json:
    try:
        found: Json = json.loads(body)
    except ValueError:
        return None
    return found


async def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--key", action="append", required=True)
    parser.add_argument("--brain", choices=("echo", "offline"), default="echo")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args(arguments)
    server = await serve(Provider(frozenset(given.key), brain(given.brain)).handle, given.port)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
