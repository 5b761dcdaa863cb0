"""Days of budgets: where they begin, and how long they are."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.calendar import Calendar


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("zone", "now", "day", "ends"),
    [
        ("UTC", "2027-01-28T00:00", "2027-01-28", "2027-01-29T00:00"),
        ("UTC", "2027-01-28T23:59:59.999", "2027-01-28", "2027-01-29T00:00"),
        ("UTC", "2028-02-29T12:00", "2028-02-29", "2028-03-01T00:00"),
        ("America/New_York", "2027-01-28T04:59", "2027-01-27", "2027-01-28T05:00"),
        ("Asia/Kathmandu", "2027-01-28T18:15", "2027-01-29", "2027-01-29T18:15"),
        ("Europe/Berlin", "2027-03-28T12:00", "2027-03-28", "2027-03-28T22:00"),
        ("Europe/Berlin", "2027-10-31T12:00", "2027-10-31", "2027-10-31T23:00"),
    ],
)
def test_a_day_ends_at_the_midnight_of_its_zone(zone: str, now: str, day: str, ends: str) -> None:
    calendar = Calendar(ZoneInfo(zone))
    assert calendar.day(at(now)) == day
    assert calendar.ends_at(day) == at(ends)
    assert calendar.day(calendar.ends_at(day)) > day
    assert calendar.day(calendar.ends_at(day) - 0.001) == day


def test_where_midnight_is_left_out_the_day_begins_behind_it() -> None:
    calendar = Calendar(ZoneInfo("America/Santiago"))
    ends = calendar.ends_at("2026-09-05")
    assert calendar.day(ends) == "2026-09-06"
    assert calendar.day(ends - 1) == "2026-09-05"


def test_people_are_told_the_zone() -> None:
    assert Calendar().describe(at("2027-01-29T00:00")) == "2027-01-29 00:00 UTC"
