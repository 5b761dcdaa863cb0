"""A clock that tests move by hand."""


class HandClock:
    def __init__(self, start: float = 1_000.0) -> None:
        self.time = start

    def now(self) -> float:
        return self.time
