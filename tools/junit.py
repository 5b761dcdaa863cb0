"""JUnit reports of pytest and vitest: written by code we do not trust, so size-capped, without DOCTYPE, and cleaned."""

from dataclasses import dataclass
from xml.etree import ElementTree as Xml

from tools.boxes import clean

MAX_BYTES = 4 << 20
MAX_CASES = 5_000


@dataclass(frozen=True)
class Case:
    """One test. `problem` is empty when it passed; `suite` its class or file name as the runner gives it."""

    suite: str
    name: str
    problem: str = ""
    text: str = ""
    skipped: bool = False


class BadReport(ValueError):
    """Why a report cannot be read."""


def read_junit(content: bytes | None) -> tuple[Case, ...]:
    """Every test case in order. Raises BadReport."""
    if content is None:
        raise BadReport("there is no JUnit report")
    if len(content) > MAX_BYTES:
        raise BadReport(f"the JUnit report is larger than {MAX_BYTES >> 20} MB")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\x00" in content:
        raise BadReport("the JUnit report holds a document type, entities or NUL bytes")
    try:
        root = Xml.fromstring(content)  # noqa: S314  # no DOCTYPE, hence no entities; size is bounded above
    except Xml.ParseError as error:
        raise BadReport(f"the JUnit report is not XML: {error}") from error
    cases = tuple(_case(element) for element in list(root.iter("testcase"))[: MAX_CASES + 1])
    if len(cases) > MAX_CASES:
        raise BadReport(f"the JUnit report has more than {MAX_CASES} tests")
    return cases


def _case(element: Xml.Element) -> Case:
    problem = next((child for child in element if child.tag in ("failure", "error")), None)
    name, suite = clean(element.get("name", ""))[:300], clean(element.get("classname", ""))[:300]
    if problem is None:
        return Case(suite, name, skipped=any(child.tag == "skipped" for child in element))
    text = clean(problem.text or "")
    message = clean(problem.get("message", "")) or text or "failed without a message"
    return Case(suite, name, message[:2000], text[:4000])
