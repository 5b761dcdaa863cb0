"""The learning curve: its tasks, its points, and what is said of them."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from benchmarks.learning.points import Mode, Point, add, read
from benchmarks.learning.report import plot, table, verdict_table, verdicts
from benchmarks.learning.sentences import MOST, draw_sentences
from benchmarks.pages import write_between
from core.plan import Plan
from core.types import AgentName
from evals.datasets import load_suite
from llm.offline.faults import FAULTS
from wiring.alone import given_files


def points(rounds: list[int], poison: list[int] | None = None) -> tuple[Point, ...]:
    left = poison or [0] * len(rounds)
    return tuple(
        Point(number=number, sentence="s", rounds=each, passed=True, end="completed", poison=left[number - 1])
        for number, each in enumerate(rounds, 1)
    )


LEARNS = [4] * 10 + [2] * 9 + [1] + [2] * 20 + [1] * 15 + [2] * 5
FLAT = [3, 4] * 30


def test_a_seed_draws_the_same_tasks_and_another_one_others() -> None:
    assert draw_sentences(1, 60) == draw_sentences(1, 60)
    assert draw_sentences(1, 60) != draw_sentences(2, 60)
    assert len(set(draw_sentences(1, MOST))) == MOST
    with pytest.raises(ValueError, match="64 sentences, not 65"):
        draw_sentences(1, MOST + 1)


def test_no_task_of_a_curve_is_a_held_out_one() -> None:
    held_out = {task.sentence.lower() for task in load_suite("held-out")}
    assert not held_out & {sentence.lower() for sentence in draw_sentences(1, MOST)}


@pytest.fixture(scope="module")
def planned() -> list[tuple[dict[str, str], Plan]]:
    return [given_files(sentence, None) for sentence in draw_sentences(1, 60)]


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.agent is not AgentName.FRONTEND])
def test_every_mistake_has_a_place_in_many_tasks(name: str, planned: list[tuple[dict[str, str], Plan]]) -> None:
    fault = FAULTS[name]
    places = sum(fault.inject(dict(files), plan) != files for files, plan in planned)
    assert places >= 25


def test_points_are_kept_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "on.jsonl"
    assert read(path) == ()
    for point in points([3, 1]):
        add(path, point)
    assert read(path) == points([3, 1])


def test_figures_that_are_reached_are_said_to_be() -> None:
    poisoned = points([5] * 30 + LEARNS[30:], [5] * 20 + [0] * 40)
    curves = {
        Mode.ON: points(LEARNS), Mode.OFF: points(FLAT), Mode.DRY_RUN: points(FLAT), Mode.POISONED: poisoned,
    }  # fmt: skip
    found = verdicts(curves)
    assert [verdict.holds for verdict in found] == [True] * 5
    assert found[0].reached == "1.25 / 2.95 = 0.42"
    assert found[1].reached == "15 of 20, from 1 of 20"
    assert "no wrong rule is left from task 21 on" in found[4].reached
    assert verdict_table(found).count("| yes |") == 5


def test_figures_that_are_not_reached_are_said_not_to_be() -> None:
    curves = {
        Mode.ON: points(FLAT),
        Mode.OFF: points([5] * 20 + [3] * 20 + [1] * 20),
        Mode.POISONED: points([4] * 60, [5] * 60),
    }
    found = verdicts(curves)
    assert [verdict.holds for verdict in found] == [False] * 4
    assert "5 wrong rules are left" in found[3].reached


def test_nothing_passes_at_first_from_nothing() -> None:
    holds = {verdict.what: verdict.holds for verdict in verdicts({Mode.ON: points([4] * 40 + [2] * 20)})}
    assert holds["reflection on: tasks that pass at first"] is False


def test_the_table_has_a_row_for_each_ten_tasks() -> None:
    lines = table({Mode.ON: points(LEARNS), Mode.OFF: points(FLAT)}).splitlines()
    assert len(lines) == 2 + 6
    assert lines[2] == "| 1 to 10 | 4.00 | 0 of 10 | 3.50 | 0 of 10 |"


def test_the_plot_is_a_picture_with_a_line_for_each_curve() -> None:
    drawn = ElementTree.fromstring(plot({Mode.ON: points(LEARNS), Mode.OFF: points(FLAT)}))
    lines = [each for each in drawn.iter() if each.tag.endswith("polyline")]
    assert [len(line.attrib["points"].split()) for line in lines] == [60, 60]
    words = {each.text for each in drawn.iter() if each.tag.endswith("text")}
    assert {"reflection on", "reflection off"} <= words


def test_a_page_keeps_what_stands_around_the_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- curve: made by make learning -->\nold\n<!-- curve: end -->\nb\n")
    write_between(page, "curve", "make learning", "new")
    assert page.read_text() == "a\n<!-- curve: made by make learning -->\n\nnew\n\n<!-- curve: end -->\nb\n"
    with pytest.raises(ValueError, match="no marks for 'other'"):
        write_between(page, "other", "make learning", "new")
