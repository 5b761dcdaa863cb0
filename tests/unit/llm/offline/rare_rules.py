"""Plans whose names Python or SQLAlchemy has taken, whose names are long, and whose rules the other plans do not have."""

from core.plan import EntitySpec, FieldSpec, Plan, RuleSpec
from llm.offline.parentage import same_parent_rules
from tests.plans import OWNER, make_plan


def _studio_rules() -> list[RuleSpec]:
    """Rules of sessions, stays and classes."""
    return [
        RuleSpec(
            id="sessions_apart", kind="no_overlap", entity="Session", statement="A class has one session at a time.",
            params={"reference": "class_id", "start": "starts_at", "end": "ends_at"},
        ),
        RuleSpec(
            id="session_times", kind="ordered_fields", entity="Session", statement="A session ends after it starts.",
            params={"start": "starts_at", "end": "ends_at"},
        ),
        RuleSpec(
            id="stays_apart", kind="no_overlap", entity="Stay", statement='Nobody stays "twice" in one session at once.',
            params={"reference": "session_id", "start": "date", "end": "until"},
        ),
        RuleSpec(
            id="stay_dates", kind="ordered_fields", entity="Stay", statement="A stay ends after it begins.",
            params={"start": "date", "end": "until"},
        ),
        RuleSpec(
            id="nights", kind="totals", entity="Stay", statement="Nights are totalled by kind and by month.",
            params={"value": "nights", "date": "date", "group_by": ["kind", "month"]},
        ),
        RuleSpec(id="stay_csv", kind="csv_export", entity="Stay", statement="Stays are exported."),
        RuleSpec(
            id="few_nights", kind="low_stock", entity="Stay", statement="Short stays.",
            params={"field": "nights", "threshold": 3},
        ),
        RuleSpec(
            id="class_pages", kind="page_size", entity="Class", statement="Classes come ten to a page.",
            params={"default": 10, "maximum": 50},
        ),
        RuleSpec(
            id="class_sessions", kind="child_summary", entity="Class", statement="A class counts its sessions.",
            params={"child": "Session", "reference": "class_id", "value": None},
        ),
    ]  # fmt: skip


def studio_plan() -> Plan:
    """A class with sessions in rooms without overlaps; everything for people who are signed in."""
    course = EntitySpec(
        name="Class", table="classes", path="classes", label="Class", label_plural="Classes", access="login",
        fields=(FieldSpec(name="name", type="string", max_length=60, unique=True),), search=("name",), sort=("name",),
    )  # fmt: skip
    session = EntitySpec(
        name="Session", table="sessions", path="sessions", label="Session", label_plural="Sessions", access="login",
        fields=(
            FieldSpec(name="class_id", type="reference", references="Class"),
            FieldSpec(name="starts_at", type="datetime"),
            FieldSpec(name="ends_at", type="datetime"),
            FieldSpec(name="level", type="enum", values=("beginner", "advanced"), required=False, default="beginner"),
        ),
        filters=("class_id", "level"), sort=("starts_at", "level"),
    )  # fmt: skip
    stay = EntitySpec(
        name="Stay", table="stays", path="stays", label="Stay", label_plural="Stays", access="owner",
        fields=(
            OWNER,
            FieldSpec(name="session_id", type="reference", references="Session", required=False),
            FieldSpec(name="date", type="date"),
            FieldSpec(name="until", type="date", required=False),
            FieldSpec(name="nights", type="integer", minimum=1, maximum=365),
            FieldSpec(name="rate", type="decimal", minimum=0, required=False, default=10),
            FieldSpec(name="kind", type="enum", values=("half board", "full board")),
        ),
        filters=("kind", "date", "nights", "rate"), sort=("date", "nights"),
    )  # fmt: skip
    return make_plan("Studio", [course, session, stay], auth=True, rules=_studio_rules())


def wordy_plan() -> Plan:
    """Names as long as people make them: lines must still fit."""
    appointment = EntitySpec(
        name="MaintenanceAppointment", table="maintenance_appointments", path="maintenance-appointments",
        label="Maintenance appointment", label_plural="Maintenance appointments",
        fields=(
            FieldSpec(name="preferred_contact_phone_number", type="string", max_length=40, unique=True),
            FieldSpec(name="responsible_technician_email", type="email", unique=True),
            FieldSpec(name="estimated_duration_minutes", type="integer", minimum=5, maximum=600, required=False, default=30),
            FieldSpec(name="scheduled_beginning_at", type="datetime"),
            FieldSpec(name="scheduled_completion_at", type="datetime"),
            FieldSpec(
                name="current_processing_status", type="enum", required=False, default="waiting for confirmation",
                values=("waiting for confirmation", "confirmed by the customer", "cancelled by the customer", "completed"),
            ),
            FieldSpec(
                name="previous_maintenance_appointment_id", type="reference", references="MaintenanceAppointment", required=False,
            ),
            FieldSpec(name="replacement_component_ids", type="reference_list", references="ReplacementComponent", required=False),
        ),
        unique_together=(("preferred_contact_phone_number", "responsible_technician_email", "scheduled_beginning_at"),),
        search=("preferred_contact_phone_number", "responsible_technician_email"),
        filters=("current_processing_status", "previous_maintenance_appointment_id", "replacement_component_ids"),
        sort=("estimated_duration_minutes", "scheduled_beginning_at", "preferred_contact_phone_number"),
    )  # fmt: skip
    component = EntitySpec(
        name="ReplacementComponent", table="replacement_components", path="replacement-components",
        label="Replacement component", label_plural="Replacement components",
        fields=(FieldSpec(name="manufacturer_part_description", type="text"),),
    )  # fmt: skip
    rules = [
        RuleSpec(
            id="appointments_end_after_they_begin", kind="ordered_fields", entity="MaintenanceAppointment",
            statement="A maintenance appointment is completed after it has begun: a sentence too long for one line of code.",
            params={"start": "scheduled_beginning_at", "end": "scheduled_completion_at"},
        ),
        RuleSpec(
            id="appointment_processing_status", kind="status_flow", entity="MaintenanceAppointment",
            statement="An appointment waits, is confirmed or cancelled, and is completed at last.",
            params={
                "field": "current_processing_status", "initial": "waiting for confirmation",
                "transitions": {
                    "waiting for confirmation": ["confirmed by the customer", "cancelled by the customer"],
                    "confirmed by the customer": ["completed", "cancelled by the customer"],
                },
            },
        ),
    ]  # fmt: skip
    return make_plan("Maintenance planning", [appointment, component], rules=rules)


def poll_plan() -> Plan:
    """Votes that name a choice, its question and the question's poll, which have to fit together."""
    poll = EntitySpec(
        name="Poll", table="polls", path="polls", label="Poll", label_plural="Polls", access="login",
        fields=(FieldSpec(name="title", type="string"),),
    )  # fmt: skip
    question = EntitySpec(
        name="Question", table="questions", path="questions", label="Question", label_plural="Questions", access="login",
        fields=(FieldSpec(name="text", type="string"), FieldSpec(name="poll_id", type="reference", references="Poll")),
    )  # fmt: skip
    choice = EntitySpec(
        name="Choice", table="choices", path="choices", label="Choice", label_plural="Choices", access="login",
        fields=(
            FieldSpec(name="text", type="string"), FieldSpec(name="question_id", type="reference", references="Question"),
        ),
    )  # fmt: skip
    vote = EntitySpec(
        name="Vote", table="votes", path="votes", label="Vote", label_plural="Votes", access="owner",
        fields=(
            OWNER,
            FieldSpec(name="choice_id", type="reference", references="Choice"),
            FieldSpec(name="poll_id", type="reference", references="Poll"),
            FieldSpec(name="question_id", type="reference", references="Question", required=False),
        ),
        filters=("choice_id", "poll_id", "question_id"), unique_together=(("owner_id", "poll_id"),),
    )  # fmt: skip
    entities = [poll, question, choice, vote]
    once = RuleSpec(
        id="one_vote", kind="unique_per", entity="Vote", statement="One vote each.",
        params={"fields": ["owner_id", "poll_id"]},
    )  # fmt: skip
    return make_plan("Polls", entities, auth=True, rules=[once, *same_parent_rules(entities)])
