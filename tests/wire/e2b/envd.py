"""envd, the program that answers inside each machine: processes by Connect, files by HTTP."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Literal

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from connectrpc.request import RequestContext
from e2b.envd.process import process_pb
from e2b.envd.process.process_connect import Process
from protobuf import Oneof
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.wire.e2b.machines import USERS, Remote, end_tree

CURRENT: ContextVar[Remote] = ContextVar("machine")
"""The machine that the request under way is for, set once its token was checked."""

_CHUNK = 32 << 10
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BOUNDARY = "boundary="
Start = process_pb.StartRequest
Started = process_pb.StartResponse
Stream = Literal["stdout", "stderr"]


class Processes(Process):
    """Commands as processes of this machine. Like envd it ends a command at its Connect-Timeout-Ms, and at nothing else."""

    def __init__(self) -> None:
        self._following: set[asyncio.Task[None]] = set()

    async def start(self, request: Start, ctx: RequestContext[Start, Started]) -> AsyncIterator[Started]:
        remote = CURRENT.get()
        user = _user(ctx.request_headers.get("authorization", ""))
        config = request.process
        if config is None or config.cmd != "/bin/bash" or list(config.args[:2]) != ["-l", "-c"]:
            raise ConnectError(Code.INVALID_ARGUMENT, "the counterpart starts what the SDK starts: a login shell")
        process = await _spawn(remote, config, user, stdin=request.stdin)
        self._follow(remote, process, [config.cmd, *config.args], ctx.request_headers.get("connect-timeout-ms"))
        yield _event("start", process_pb.ProcessEvent.StartEvent(pid=process.pid))
        async for name, data in _output(process):
            yield _event("data", process_pb.ProcessEvent.DataEvent(output=_stream(name, data)))
        code = await process.wait()
        if remote.ended:
            raise ConnectError(Code.UNAVAILABLE, "the connection to the sandbox ended before the stream completed")
        how = f"exit status {code}" if code >= 0 else "signal: killed"
        end = process_pb.ProcessEvent.EndEvent(exit_code=max(code, -1), exited=code >= 0, status=how)
        if code:
            end.error = how
        yield _event("end", end)

    async def list(
        self,
        request: process_pb.ListRequest,
        ctx: RequestContext[process_pb.ListRequest, process_pb.ListResponse],
    ) -> process_pb.ListResponse:
        commands = CURRENT.get().commands.items()
        return process_pb.ListResponse(
            processes=[
                process_pb.ProcessInfo(pid=pid, config=process_pb.ProcessConfig(cmd=words[0], args=words[1:]))
                for pid, words in commands
            ]
        )

    async def send_signal(
        self,
        request: process_pb.SendSignalRequest,
        ctx: RequestContext[process_pb.SendSignalRequest, process_pb.SendSignalResponse],
    ) -> process_pb.SendSignalResponse:
        if request.signal is not process_pb.Signal.SIGKILL:
            raise ConnectError(Code.UNIMPLEMENTED, f"invalid signal: {request.signal}")
        process = _process(request.process)
        with suppress(ProcessLookupError):
            process.kill()
        return process_pb.SendSignalResponse()

    async def send_input(
        self,
        request: process_pb.SendInputRequest,
        ctx: RequestContext[process_pb.SendInputRequest, process_pb.SendInputResponse],
    ) -> process_pb.SendInputResponse:
        process = _process(request.process)
        given = request.input.input if request.input else None
        if process.stdin is None or given is None or given.field != "stdin":
            raise ConnectError(Code.INTERNAL, "error writing to stdin: stdin not enabled or closed")
        process.stdin.write(given.value)
        with suppress(ConnectionError):
            await process.stdin.drain()
        return process_pb.SendInputResponse()

    def _follow(
        self, remote: Remote, process: asyncio.subprocess.Process, words: Sequence[str], timeout_ms: str | None
    ) -> None:
        """Until it has ended, whether or not anybody listens: as envd does."""
        remote.processes[process.pid] = process
        remote.commands[process.pid] = [*words]

        async def follow() -> None:
            ending = asyncio.create_task(process.wait())
            done, _ = await asyncio.wait({ending}, timeout=int(timeout_ms) / 1000 if timeout_ms else None)
            if not done:
                await asyncio.to_thread(end_tree, process.pid)
                await ending
            remote.processes.pop(process.pid, None)
            remote.commands.pop(process.pid, None)

        following = asyncio.create_task(follow())
        self._following.add(following)
        following.add_done_callback(self._following.discard)


class Files:
    """GET and POST /files, and /health."""

    async def read(self, request: Request) -> Response:
        path = self._path(request, request.query_params.get("path", ""))
        if isinstance(path, Response):
            return path
        if not path.is_file():
            return _error(404, f"path '{request.query_params.get('path')}' does not exist")
        return Response(await asyncio.to_thread(path.read_bytes), media_type="application/octet-stream")

    async def write(self, request: Request) -> Response:
        kind = request.headers.get("content-type", "")
        if not kind.startswith("multipart/form-data"):
            return _error(400, "the counterpart takes multipart/form-data only")
        parts = _parts(await request.body(), kind.partition(_BOUNDARY)[2].strip('"'))
        named = request.query_params.get("path")
        if named and len(parts) != 1:
            return _error(400, "only one file can be uploaded to a path")
        written = []
        for name, content in parts:
            path = self._path(request, named or name)
            if isinstance(path, Response):
                return path
            await asyncio.to_thread(_store, path, content)
            written.append({"path": str(path), "name": path.name, "type": "file"})
        return JSONResponse(written)

    async def health(self, request: Request) -> Response:
        return Response(status_code=204)

    def _path(self, request: Request, named: str) -> Path | Response:
        if request.query_params.get("username", "user") not in USERS:
            return _error(401, "error looking up user")
        try:
            return CURRENT.get().path(named)
        except ValueError as error:
            return _error(400, str(error))


def _store(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _parts(body: bytes, boundary: str) -> list[tuple[str, bytes]]:
    """(file name, content) of each part."""
    found = []
    for part in body.split(b"--" + boundary.encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = head.decode().partition('filename="')[2].partition('"')[0]
        found.append((name, content.removesuffix(b"\r\n")))
    return found


async def _spawn(
    remote: Remote, config: process_pb.ProcessConfig, user: str, *, stdin: bool
) -> asyncio.subprocess.Process:
    cwd = remote.path(config.cwd) if config.has_field("cwd") else remote.home
    if not cwd.is_dir():
        raise ConnectError(Code.INVALID_ARGUMENT, f"cwd '{config.cwd}' does not exist")
    env = {"PATH": _SYSTEM_PATH, "HOME": str(remote.home), "USER": user, "LOGNAME": user, **config.envs}
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        config.cmd,
        *config.args,
        cwd=cwd,
        env=env,
        stdin=pipe if stdin else asyncio.subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
        start_new_session=True,
    )


async def _output(process: asyncio.subprocess.Process) -> AsyncIterator[tuple[Stream, bytes]]:
    """Pieces as they come, of both streams, until both have ended. When nobody takes them they are read all the same."""
    queue: asyncio.Queue[tuple[Stream, bytes]] = asyncio.Queue(64)
    left = asyncio.Event()

    async def pump(name: Stream, reader: asyncio.StreamReader | None) -> None:
        while reader and (data := await reader.read(_CHUNK)):
            if not left.is_set():
                await queue.put((name, data))
        if not left.is_set():
            await queue.put((name, b""))

    pumps = [asyncio.create_task(pump("stdout", process.stdout)), asyncio.create_task(pump("stderr", process.stderr))]
    try:
        for _ in pumps:
            while (piece := await queue.get())[1]:
                yield piece
    finally:
        left.set()
        while not queue.empty():
            queue.get_nowait()


def _stream(name: Stream, data: bytes) -> Oneof[Literal["stdout"], bytes] | Oneof[Literal["stderr"], bytes]:
    if name == "stdout":
        return Oneof("stdout", data)  # type: ignore[return-value]  # the literal is widened
    return Oneof("stderr", data)  # type: ignore[return-value]  # the literal is widened


def _event(field: str, value: object) -> Started:
    event = process_pb.ProcessEvent(event=Oneof(field, value))  # type: ignore[arg-type]  # by name
    return Started(event=event)


def _process(selector: process_pb.ProcessSelector | None) -> asyncio.subprocess.Process:
    chosen = selector.selector if selector else None
    pid = chosen.value if chosen and chosen.field == "pid" else None
    process = CURRENT.get().processes.get(pid) if isinstance(pid, int) else None
    if process is None:
        raise ConnectError(Code.NOT_FOUND, f"process with pid {pid} not found")
    return process


def _user(authorization: str) -> str:
    kind, _, encoded = authorization.partition(" ")
    user = base64.b64decode(encoded).decode().partition(":")[0] if kind == "Basic" else "user"
    if user not in USERS:
        raise ConnectError(Code.UNAUTHENTICATED, f"invalid username: '{user}'")
    return user


def _error(status: int, message: str) -> Response:
    return JSONResponse({"code": status, "message": message}, status)
