"""A test that is skipped because a part is missing fails continuous integration."""

from pathlib import Path

import pytest

from scripts.ci_skips import main


def report(folder: Path, *cases: str) -> str:
    path = folder / "report.xml"
    path.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    return str(path)


def skipped(reason: str) -> str:
    return f'<testcase name="t"><skipped type="pytest.skip" message="{reason}">where</skipped></testcase>'


PASSED = '<testcase name="p"/>'


def test_passed_tests_and_other_skips_are_fine(tmp_path: Path) -> None:
    assert main([report(tmp_path, PASSED, skipped("only as root"))]) == 0


def test_a_missing_part_fails_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = skipped("missing: bubblewrap")
    assert main([report(tmp_path, PASSED, missing, missing)]) == 1
    assert capsys.readouterr().out == "2 skipped, missing: bubblewrap\n"


def test_a_report_without_tests_fails(tmp_path: Path) -> None:
    assert main([report(tmp_path)]) == 1


def test_a_report_that_is_not_there_or_no_report_fails(tmp_path: Path) -> None:
    assert main([str(tmp_path / "none.xml")]) == 1
    broken = tmp_path / "broken.xml"
    broken.write_text("<testsuites>")
    assert main([str(broken)]) == 1
