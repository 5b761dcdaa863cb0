"""A pytest plugin: records every exchange with the application under test, the SQL it took, and where tests failed.

Loaded with `-p inside.probe`. It sits below every test client, at the ASGI application itself, and changes nothing it sees.
"""

import json
from collections.abc import Awaitable, Callable, Generator
from typing import Any

from . import asgi
from .box import OUT, ROOT, blame_frame, library, relative

MAX_EXCHANGES = 5_000
MAX_BODY = 64_000
pytest = library("pytest")
_Call = Callable[..., Awaitable[None]]


class Recorder:
    """Writes exchanges and failures as JSON lines; `test` is the node id of the test that runs."""

    def __init__(self) -> None:
        OUT.mkdir(parents=True, exist_ok=True)
        self._exchanges = (OUT / "exchanges.jsonl").open("w")
        self._failures = (OUT / "failures.jsonl").open("w")
        self._count = 0
        self.test = ""

    def wrap(self, original: _Call) -> _Call:
        """An ASGI `__call__` that records; an application mounted in another is recorded once."""

        async def recorded(app: Any, scope: dict[str, Any], receive: Any, send: Any) -> None:
            if scope["type"] != "http" or scope.get("autonomy.recorded") or self._count >= MAX_EXCHANGES:
                await original(app, scope, receive, send)
                return
            scope["autonomy.recorded"] = True
            await self._record(original, app, scope, receive, send)

        return recorded

    async def _record(self, original: _Call, app: Any, scope: dict[str, Any], receive: Any, send: Any) -> None:
        queries = asgi.Queries()
        asgi.current_queries.set(queries)
        kept: dict[str, Any] = {"status": 500, "content_type": "", "body": b""}

        async def watching(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = {
                    name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]
                }
                kept.update(
                    status=message["status"], content_type=headers.get("content-type", "").split(";")[0].strip()
                )
            elif message["type"] == "http.response.body" and len(kept["body"]) <= MAX_BODY:
                kept["body"] += message.get("body", b"")
            await send(message)

        crash: list[Any] = []
        try:
            await original(app, scope, receive, watching)
        except Exception as error:
            crash = [*blame_frame(error), f"{type(error).__name__}: {error}"[:500]]
            raise
        finally:
            self._write(scope, kept, queries, crash)

    def _write(self, scope: dict[str, Any], kept: dict[str, Any], queries: asgi.Queries, crash: list[Any]) -> None:
        self._count += 1
        whole = len(kept["body"]) <= MAX_BODY
        line = {
            "test": self.test, "method": scope["method"], "path": scope["path"], "status": kept["status"],
            "content_type": kept["content_type"], "body": kept["body"].decode(errors="replace") if whole else None,
            "queries": len(queries.statements), "endpoint": _place(scope.get("endpoint")), "crash": crash,
        }  # fmt: skip
        self._exchanges.write(json.dumps(line) + "\n")
        self._exchanges.flush()

    def failed(self, test: str, when: str, error: BaseException, text: str) -> None:
        in_app = blame_frame(error)
        frames = [(relative(str(entry.path)), entry.lineno + 1) for entry in text_frames(error)]
        tests = [frame for frame in frames if frame[0] and "/tests/" in f"/{frame[0]}"]
        source = [frame for frame in frames if frame[0] and "/tests/" not in f"/{frame[0]}"]
        self._fail(
            test=test, when=when, type=type(error).__name__, message=str(error)[:2000], text=text[-4000:],
            test_frame=tests[-1] if tests else None, source_frame=source[-1] if source else None, raised_at=in_app,
        )  # fmt: skip

    def _fail(self, **values: Any) -> None:
        self._failures.write(json.dumps(values) + "\n")
        self._failures.flush()


def text_frames(error: BaseException) -> list[Any]:
    """Every frame of the traceback, outermost first, as pytest sees them."""
    return list(library("_pytest._code").ExceptionInfo.from_exception(error).traceback)


def _place(endpoint: Any) -> list[Any] | None:
    code = getattr(getattr(endpoint, "__wrapped__", endpoint), "__code__", None)
    path = relative(code.co_filename) if code else None
    return [path, code.co_firstlineno] if code and path else None


_recorder = Recorder()


def pytest_configure(config: Any) -> None:
    del config
    starlette = library("starlette.applications").Starlette
    starlette.__call__ = _recorder.wrap(starlette.__call__)
    asgi.count_queries()


@pytest.hookimpl(wrapper=True)  # type: ignore[untyped-decorator]  # pytest comes by name
def pytest_runtest_protocol(item: Any) -> Generator[None, Any, Any]:
    _recorder.test = item.nodeid
    result = yield
    _recorder.test = ""
    return result


@pytest.hookimpl(wrapper=True)  # type: ignore[untyped-decorator]  # pytest comes by name
def pytest_runtest_makereport(item: Any, call: Any) -> Generator[None, Any, Any]:
    report: Any = yield
    if call.excinfo is not None and report.failed:
        _recorder.failed(item.nodeid, call.when, call.excinfo.value, report.longreprtext.replace(f"{ROOT}/", ""))
    return report


def pytest_exception_interact(node: Any, call: Any, report: Any) -> None:
    """Collection errors never reach a test's report."""
    if call.when == "collect":
        error = call.excinfo.value
        _recorder.failed(node.nodeid, "collect", error.__cause__ or error, report.longreprtext.replace(f"{ROOT}/", ""))
