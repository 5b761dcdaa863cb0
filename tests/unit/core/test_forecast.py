"""Quantiles of what was, and how forecasts are judged."""

import pytest

from core.forecast import Accuracy, Forecast, Range, accuracy, quantile, rest_of, spread

NOTHING = Range(low=0, expected=0, high=0)


@pytest.mark.parametrize(("part", "value"), [(0.0, 1), (0.5, 3), (1.0, 9), (0.25, 2), (0.75, 5), (0.9, 7.4)])
def test_quantiles_lie_between_the_values_in_their_order(part: float, value: float) -> None:
    assert quantile([9, 1, 5, 3, 2], part) == pytest.approx(value)


def test_of_one_value_everything_is_that_value() -> None:
    assert spread([0.12344], 4) == Range(low=0.1234, expected=0.1234, high=0.1234)


def test_the_rest_is_what_dearer_tasks_needed_further() -> None:
    rest = rest_of([0.1, 0.5, 0.7, 0.9], 0.4, "from tests")
    assert rest.usd == Range(low=0.14, expected=0.3, high=0.46)
    assert rest.basis == "as 3 of 4 tasks that cost more; from tests"


def test_where_none_was_dearer_nothing_is_foretold() -> None:
    rest = rest_of([0.1, 0.2], 0.2, "from tests")
    assert rest.usd is None
    assert "none of 2" in rest.basis


def test_accuracy_is_the_median_ratio_and_the_share_inside() -> None:
    foreseen = Range(low=1, expected=2, high=4)
    pairs = [(foreseen, 1.0), (foreseen, 3.0), (foreseen, 5.0), (NOTHING, 7.0)]
    assert accuracy(pairs) == Accuracy(tasks=3, median_ratio=1.5, inside=0.667)


def test_without_a_forecast_of_anything_there_is_no_accuracy() -> None:
    assert accuracy([(NOTHING, 0.0)]) == accuracy([]) == Accuracy()


def test_a_forecast_says_on_what_ground_it_stands() -> None:
    forecast = Forecast(source="shipped", tasks=6, usd=NOTHING, tokens=NOTHING)
    assert "measured with the offline model" in forecast.basis
    assert "last 9 finished" in forecast.model_copy(update={"source": "same_models", "tasks": 9}).basis
