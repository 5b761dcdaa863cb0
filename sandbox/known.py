"""What a sandbox answered before, for the same files and the same command: replays of one sentence ask for the same checks."""

import asyncio
import base64
import hashlib
import json
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from core.ports import Sandbox, SandboxProvider
from core.sandboxes import Demo, Limits, Probe, RunReason, RunResult, Toolchain

ENDED_BY_ITSELF = (RunReason.OK, RunReason.EXIT)
FORMAT = "1"
"""Of what is kept; another one is not read."""


class KnownBoxes:
    """SandboxProvider around another. A run that ended by itself is kept in `folder`, and not made again.

    `tools` names the versions of what runs inside, so that a newer toolchain is asked anew. Not for the tasks of people:
    what depends on time or chance is asked once only.
    """

    def __init__(self, inner: SandboxProvider, folder: Path, *, tools: str = "") -> None:
        self._inner = inner
        self._folder = folder
        self._tools = tools
        folder.mkdir(parents=True, exist_ok=True)

    async def probe(self) -> Probe:
        return await self._inner.probe()

    async def open(self, task_id: str, toolchain: Toolchain, files: Mapping[str, bytes | str]) -> Sandbox:
        key = _and("", FORMAT, self._tools, toolchain, _files(files))
        return _KnownBox(await self._inner.open(task_id, toolchain, files), key, self._folder)

    async def close(self) -> None:
        await self._inner.close()


class _KnownBox:
    """`_owed` are the runs that were known: what needs the box itself makes them first."""

    def __init__(self, inner: Sandbox, key: str, folder: Path) -> None:
        self._inner = inner
        self._key = key
        self._folder = folder
        self._owed: list[Callable[[], Awaitable[RunResult]]] = []

    async def write(self, files: Mapping[str, bytes | str]) -> None:
        await self._pay()
        self._key = _and(self._key, _files(files))
        await self._inner.write(files)

    async def read(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        await self._pay()
        return await self._inner.read(paths)

    async def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        outputs: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> RunResult:
        async def really() -> RunResult:
            return await self._inner.run(argv, env=env, outputs=outputs, limits=limits)

        bounds = asdict(limits) if limits else None
        self._key = _and(self._key, list(argv), dict(sorted((env or {}).items())), list(outputs), bounds)
        kept = self._folder / self._key
        known = await asyncio.to_thread(_read, kept)
        if known is not None:
            self._owed.append(really)
            return known
        await self._pay()
        result = await really()
        if result.reason in ENDED_BY_ITSELF:
            await asyncio.to_thread(_write, kept, result)
        return result

    async def serve(self, argv: Sequence[str], *, port: int, ttl_s: float = 3600.0) -> Demo:
        await self._pay()
        return await self._inner.serve(argv, port=port, ttl_s=ttl_s)

    async def close(self) -> None:
        await self._inner.close()

    async def _pay(self) -> None:
        while self._owed:
            await self._owed.pop(0)()


def _files(files: Mapping[str, bytes | str]) -> dict[str, str]:
    contents = ((path, content.encode() if isinstance(content, str) else content) for path, content in files.items())
    return {path: hashlib.sha256(content).hexdigest() for path, content in sorted(contents)}


def _and(key: str, *more: object) -> str:
    return hashlib.sha256(json.dumps([key, *more]).encode()).hexdigest()


def _read(path: Path) -> RunResult | None:
    """None where there is nothing, or nothing that can be read."""
    try:
        document = json.loads(path.read_bytes())
        files = {name: base64.b64decode(content) for name, content in document.pop("files").items()}
        return RunResult(**{**document, "reason": RunReason(document["reason"]), "files": files})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _write(path: Path, result: RunResult) -> None:
    """Whole or not at all: another process may be reading, or writing the same."""
    files = {name: base64.b64encode(content).decode() for name, content in result.files.items()}
    document = {**vars(result), "reason": result.reason.value, "files": files, "refused": dict(result.refused)}
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        json.dump(document, file)
    Path(file.name).rename(path)
