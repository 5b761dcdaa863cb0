"""Twenty-four sentences of our own, written before the reader, each with what must be read out of it."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.plan import Plan
from llm.offline.planning import plan_sentence

SENTENCES = (Path(__file__).parents[3] / "data" / "own_sentences.txt").read_text().splitlines()


@dataclass(frozen=True)
class Expected:
    """`fields` are `Entity.field: type`; `rules` are `kind:Entity`; `owned` are the entities with own rows per user."""

    entities: str
    fields: dict[str, str] = field(default_factory=dict)
    rules: str = ""
    auth: bool = False
    frontend: bool = True
    owned: str = ""


EXPECTED = (
    Expected(
        "Movie Review",
        {"Movie.title": "string", "Review.rating": "integer", "Review.movie_id": "reference"},
        rules="unique_per:Review child_summary:Movie", auth=True, owned="Review",
    ),
    Expected(
        "Poll Question Choice Vote",
        {"Question.poll_id": "reference", "Choice.question_id": "reference", "Vote.choice_id": "reference"},
        rules="unique_per:Vote same_parent:Vote same_parent:Vote", auth=True, owned="Vote",
    ),
    Expected("Recipe", {"Recipe.title": "string", "Recipe.ingredients": "text"}, frontend=False),
    Expected(
        "GymClass Booking",
        {
            "GymClass.name": "string", "GymClass.capacity": "integer", "GymClass.starts_at": "datetime",
            "Booking.gym_class_id": "reference",
        },
        rules="capacity:Booking unique_per:Booking",
    ),
    Expected(
        "Owner Pet Visit",
        {"Pet.species": "string", "Pet.birth_date": "date", "Visit.pet_id": "reference", "Pet.pet_owner_id": "reference"},
    ),
    Expected("Bug", {"Bug.title": "string", "Bug.status": "enum"}),
    Expected(
        "Company Contact Deal",
        {
            "Contact.first_name": "string", "Contact.last_name": "string", "Contact.email": "email",
            "Deal.amount": "decimal", "Deal.stage": "enum", "Contact.company_id": "reference",
        },
        rules="same_parent:Deal",
    ),
    Expected(
        "Project TimeEntry", {"TimeEntry.hours": "decimal", "TimeEntry.project_id": "reference"},
        rules="totals:TimeEntry", frontend=False,
    ),
    Expected(
        "Bookmark Tag", {"Bookmark.url": "url", "Bookmark.tag_ids": "reference_list"}, auth=True, owned="Bookmark Tag"
    ),
    Expected(
        "Company JobPosting",
        {"JobPosting.location": "string", "JobPosting.salary": "decimal", "JobPosting.company_id": "reference"},
    ),
    Expected(
        "Room Reservation",
        {"Reservation.room_id": "reference", "Reservation.starts_at": "datetime", "Reservation.ends_at": "datetime"},
        rules="no_overlap:Reservation ordered_fields:Reservation",
    ),
    Expected(
        "Student Course Grade", {"Grade.student_id": "reference", "Grade.course_id": "reference"},
        rules="child_summary:Student",
    ),
    Expected("StockItem", {"StockItem.quantity": "integer"}, rules="low_stock:StockItem", frontend=False),
    Expected("Note", {"Note.title": "string", "Note.body": "text"}, auth=True, owned="Note"),
    Expected(
        "Houseplant",
        {"Houseplant.name": "string", "Houseplant.species": "string", "Houseplant.last_watered_date": "date"},
    ),
    Expected("Movie", {"Movie.title": "string", "Movie.rating": "integer"}),
    Expected("Quiz Question Answer", {"Question.quiz_id": "reference", "Answer.question_id": "reference"}),
    Expected("Spot Vehicle Ticket", {"Ticket.spot_id": "reference", "Ticket.vehicle_id": "reference"}),
    Expected(
        "Invoice LineItem",
        {
            "Invoice.number": "string", "Invoice.customer_email": "email", "Invoice.due_date": "date",
            "LineItem.invoice_id": "reference",
        },
        frontend=False,
    ),
    Expected(
        "Playlist Song",
        {
            "Playlist.song_ids": "reference_list", "Song.title": "string", "Song.artist": "string",
            "Song.duration_seconds": "integer",
        },
        auth=True, owned="Playlist",
    ),
    Expected(
        "Category Dish",
        {
            "Dish.price": "decimal", "Dish.description": "text", "Dish.vegetarian": "boolean",
            "Dish.category_id": "reference",
        },
    ),
    Expected(
        "Student Course Enrolment",
        {"Enrolment.student_id": "reference", "Enrolment.course_id": "reference", "Course.capacity": "integer"},
        rules="capacity:Enrolment unique_per:Enrolment",
    ),
    Expected(
        "Donor Donation",
        {
            "Donor.name": "string", "Donor.email": "email", "Donation.amount": "decimal",
            "Donation.donation_date": "date", "Donation.donor_id": "reference",
        },
        rules="totals:Donation csv_export:Donation",
    ),
    Expected(
        "Ticket", {"Ticket.subject": "string", "Ticket.priority": "enum", "Ticket.status": "enum"},
        rules="status_flow:Ticket", auth=True, frontend=False,
    ),
)  # fmt: skip
CASES = list(zip(SENTENCES, EXPECTED, strict=True))


def read(sentence: str) -> Plan:
    plan = plan_sentence(sentence)
    assert isinstance(plan, Plan), plan
    return plan


@pytest.mark.parametrize(("sentence", "expected"), CASES)
def test_the_entities_are_those_of_the_sentence(sentence: str, expected: Expected) -> None:
    assert sorted(entity.name for entity in read(sentence).entities) == sorted(expected.entities.split())


@pytest.mark.parametrize(("sentence", "expected"), CASES)
def test_the_key_fields_are_there_with_their_types(sentence: str, expected: Expected) -> None:
    types = {f"{one.name}.{field.name}": str(field.type) for one in read(sentence).entities for field in one.fields}
    assert expected.fields.items() <= types.items()


@pytest.mark.parametrize(("sentence", "expected"), CASES)
def test_rules_sign_in_and_interface_are_as_asked(sentence: str, expected: Expected) -> None:
    plan = read(sentence)
    assert sorted(f"{rule.kind}:{rule.entity}" for rule in plan.rules) == sorted(expected.rules.split())
    assert (plan.auth is not None, plan.has_frontend) == (expected.auth, expected.frontend)
    owned = sorted(entity.name for entity in plan.entities if entity.access == "owner")
    assert owned == sorted(expected.owned.split())


@pytest.mark.parametrize("sentence", SENTENCES)
def test_nothing_of_these_sentences_is_left_uncovered(sentence: str) -> None:
    assert read(sentence).not_covered == ()


def test_details_that_a_tester_would_look_at() -> None:
    movie_site, *_ = (read(sentence) for sentence in SENTENCES[:1])
    review = movie_site.entity("Review")
    rating = review.field("rating") if review else None
    assert rating is not None
    assert (rating.minimum, rating.maximum) == (1, 5)
    bug = read(SENTENCES[5]).entities[0].field("status")
    assert bug is not None
    assert bug.values == ("new", "triaged", "fixed")
    posting = read(SENTENCES[9]).entity("JobPosting")
    assert posting is not None
    assert "location" in posting.filters
    assert "salary" in posting.sort
    recipe = read(SENTENCES[2]).entity("Recipe")
    assert recipe is not None
    assert "ingredients" in recipe.search
    flow = read(SENTENCES[23]).rules[0].params
    assert flow["initial"] == "open"
    assert flow["transitions"] == {"open": ["pending"], "pending": ["open", "solved"], "solved": ["pending"]}
