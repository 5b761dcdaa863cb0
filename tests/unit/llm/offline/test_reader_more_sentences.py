"""Sentences of many trades, each with the entities and rules that must be read out of it."""

import pytest

from core.plan import Plan
from llm.offline.planning import plan_sentence

CASES = (
    ("Kanban board with columns, cards and assignees", "KanbanColumn Card", ""),
    (
        "Podcast directory with shows, episodes (title, duration, published at) and categories",
        "Show Episode Category", "",
    ),
    (
        "Medical appointments: doctors, patients, appointments without overlapping times; a patient has a name, phone "
        "and date of birth",
        "Appointment Doctor Patient", "no_overlap:Appointment ordered_fields:Appointment",
    ),
    (
        "Hotel booking system with rooms (number, type, price per night) and reservations with check-in and check-out dates, "
        "no double booking",
        "Room Reservation", "no_overlap:Reservation ordered_fields:Reservation",
    ),
    ("Feedback tool: customers submit ideas, users vote on ideas", "Idea Customer Vote", "unique_per:Vote"),
    ("Recipe sharing platform with user accounts, ratings from 1 to 5 and favourites", "Recipe Rating Favourite", ""),
    ("An app where users can post photos and others can like them", "Photo Like", "unique_per:Like"),
    (
        "Build a database of vintage synthesizers with brand, model and serial number and lend them to bands",
        "VintageSynthesizer Band Loan", "single_active:Loan",
    ),
    (
        "Support desk with tickets, comments and agents; tickets go from new to assigned to resolved to closed",
        "Ticket Comment Agent", "status_flow:Ticket",
    ),
    (
        "Wine cellar: wines (name, vintage, region, quantity, price), low stock warning below 3 bottles", "Wine",
        "low_stock:Wine",
    ),
    (
        "Freelance time tracker: clients, projects, time entries; monthly totals per client", "Client Project TimeEntry",
        "totals:TimeEntry",
    ),
    (
        "Hackathon: teams, members, projects, judges give scores from 1 to 10; average score per project",
        "Team Member Project Score Judge", "child_summary:Project",
    ),
    (
        "Bike rental: bikes, customers, rentals; a bike can only be rented once at a time", "Bike Customer Rental",
        "no_overlap:Rental ordered_fields:Rental",
    ),
    ("School library where students borrow books and return them", "Book Student Loan", "single_active:Loan"),
    ("URL bookmarking service with folders and tags, JWT auth, backend only, search by title", "Bookmark Folder Tag", ""),
    ("Sneaker collection: brand, model, size, colour and condition of new, used or worn", "Sneaker", ""),
    (
        "Sports club: members, teams, trainings with a maximum of 20 participants",
        "Club Member Team Training Participant", "capacity:Participant",
    ),
    ("A job application tracker with status applied, interview, offer, rejected", "JobApplication", ""),
    (
        "Survey builder: surveys, questions, responses; one response per user", "Survey Question SurveyResponse",
        "unique_per:SurveyResponse same_parent:SurveyResponse",
    ),
    ("Ordering system for a pizzeria: pizzas, customers, orders with quantity", "Order Pizza Customer", ""),
    ("Simple voting app where each user can vote only once per poll", "Poll Vote", "unique_per:Vote"),
    ("Todo", "Todo", ""),
)  # fmt: skip


@pytest.mark.parametrize(("sentence", "entities", "rules"), CASES)
def test_entities_and_rules_are_read(sentence: str, entities: str, rules: str) -> None:
    plan = plan_sentence(sentence)
    assert isinstance(plan, Plan), plan
    assert sorted(entity.name for entity in plan.entities) == sorted(entities.split())
    assert {f"{rule.kind}:{rule.entity}" for rule in plan.rules} == set(rules.split())
    assert plan.not_covered == ()


@pytest.mark.parametrize(
    ("sentence", "frontend"),
    [
        ("Habit tracker API", False), ("REST API for notes", False), ("Backend for a recipe app", False),
        ("Notes app, headless", False),
        ("Notes app with no UI", False), ("Notes API with a React frontend", True), ("Notes website with an API", True),
        ("Notes app", True), ("Just the backend of a notes app", False),
        ("Full-stack notes app", True), ("Notes without a user interface", False),
    ],
)  # fmt: skip
def test_a_bare_api_has_no_frontend_and_an_app_has_one(sentence: str, frontend: bool) -> None:
    plan = plan_sentence(sentence)
    assert isinstance(plan, Plan), plan
    assert plan.has_frontend is frontend


@pytest.mark.parametrize(
    ("sentence", "auth"),
    [
        ("Notes app with JWT login", True), ("Notes app, users must sign in", True), ("Notes app; login required", True),
        ("Notes app with user accounts", True), ("Notes app with authentication", True), ("Notes app, no login", False),
        ("Notes app without authentication", False), ("Notes app", False), ("Notes where users see their own notes", True),
        ("Notes app with a password-protected area", True), ("Notes app for registered users", True),
    ],
)  # fmt: skip
def test_sign_in_is_read_in_its_many_forms(sentence: str, auth: bool) -> None:
    plan = plan_sentence(sentence)
    assert isinstance(plan, Plan), plan
    assert (plan.auth is not None) is auth
    assert {entity.access for entity in plan.entities} == ({"owner"} if auth else {"public"})
