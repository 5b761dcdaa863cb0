"""Whose fault a failed test is: the source's, or the test's own. Decided from what was recorded, with the contract at hand."""

import re

from pydantic import BaseModel, ConfigDict, Field

PROMISED_MODULES = ("app.main", "app.config", "app.db.session", "app.db.models", "app.db", "app")
"""What the house promises to tests; importing anything else from the application is the test's own risk."""

_STATUS = re.compile(r"assert (\d{3}) == (\d{3})\b")
_IN_TEST = ("NameError", "FixtureLookupError", "SyntaxError", "IndentationError", "UsageError", "CollectError")


class Exchange(BaseModel):
    """One request that a test made: `problem` says how the answer broke the contract, None when it did not."""

    model_config = ConfigDict(extra="ignore")

    operation: str
    status: int
    problem: str | None = None
    documented: list[int] = Field(default_factory=list)
    file: str | None = None
    line: int | None = None
    crash: str = ""


class Failure(BaseModel):
    """One failed test as the probe saw it; frames are (file, line) pairs."""

    model_config = ConfigDict(extra="ignore")

    test: str
    when: str
    type: str
    message: str = ""
    text: str = ""
    test_frame: tuple[str, int] | None = None
    source_frame: tuple[str, int] | None = None
    raised_at: tuple[str | None, int | None] | None = None
    exchanges: list[Exchange] = Field(default_factory=list)

    @property
    def test_file(self) -> str:
        return f"backend/{self.test.split('::')[0]}"


class Verdict(BaseModel):
    """Where the fault lies and why."""

    file: str | None
    line: int | None = None
    reason: str = ""
    in_test: bool = False


def blame(failure: Failure) -> Verdict:
    """The place to repair. Without evidence against the test it is the source, where there is a request to go by."""
    if failure.when == "collect":
        return _collection(failure)
    last = failure.exchanges[-1] if failure.exchanges else None
    if failure.source_frame is not None and failure.type != "AssertionError":
        return Verdict(file=failure.source_frame[0], line=failure.source_frame[1], reason="the application raised it")
    if last is not None and last.problem:
        return _source(failure, last, f"{last.operation} {last.problem}")
    if failure.type in _IN_TEST or "fixture '" in failure.text:
        return _test(failure, "the test itself is broken")
    if last is None:
        return _test(failure, "it failed without a request to the application")
    return _by_expectation(failure, last)


def _by_expectation(failure: Failure, last: Exchange) -> Verdict:
    statuses = _STATUS.search(failure.message) or _STATUS.search(failure.text)
    if statuses and int(statuses[1]) == last.status:
        expected = int(statuses[2])
        if expected not in last.documented:
            documented = ", ".join(map(str, last.documented))
            return _test(
                failure,
                f"it expects {expected} of {last.operation}, which answered {last.status} as the contract says "
                f"(it documents {documented})",
            )
        return _source(failure, last, f"{last.operation} answered {last.status}, expected {expected}")
    if failure.type != "AssertionError":
        return _test(
            failure,
            f"{last.operation} answered {last.status} as the contract says, then the test raised {failure.type}",
        )
    return _source(failure, last, f"after {last.operation} answered {last.status}")


def _collection(failure: Failure) -> Verdict:
    at = failure.raised_at
    if at and at[0] and not at[0].startswith("backend/tests/"):
        return Verdict(file=at[0], line=at[1], reason="the application raised it while the tests were collected")
    if failure.type in _IN_TEST and at and at[0]:
        return Verdict(file=at[0], line=at[1], reason="it cannot be collected", in_test=True)
    missing = re.search(r"No module named '(app[\w.]*)'|from '(app[\w.]*)'", failure.message + failure.text)
    module = (missing[1] or missing[2]) if missing else ""
    if module in PROMISED_MODULES:
        return Verdict(file="backend/" + module.replace(".", "/") + ".py", reason=f"tests may rely on {module}")
    return _test(failure, "it cannot be collected")


def _test(failure: Failure, reason: str) -> Verdict:
    frame = failure.test_frame
    inside = frame is not None and frame[0].startswith("backend/tests/")
    file, line = (frame[0], frame[1]) if frame and inside else (failure.test_file, None)
    return Verdict(file=file, line=line, reason=reason, in_test=True)


def _source(failure: Failure, exchange: Exchange, reason: str) -> Verdict:
    return Verdict(file=exchange.file or failure.test_file, line=exchange.line, reason=reason)
