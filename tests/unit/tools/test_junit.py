"""Reports written by code that nobody trusts."""

import pytest

from tools.junit import MAX_BYTES, BadReport, read_junit


def suite(*cases: str) -> bytes:
    return f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>".encode()


def test_passed_failed_and_skipped_tests_are_told_apart() -> None:
    cases = read_junit(
        suite(
            '<testcase classname="a" name="one"/>',
            '<testcase classname="a" name="two"><failure message="assert 1 == 2">trace</failure></testcase>',
            '<testcase classname="a" name="three"><skipped/></testcase>',
        )
    )
    assert [(case.name, case.problem, case.skipped) for case in cases] == [
        ("one", "", False), ("two", "assert 1 == 2", False), ("three", "", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"not xml",
        b"<testsuites>" + b" " * MAX_BYTES + b"</testsuites>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><testsuites>&a;</testsuites>',
        suite(*['<testcase name="x"/>'] * 5001),
    ],
)
def test_a_report_that_cannot_be_trusted_is_refused(content: bytes | None) -> None:
    with pytest.raises(BadReport):
        read_junit(content)
