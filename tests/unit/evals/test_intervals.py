"""Intervals against values that are computed by hand, or printed in tables and papers."""

import math

import pytest

from evals.intervals import mean_difference, share_difference, t_quantile


@pytest.mark.parametrize(
    ("degrees", "quantile"),
    [(1, 12.7062), (2, 4.30265), (4, 2.77645), (9, 2.26216), (11, 2.20099), (29, 2.04523), (200, 1.97190)],
)
def test_quantiles_of_students_distribution_are_those_of_the_tables(degrees: int, quantile: float) -> None:
    assert t_quantile(degrees) == pytest.approx(quantile, rel=1e-5)


def test_a_mean_difference_has_the_interval_that_is_computed_by_hand() -> None:
    # differences 1, 2, 3, 4: mean 2.5, standard deviation 1.290994, t(3) = 3.182446
    interval = mean_difference([(0, 1), (0, 2), (0, 3), (0, 4)])
    assert interval.difference == 2.5
    assert interval.low == pytest.approx(2.5 - 3.182446 * 1.290994 / 2, abs=1e-5)
    assert interval.high == pytest.approx(2.5 + 3.182446 * 1.290994 / 2, abs=1e-5)
    assert interval.shows == "higher"


def test_pairs_that_are_all_alike_show_nothing_and_pairs_that_all_differ_alike_have_no_spread() -> None:
    same = mean_difference([(1, 1), (0.5, 0.5)])
    assert (same.low, same.high, same.shows) == (0, 0, "no difference shown")
    higher = mean_difference([(0, 1), (1, 2)])
    assert (higher.low, higher.high) == (1, 1)


def test_one_pair_alone_shows_nothing() -> None:
    interval = mean_difference([(0, 1)])
    assert (interval.low, interval.high) == (-math.inf, math.inf)


def test_an_interval_that_holds_zero_shows_no_difference() -> None:
    assert mean_difference([(0, 1), (1, 0), (0, 1)]).shows == "no difference shown"


def test_paired_shares_have_the_interval_of_newcombes_paper() -> None:
    # R. G. Newcombe 1998, table II: 36 both, 12 first only, 2 second only, 0 neither: method 10 gives 0.0569 to 0.3404
    pairs = [(True, True)] * 36 + [(True, False)] * 12 + [(False, True)] * 2
    interval = share_difference([(after, before) for before, after in pairs])
    assert interval.difference == pytest.approx(0.2)
    assert interval.low == pytest.approx(0.0569, abs=5e-4)
    assert interval.high == pytest.approx(0.3404, abs=5e-4)


def test_without_pairs_there_is_no_interval() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        mean_difference([])
    with pytest.raises(ValueError, match="no pairs"):
        share_difference([])
