"""Parameters that an operator may set for a model."""

import pytest

from core.model_params import RESERVED, fault_in_params
from core.types import Json, JsonObject


@pytest.mark.parametrize(
    ("params", "fault"),
    [
        ({"stream": False}, "stream may not be set: the service reads one streamed answer of text"),
        ({"n": 2}, "n may not be set"),
        ({"max_tokens": 5}, "max_tokens may not be set: the service sets it"),
        ({"api_base": 5}, "api_base must be a text"),
        ({"api_key": ["canary"]}, "api_key must be a text"),
        ({"temperature": "hot"}, "temperature must be a number from 0 to 2"),
        ({"temperature": True}, "temperature must be a number"),
        ({"temperature": 2.1}, "temperature must be a number from 0 to 2"),
        ({"top_p": -0.1}, "top_p must be a number from 0 to 1"),
        ({"seed": 1.5}, "seed must be a whole number"),
        ({"num_ctx": 0}, "num_ctx must be a whole number of at least 1"),
        ({"thinking": "adaptive"}, "thinking must be a JSON object"),
        ({"reasoning_effort": 3}, "reasoning_effort must be a text"),
        ({"stop": ["a", 1]}, "stop must be a text or a list of texts"),
        ({"fine": 1, "top_p": None}, "top_p must be a number"),
    ],
)
def test_the_first_that_is_wrong_is_named_with_what_it_should_be(params: JsonObject, fault: str) -> None:
    told = fault_in_params(params)
    assert told.startswith(fault)
    assert "canary" not in told


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"temperature": 0, "top_p": 1, "seed": -5, "num_ctx": 32_768, "stop": "END", "presence_penalty": -2},
        {"thinking": {"type": "enabled", "budget_tokens": 2_000}, "reasoning_effort": "low", "stop": ["a", "b"]},
        {"a_parameter_of_tomorrow": [1, 2]},
    ],
)
def test_what_makes_sense_or_is_not_known_may_be_set(params: dict[str, Json]) -> None:
    assert fault_in_params(params) == ""


def test_every_reserved_name_has_a_reason() -> None:
    assert all(fault_in_params({name: 1}).startswith(f"{name} may not be set: ") for name in RESERVED)
