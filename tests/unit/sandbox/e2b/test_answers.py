"""A machine may say anything: what is believed of it."""

from typing import Any

import pytest

from core.errors import SandboxError
from core.sandboxes import Limits, RunReason
from sandbox.e2b import wire
from sandbox.e2b.answers import Ran, most_bytes, understood

HONEST: dict[str, Any] = {
    "kind": "result", "exit_code": 0, "output": "fine\n", "reason": "ok", "seconds": 0.5, "truncated": False, "peak_bytes": 1000,
    "files": [["a", 2], ["b/c", 3]], "refused": {"link": "a link"},
}  # fmt: skip
LIMITS = Limits(artifact_file=10, artifact_total=12, artifact_files=3, output=100)


def heard(header: dict[str, Any], body: bytes = b"") -> Ran:
    answer, _ = understood(wire.line(header, body), 1 << 20)
    assert isinstance(answer, Ran)
    return answer


def test_an_honest_answer_is_understood() -> None:
    result = heard(HONEST).result(b"aabbb", LIMITS)
    assert (result.exit_code, result.output, result.reason) == (0, "fine\n", RunReason.OK)
    assert (dict(result.files), dict(result.refused)) == ({"a": b"aa", "b/c": b"bbb"}, {"link": "a link"})


@pytest.mark.parametrize(
    "change",
    [
        {"exit_code": "none"}, {"exit_code": 4000}, {"reason": "great"}, {"seconds": -1}, {"files": [["a"]]}, {"kind": "other"},
        {"more": 1}, {"output": None}, {"peak_bytes": -1},
    ],
)  # fmt: skip
def test_an_answer_of_another_form_is_not_believed(change: dict[str, Any]) -> None:
    with pytest.raises(SandboxError, match="makes no sense"):
        understood(wire.line({**HONEST, **change}), 1 << 20)


@pytest.mark.parametrize(
    "line",
    ["@autonomy ???", "@autonomy AAAA", wire.line(HONEST)[:-40], wire.line({"kind": "result"}), "@autonomy "],
)
def test_a_garbled_line_is_not_believed(line: str) -> None:
    with pytest.raises(SandboxError, match="makes no sense"):
        understood(line, 1 << 20)


def test_what_unpacks_to_more_than_an_honest_answer_is_not_unpacked() -> None:
    bomb = wire.line({"kind": "error", "message": "x"}, bytes(50 << 20))
    assert len(bomb) < 1 << 20
    with pytest.raises(SandboxError, match="makes no sense"):
        understood(bomb, most_bytes(LIMITS))


def test_what_went_wrong_inside_is_told() -> None:
    with pytest.raises(SandboxError, match="the box could not be set up"):
        understood(wire.line({"kind": "error", "message": "the box could not be set up"}), 1 << 20)


def test_outputs_are_bounded_and_checked_here_once_more() -> None:
    files = [
        ["../up", 1],
        ["/etc/x", 1],
        ["large", 11],
        ["one", 5],
        ["two", 5],
        ["three", 5],
        ["negative", -3],
        ["cut", 4],
    ]
    result = heard({**HONEST, "files": files}).result(b"uxlllllllllll1111122222333334", LIMITS)
    assert dict(result.files) == {"one": b"11111", "two": b"22222"}
    assert set(result.refused) == {"link", "../up", "/etc/x", "large", "three", "negative", "cut"}


def test_no_more_outputs_than_allowed_are_taken() -> None:
    files = [[f"f{number}", 1] for number in range(5)]
    assert len(heard({**HONEST, "files": files}).result(b"abcde", LIMITS).files) == 3


def test_output_is_bounded_here_once_more() -> None:
    assert len(heard({**HONEST, "output": "x" * 10_000}).result(b"aabbb", LIMITS).output) <= 500
