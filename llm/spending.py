"""What one call costs in all its attempts: told where money is settled, added up where the call is recorded.

Retries and fallbacks stand between the two, so that neither the answer nor the error knows the whole sum.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_costs: ContextVar[list[float] | None] = ContextVar("costs", default=None)


@contextmanager
def adding_up() -> Iterator[list[float]]:
    """The costs (USD) of everything that is settled within, one for each attempt."""
    costs: list[float] = []
    token = _costs.set(costs)
    try:
        yield costs
    finally:
        _costs.reset(token)


def tell_cost(cost_usd: float) -> None:
    """An attempt was settled at so much."""
    costs = _costs.get()
    if costs is not None:
        costs.append(cost_usd)
