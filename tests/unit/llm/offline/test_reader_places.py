"""A place or a trade is what an application is for; several of them are things that it keeps."""

import pytest

from llm.offline.planning import plan_sentence


def fields_of(sentence: str) -> dict[str, set[str]]:
    plan = plan_sentence(sentence)
    assert not isinstance(plan, str), plan
    return {entity.name: {field.name for field in entity.fields} for entity in plan.entities}


@pytest.mark.parametrize("many", ["bakeries", "cellars", "cinemas", "fleets", "galleries", "nurseries"])
def test_several_places_with_fields_are_things(many: str) -> None:
    sentence = (
        f"Backend only: {many} with a unique name, start date and end date, and kites (label); a kite has a price"
    )
    first, second = fields_of(sentence).values()
    assert {"name", "start_date", "end_date"} <= first
    assert {"label", "price"} <= second


@pytest.mark.parametrize(
    ("one", "things"), [("A cellar with bottles and racks", {"Bottle", "Rack"}), ("A bakery", {"Product", "Order"})]
)
def test_one_place_is_what_the_application_is_for(one: str, things: set[str]) -> None:
    assert fields_of(one).keys() == things


def test_a_name_that_is_taken_is_told_apart_by_one_of_what_the_title_names() -> None:
    assert fields_of("Gyms with classes and members").keys() == {"GymClass", "Member"}
