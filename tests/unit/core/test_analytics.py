"""Days, and what of a task's time was work."""

import pytest

from core.analytics import SeriesRow, begin_of, day_of, days_until, every_day, seconds_at_work
from core.types import Usage

LATE = 1_795_737_599.0
"""2026-11-26 23:59:59 UTC"""


def test_the_last_days_end_with_the_one_that_it_is_in_utc() -> None:
    assert days_until(LATE, 3) == ("2026-11-24", "2026-11-25", "2026-11-26")
    assert days_until(LATE + 1, 1) == ("2026-11-27",)
    assert begin_of("2026-11-27") == LATE + 1
    assert (day_of(LATE), day_of(LATE + 1)) == ("2026-11-26", "2026-11-27")


def test_days_without_calls_are_rows_of_zeros() -> None:
    busy = SeriesRow(key="2026-11-25", calls=2, failures=1, usage=Usage(input_tokens=3), cost_usd=0.5, call_seconds=1.0)
    rows = every_day([busy], ("2026-11-24", "2026-11-25", "2026-11-26"))
    assert [row.key for row in rows] == ["2026-11-24", "2026-11-25", "2026-11-26"]
    assert rows[1] == busy
    assert rows[0] == SeriesRow(key="2026-11-24", calls=0, failures=0, usage=Usage(), cost_usd=0.0)


@pytest.mark.parametrize(
    ("waits", "seconds"),
    [
        ([], 100.0),
        ([(10.0, 40.0)], 70.0),
        ([(50.0, 90.0), (10.0, 20.0)], 50.0),
        ([(10.0, 40.0), (20.0, 50.0), (25.0, 30.0)], 60.0),
        ([(-50.0, 10.0), (90.0, 500.0)], 80.0),
        ([(0.0, 100.0)], 0.0),
        ([(200.0, 300.0)], 100.0),
    ],
)
def test_waits_are_taken_out_once_however_they_overlap(waits: list[tuple[float, float]], seconds: float) -> None:
    assert seconds_at_work(0.0, 100.0, waits) == seconds
