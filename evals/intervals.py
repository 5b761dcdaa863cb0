"""Intervals of 95 % for differences over pairs: Student's t for means, Newcombe's method for paired shares."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.rules import wilson

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A difference with its interval; `low` and `high` are infinite where one pair alone says nothing about the spread."""

    difference: float
    low: float
    high: float
    method: str

    @property
    def shows(self) -> str:
        """`higher`, `lower`, or that no difference is shown, since zero is inside."""
        if self.low > 0:
            return "higher"
        return "lower" if self.high < 0 else "no difference shown"


def mean_difference(pairs: Sequence[tuple[float, float]]) -> Interval:
    """Of (before, after): the mean of after - before, with Student's interval over the pairs. Raises ValueError without any.

    Pairs that all differ by the same have no spread: the interval is the difference itself.
    """
    differences = [after - before for before, after in pairs]
    count = len(differences)
    if not count:
        raise ValueError("there are no pairs")
    mean = math.fsum(differences) / count
    method = "Student's t over pairs"
    if max(differences) == min(differences):
        spread = 0.0 if count > 1 or mean == 0 else math.inf
    else:
        variance = math.fsum((each - mean) ** 2 for each in differences) / (count - 1)
        spread = t_quantile(count - 1) * math.sqrt(variance / count)
    return Interval(mean, mean - spread, mean + spread, method)


def share_difference(pairs: Sequence[tuple[bool, bool]]) -> Interval:
    """Of (before, after): the difference of the shares, with Newcombe's interval for paired shares (his method 10).

    R. G. Newcombe, Statistics in Medicine 17 (1998) 2635-2650: Wilson's intervals of both shares, joined with their correlation.
    """
    count = len(pairs)
    if not count:
        raise ValueError("there are no pairs")
    both = sum(before and after for before, after in pairs)
    first = sum(before for before, _ in pairs)
    second = sum(after for _, after in pairs)
    (low1, high1), (low2, high2) = wilson(first, count), wilson(second, count)
    p1, p2 = first / count, second / count
    phi = _correlation(both, second - both, first - both, count - first - second + both)
    difference = p2 - p1
    below = _joined(p2 - low2, high1 - p1, phi)
    above = _joined(high2 - p2, p1 - low1, phi)
    return Interval(difference, difference - below, difference + above, "Newcombe's interval of paired shares")


def _joined(one: float, other: float, phi: float) -> float:
    return math.sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))


def _correlation(both: int, second_only: int, first_only: int, neither: int) -> float:
    """Newcombe's phi, corrected for continuity where it is positive."""
    product = (both + first_only) * (second_only + neither) * (both + second_only) * (first_only + neither)
    if product == 0:
        return 0.0
    cross, half = both * neither - second_only * first_only, (both + second_only + first_only + neither) / 2
    corrected = max(cross - half, 0.0) if cross > 0 else cross
    return float(corrected / math.sqrt(product))


def t_quantile(degrees: int, level: float = LEVEL) -> float:
    """Where `level` of Student's distribution lies within plus and minus."""
    if degrees < 1:
        raise ValueError("Student's distribution has at least one degree of freedom")
    return _solve(lambda t: 1 - _beta(degrees / (degrees + t * t), degrees / 2, 0.5), level)


def _solve(rising: Callable[[float], float], wanted: float) -> float:
    low, high = 0.0, 1.0
    while rising(high) < wanted:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return (low + high) / 2


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Lentz)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x > (a + 1) / (a + b + 2):
        return 1 - front * _fraction(1 - x, b, a) / b
    return front * _fraction(x, a, b) / a


def _fraction(x: float, a: float, b: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or tiny)
    found = d
    for m in range(1, 500):
        for top in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / (1 + top * d or tiny)
            c = 1 + top / c or tiny
            found *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return found
