"""Schemathesis over the contract, in-process against the application: bounded, seeded, and only checks that are never wrong."""

import gzip
import json
import os
import tempfile
import time
from typing import Any

from .asgi import Client
from .box import Report, Reports, blame_frame, enter_backend, library, read_json, short_traceback, stop_after
from .contract import Contract, Operation, path_shape
from .locate import Source
from .walk_auth import PASSWORD

EXAMPLES = 15
BUDGET_S = 8.0
"""Processor time, so that a busy machine sends the same requests, only later; LONGEST_S of wall time are the end anyway."""
LONGEST_S = 35.0
TIME_S = 50.0
MAX_FAILURES = 10
UTF8 = (((0, 0xD7FF), (0xE000, 0x10FFFF)), ())
"""All but surrogates; none comes back as another character."""


class Fuzz:
    """Sends generated requests, valid and invalid ones, to every operation of the contract in turn until time is over."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.contract = Contract(read_json(".autonomy/contract.json"))
        self.source = Source()
        self.app = library("app.main").create_app()
        self.cases = 0
        self.last = 0.0
        self.failed: set[str] = set()
        schemathesis = library("schemathesis")
        self.schema = schemathesis.openapi.from_dict(read_json(".autonomy/contract.json"))
        self.schema.app = self.app
        self.modes = schemathesis.GenerationMode
        self.token = self._sign_in()

    def run(self) -> None:
        left = list(self.schema.get_all_operations())
        ends, self.last = time.process_time() + BUDGET_S, time.monotonic() + LONGEST_S
        for place, result in enumerate(left):
            share = max(0.1, (ends - time.process_time()) / (len(left) - place))
            self._operation(result.ok(), time.process_time() + share)
        # How many they were depends on the machine; models are shown this sentence, and the same work must read the same.
        self.report.finish(f"up to {2 * EXAMPLES} requests to each of {len(left)} operations")

    def _sign_in(self) -> str | None:
        client = Client(self.app)
        body = {"email": "fuzz@example.com", "password": PASSWORD}
        client.request("POST", "/api/auth/register", body=body)
        document = client.request("POST", "/api/auth/login", body=body).json()
        client.close()
        return document.get("access_token") if isinstance(document, dict) else None

    def _operation(self, operation: Any, ends: float) -> None:
        promised = self.contract.find(f"{operation.method.upper()} {path_shape(operation.path)}")
        if promised is None:
            return
        for mode in (self.modes.POSITIVE, self.modes.NEGATIVE):
            try:
                self._generate(operation, mode, promised, ends)
            except _Enough:
                return
            except Exception as error:
                if type(error).__module__.startswith(("hypothesis", "schemathesis")):
                    continue  # nothing can be generated for this mode, for example no invalid path
                raise

    def _generate(self, operation: Any, mode: Any, promised: Operation, ends: float) -> None:
        hypothesis = library("hypothesis")

        @hypothesis.seed(20_240_229)  # type: ignore[untyped-decorator]  # hypothesis comes by name
        @hypothesis.settings(  # type: ignore[untyped-decorator]  # hypothesis comes by name
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=False, phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck), print_blob=False,
        )  # fmt: skip
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))  # type: ignore[untyped-decorator]  # by name
        def one(case: Any) -> None:
            if time.process_time() > ends or time.monotonic() > self.last:
                raise _Enough
            self._case(case, promised)

        one()

    def _case(self, case: Any, promised: Operation) -> None:
        if self.cases % 2:
            _use_existing_row(case)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token and self.contract.secured(promised) else {}
        self.cases += 1
        try:
            response = case.call(headers=headers)
        except Exception as error:
            self._crashed(error, case, promised)
            return
        content_type = str((response.headers.get("content-type") or [""])[0]).split(";")[0].strip()
        body = response.content or b""
        problem = self.contract.problem(promised, response.status_code, content_type, body, _json(response))
        if problem and not (response.status_code == 400 and not _is_json(response.request.body)):
            self._fail(promised, problem, case)  # what is not even JSON may be refused as 400 by the framework

    def _crashed(self, error: Exception, case: Any, promised: Operation) -> None:
        file, line = blame_frame(error)
        self._fail(
            promised, f"raised {type(error).__name__}: {str(error)[:300]}", case, file, line, short_traceback(error)
        )

    def _fail(
        self,
        promised: Operation,
        problem: str,
        case: Any,
        file: str | None = None,
        line: int | None = None,
        more: str = "",
    ) -> None:
        if file is None:
            file, line = self.source.find(promised.method, promised.path)
        try:
            again = case.as_curl_command().replace(self.token or "<token>", "<token>")
        except Exception:
            again = f"{promised.name} (a request that curl cannot send)"
        self.report.add(f"{promised.name}: {problem}", file, line, category="fuzz", evidence=f"{again[:1500]}\n{more}")
        self.failed.add(promised.name)
        if len(self.report.findings) >= MAX_FAILURES or promised.name in self.failed:
            raise _Enough


class _Enough(Exception):
    """Time for this operation is over, or its fault is found."""


def _use_existing_row(case: Any) -> None:
    """Random ids are never those of rows; the first ones are, once something was created."""
    for name, value in (case.path_parameters or {}).items():
        if isinstance(value, int):
            case.path_parameters[name] = 1 + value % 3


def _is_json(body: Any) -> bool:
    try:
        json.loads(body or b"null")
    except (ValueError, TypeError):
        return False
    return True


def _json(response: Any) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _know_utf8() -> None:
    """What UTF-8 can encode, where Hypothesis keeps it: else it tries every character there is, for a second."""
    known = library("hypothesis.internal.charmap").charmap_file("codec-v2-utf-8")
    known.parent.mkdir(parents=True, exist_ok=True)
    known.write_bytes(gzip.compress(json.dumps(UTF8).encode()))


def main() -> None:
    reports = Reports("fuzz")
    enter_backend("fuzz")
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = tempfile.mkdtemp()
    _know_utf8()
    stop_after(TIME_S)
    command, config = library("alembic.command"), library("alembic.config")
    try:
        command.upgrade(config.Config("alembic.ini"), "head")
        library("app.main")
    except Exception as error:
        reports.skip(f"the application does not start: {error}", "schemathesis")
        return
    reports.run("schemathesis", lambda report: Fuzz(report).run())


if __name__ == "__main__":
    main()
