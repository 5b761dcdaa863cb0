"""A plan is whole: agents, ownership, access, uniqueness and names follow from what was read."""

import pytest

from core.ownership import owner_of
from core.plan import EntitySpec, Plan
from core.standard.operations import operations
from core.types import AgentName
from llm.offline.planning import plan_sentence


def planned(sentence: str) -> Plan:
    plan = plan_sentence(sentence)
    assert isinstance(plan, Plan), plan
    return plan


def entity(plan: Plan, name: str) -> EntitySpec:
    found = plan.entity(name)
    assert found is not None
    return found


def test_every_agent_says_why_and_writers_are_briefed() -> None:
    plan = planned("Event booking: events with a capacity, bookings by registered users, no overbooking")
    assert [entry.agent for entry in plan.agents] == list(AgentName)
    assert all(entry.why for entry in plan.agents)
    briefs = {entry.agent: entry.brief for entry in plan.agents}
    assert "Bookings" in briefs[AgentName.DATABASE]
    assert "capacity" in briefs[AgentName.BACKEND]
    assert "capacity" in briefs[AgentName.QA]


def test_without_an_interface_there_is_no_frontend_agent_and_nobody_owns_its_files() -> None:
    plan = planned("Habit tracker API without a frontend")
    assert AgentName.FRONTEND not in {entry.agent for entry in plan.agents}
    assert owner_of(plan.ownership, "frontend/src/main.tsx") is None
    assert owner_of(plan.ownership, "backend/app/db/models/habit.py") is AgentName.DATABASE
    assert owner_of(plan.ownership, "backend/app/main.py") is AgentName.BACKEND


def test_what_is_unique_is_unique_among_ones_own_rows() -> None:
    category = entity(planned("Expense tracker with categories and amounts; login required"), "Category")
    assert category.unique_together == (("owner_id", "name"),)
    assert not any(field.unique for field in category.fields)


def test_what_people_share_is_open_to_all_who_sign_in_and_what_they_make_is_their_own() -> None:
    plan = planned("Event booking: events with a capacity, bookings by registered users, no overbooking")
    assert (entity(plan, "Event").access, entity(plan, "Booking").access) == ("login", "owner")
    owner = entity(plan, "Booking").fields[0]
    assert (owner.name, owner.references, owner.server_set) == ("owner_id", "User", True)


def test_an_owner_in_the_domain_is_not_the_account() -> None:
    plan = planned("Pet clinic with owners and pets; login required")
    assert entity(plan, "Pet").field("pet_owner_id") is not None


def test_asked_filters_and_orders_come_first_and_exist() -> None:
    posting = entity(planned("Job board with job postings, filter by location, sorted by salary"), "JobPosting")
    assert posting.filters[0] == "location"
    assert posting.sort[0] == "salary"
    assert all(posting.field(name) for name in (*posting.search, *posting.filters))


def test_titles_slugs_tables_and_paths() -> None:
    plan = planned("Time tracking API without UI: projects and time entries with hours")
    assert (plan.title, plan.slug) == ("Time tracking", "time-tracking")
    entry = entity(plan, "TimeEntry")
    assert (entry.table, entry.path, entry.label, entry.label_plural) == (
        "time_entries", "time-entries", "Time entry", "Time entries",
    )  # fmt: skip


@pytest.mark.parametrize(
    "sentence", ["A wiki with references and groups", "Orders app: orders with quantity", "Table planner: tables"]
)
def test_no_table_has_a_reserved_name(sentence: str) -> None:
    reserved = {"references", "groups", "tables", "order", "group", "select", "user", "users", "values", "index"}
    assert reserved.isdisjoint({one.table for one in planned(sentence).entities})


def test_operation_ids_are_unique_whatever_the_sentence_names() -> None:
    plan = planned(
        "Store with products, product reviews, orders, order items, customers and tags; login required, CSV export"
    )
    ids = [operation.operation_id for operation in operations(plan)]
    assert len(ids) == len(set(ids))


def test_very_many_things_are_bounded_and_the_rest_is_named() -> None:
    nouns = ", ".join(
        f"{first}{last}s"
        for first in ("red", "blue", "green", "black")
        for last in ("box", "card", "ball", "gate", "pen")
    )
    plan = planned(f"Collection: {nouns}")
    assert len(plan.entities) <= 14
    assert any("too many" in line for line in plan.not_covered)
