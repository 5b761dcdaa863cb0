"""Nothing of a sentence is dropped silently: what cannot be built is named, and the rest is built."""

import re

import pytest

from core.plan import Plan
from llm.offline.planning import plan_sentence
from llm.offline.reader.lexicon import words
from llm.offline.reader.reading import NotRead, read
from llm.offline.reader.text import read_text


def planned(sentence: str) -> Plan:
    plan = plan_sentence(sentence)
    assert isinstance(plan, Plan), plan
    return plan


@pytest.mark.parametrize(
    ("sentence", "entity", "demand"),
    [
        ("Recipe app with ingredients and real-time chat", "Recipe", "real-time chat"),
        ("A shop with products and orders, payments by Stripe", "Product", "Stripe"),
        ("Todo app with email notifications", "Todo", "email notifications"),
        ("Photo album with albums and photos and image upload", "Photo", "image upload"),
        ("Store finder: stores with a name and address, shown on a map", "Store", "map"),
        ("Movie tracker with machine learning recommendations", "Movie", "machine learning"),
        ("Issue tracker with issues and Sign in with Google", "Issue", "Google"),
        ("Invoice app: invoices with number and amount, export to PDF", "Invoice", "PDF"),
        ("A wiki with pages, roles and permissions", "WikiPage", "roles and permissions"),
        ("Expense tracker with dark mode", "Expense", "dark mode"),
        ("Contact book with import from Google Contacts", "Contact", "import from Google Contacts"),
        ("Blog with posts in Django", "Post", "Django"),
        ("Habit tracker with push notifications", "Habit", "push notifications"),
        ("Event calendar with events, sync with Google Calendar", "Event", "sync with Google Calendar"),
        ("Task manager as a mobile app with tasks", "Task", "mobile app"),
        ("Poll app with polls and charts", "Poll", "charts"),
        ("Blog with posts, GraphQL API", "Post", "GraphQL"),
        ("Library with books, and reminders when a book is overdue", "Book", "reminders"),
        ("Inventory with products and barcode scanning", "Product", "barcode scanning"),
        ("CRM with contacts and an audit log", "Contact", "audit log"),
        ("Notes app with notes; please frobnicate the quux daily", "Note", "frobnicate the quux"),
    ],
)
def test_a_demand_that_cannot_be_met_is_named_and_the_rest_is_built(sentence: str, entity: str, demand: str) -> None:
    plan = planned(sentence)
    assert plan.entity(entity), [one.name for one in plan.entities]
    assert any(demand.lower() in line.lower() for line in plan.not_covered), plan.not_covered
    reasons = [line for line in plan.not_covered if demand.lower() in line.lower()]
    assert all(":" in line for line in reasons)


SENTENCES = (
    "Garden planner with beds, plants and a watering log; fancy gizmos everywhere",
    "An app where users can post photos of their lunch and others can like them",
    "Keep track of who brings what to our potluck dinners",
    "Build a database of vintage synthesizers with brand, model and serial number and lend them to bands",
    "Ticketing: tickets are assigned to agents and escalate after two days",
    "A tool for beekeepers to record hive inspections, honey yields and queen replacements",
    "Dance school with lessons on weekdays, teachers and a recital every spring",
)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_word_of_a_reading_is_read_or_reported(sentence: str) -> None:
    reading = read(sentence)
    assert not isinstance(reading, NotRead), reading
    said = " ".join((*reading.covered, *reading.not_covered)).lower()
    names = " ".join(
        [*reading.draft.things, *(field.name for thing in reading.draft.things.values() for field in thing.fields)]
    )
    known = set(re.findall(r"[a-z]+", f"{said} {names} {reading.draft.title.lower()}"))
    left = [token.word for token in read_text(sentence).tokens if len(token.word) > 6 and token.is_word]
    missing = [
        word
        for word in left
        if word not in words().filler | words().containers
        and word not in known
        and word.rstrip("s") not in known
        and not _singular_known(word, known)
    ]
    assert missing == []


def _singular_known(word: str, known: set[str]) -> bool:
    return bool({word.removesuffix("ies") + "y", word.removesuffix("es"), word.removesuffix("d")} & known)


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("A club app with classes and sessions", {"ClubClass", "ClubSession"}),
        ("School app with classes, lists and requests", {"SchoolClass", "SchoolList", "SchoolRequest"}),
        ("Media app with files and imports", {"MediaFile", "MediaImport"}),
    ],
)
def test_names_that_mean_something_to_a_framework_are_told_apart(sentence: str, names: set[str]) -> None:
    assert {entity.name for entity in planned(sentence).entities} >= names


def test_fields_that_collide_get_the_name_of_their_entity_in_front() -> None:
    plan = planned(
        "Item list: items (id, class, import, copy, json, schema, metadata, model_name, date, type, limit, created at)"
    )
    names = {field.name for field in plan.entities[0].fields}
    assert names.isdisjoint(
        {"id", "class", "import", "copy", "json", "schema", "metadata", "model_name", "date", "type", "limit"}
    )
    assert {"item_class", "item_copy", "item_date"} <= names


def test_irregular_plurals_spellings_and_slips_are_understood() -> None:
    plan = planned("Clinic with mice, children, diagnoses, criteria and quizzes")
    assert {entity.table for entity in plan.entities} >= {"mice", "children", "diagnoses", "criteria", "quizzes"}
    assert planned("Organiser app with colour (name) and favourites").entities
    slips = planned("inventry tracker wiht products and supliers, serach by name")
    assert {entity.name for entity in slips.entities} == {"Product", "Supplier"}


@pytest.mark.parametrize(
    "text",
    [
        "\x00\x01 todo app",
        "Todo app\r\n\r\n- tasks\n- tags",
        "TODO LIST WITH TAGS!!!",
        "todo" * 900,
        "(" * 500,
        "with with with, and and",
    ],
)
def test_odd_text_is_read_or_refused_but_never_fails(text: str) -> None:
    assert isinstance(plan_sentence(text), Plan | str)
