"""Days, as budgets count them: where one ends depends on a time zone."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo


class Calendar:
    """Days of one time zone. A day may have 23 or 25 hours."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._zone = zone

    def day(self, now: float) -> str:
        """The day of a Unix time, `2026-01-31`."""
        return datetime.fromtimestamp(now, self._zone).date().isoformat()

    def ends_at(self, day: str) -> float:
        """Unix time at which the next day begins."""
        following = date.fromisoformat(day) + timedelta(days=1)
        return datetime.combine(following, time(), self._zone).timestamp()

    def describe(self, moment: float) -> str:
        """`2026-02-01 00:00 UTC`, for people."""
        return datetime.fromtimestamp(moment, self._zone).strftime("%Y-%m-%d %H:%M %Z")
