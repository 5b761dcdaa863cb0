"""Plans written by hand, for tests of what comes after planning."""

from core.plan import AgentPlan, AuthSpec, EntitySpec, FieldSpec, Plan, RuleSpec
from core.types import AgentName

OWNERSHIP: dict[AgentName, tuple[str, ...]] = {
    AgentName.PLANNER: ("contract/**", "frontend/src/api/schema.d.ts"),
    AgentName.BACKEND: ("backend/app/**", "backend/requirements.txt", "backend/pyproject.toml"),
    AgentName.DATABASE: ("backend/app/db/**", "backend/migrations/**", "backend/alembic.ini"),
    AgentName.FRONTEND: ("frontend/**",),
    AgentName.QA: ("backend/tests/**", "frontend/src/**/*.test.ts", "frontend/src/**/*.test.tsx", "e2e/**"),
    AgentName.DEVOPS: (
        "Dockerfile",
        "compose.yaml",
        ".dockerignore",
        ".env.example",
        "README.md",
        ".github/**",
        "deploy/**",
    ),
}
OWNER = FieldSpec(name="owner_id", type="reference", references="User", server_set=True)


def make_plan(
    title: str,
    entities: list[EntitySpec],
    *,
    auth: bool = False,
    rules: list[RuleSpec] | None = None,
    frontend: bool = True,
) -> Plan:
    skipped = () if frontend else (AgentName.FRONTEND,)
    return Plan(
        title=title,
        slug=title.lower().replace(" ", "-"),
        summary=f"{title}.",
        agents=tuple(AgentPlan(agent=agent, why="needed") for agent in AgentName if agent not in skipped),
        entities=tuple(entities),
        auth=AuthSpec() if auth else None,
        rules=tuple(rules or ()),
        ownership={agent: globs for agent, globs in OWNERSHIP.items() if agent not in skipped},
        covered=tuple(entity.label for entity in entities),
    )


def todo_plan() -> Plan:
    """Owned rows behind a login, search, filter and sort; no interface."""
    todo = EntitySpec(
        name="Todo", table="todos", path="todos", label="Todo", label_plural="Todos", access="owner",
        fields=(
            OWNER,
            FieldSpec(name="title", type="string", max_length=200),
            FieldSpec(name="description", type="text", required=False),
            FieldSpec(name="completed", type="boolean", required=False, default=False),
            FieldSpec(name="due_date", type="date", required=False),
        ),
        search=("title", "description"), filters=("completed",), sort=("title", "due_date", "created_at"),
    )  # fmt: skip
    return make_plan("Todo list", [todo], auth=True, frontend=False)


def blog_plan() -> Plan:
    """Children of a parent and a many-to-many link, public, with an interface."""
    post = EntitySpec(
        name="Post", table="posts", path="posts", label="Post", label_plural="Posts",
        fields=(
            FieldSpec(name="title", type="string", max_length=200),
            FieldSpec(name="body", type="text"),
            FieldSpec(name="tag_ids", type="reference_list", references="Tag", required=False),
        ),
        search=("title", "body"), sort=("title", "created_at"),
    )  # fmt: skip
    comment = EntitySpec(
        name="Comment", table="comments", path="comments", label="Comment", label_plural="Comments",
        fields=(
            FieldSpec(name="post_id", type="reference", references="Post"),
            FieldSpec(name="author_name", type="string", max_length=120),
            FieldSpec(name="body", type="text"),
        ),
        filters=("post_id",),
    )  # fmt: skip
    tag = EntitySpec(
        name="Tag", table="tags", path="tags", label="Tag", label_plural="Tags",
        fields=(FieldSpec(name="name", type="string", max_length=80, unique=True),), search=("name",),
    )  # fmt: skip
    return make_plan("Blog", [post, comment, tag])


def library_plan() -> Plan:
    """One active loan per book, with a return operation."""
    author = EntitySpec(
        name="Author", table="authors", path="authors", label="Author", label_plural="Authors",
        fields=(FieldSpec(name="name", type="string", max_length=200),), search=("name",),
    )  # fmt: skip
    book = EntitySpec(
        name="Book", table="books", path="books", label="Book", label_plural="Books",
        fields=(
            FieldSpec(name="title", type="string", max_length=200),
            FieldSpec(name="isbn", type="string", max_length=20, unique=True),
            FieldSpec(name="published_year", type="integer", required=False, minimum=0, maximum=9999),
            FieldSpec(name="author_id", type="reference", references="Author"),
        ),
        search=("title", "isbn"), filters=("author_id",), sort=("title", "published_year"),
    )  # fmt: skip
    member = EntitySpec(
        name="Member", table="members", path="members", label="Member", label_plural="Members",
        fields=(
            FieldSpec(name="name", type="string", max_length=200),
            FieldSpec(name="email", type="email", unique=True),
        ),
    )  # fmt: skip
    loan = EntitySpec(
        name="Loan", table="loans", path="loans", label="Loan", label_plural="Loans",
        fields=(
            FieldSpec(name="book_id", type="reference", references="Book"),
            FieldSpec(name="member_id", type="reference", references="Member"),
            FieldSpec(name="due_on", type="date", required=False),
            FieldSpec(name="returned_at", type="datetime", required=False, server_set=True),
        ),
        filters=("book_id", "member_id"),
    )  # fmt: skip
    rule = RuleSpec(
        id="one_active_loan", kind="single_active", entity="Loan", statement="A book can be lent to one member at a time.",
        params={"reference": "book_id", "returned_field": "returned_at"},
    )  # fmt: skip
    return make_plan("Library", [author, book, member, loan], rules=[rule])


def booking_plan() -> Plan:
    """Capacity, one booking per user, ordered times; events by any signed-in user, bookings owned."""
    event = EntitySpec(
        name="Event", table="events", path="events", label="Event", label_plural="Events", access="login",
        fields=(
            FieldSpec(name="title", type="string", max_length=200),
            FieldSpec(name="starts_at", type="datetime"),
            FieldSpec(name="ends_at", type="datetime"),
            FieldSpec(name="capacity", type="integer", minimum=1, maximum=100000),
        ),
        search=("title",), sort=("title", "starts_at"),
    )  # fmt: skip
    booking = EntitySpec(
        name="Booking", table="bookings", path="bookings", label="Booking", label_plural="Bookings", access="owner",
        fields=(
            OWNER,
            FieldSpec(name="event_id", type="reference", references="Event"),
            FieldSpec(name="note", type="string", max_length=200, required=False),
        ),
        unique_together=(("owner_id", "event_id"),), filters=("event_id",),
    )  # fmt: skip
    rules = [
        RuleSpec(
            id="no_overbooking", kind="capacity", entity="Booking", statement="An event takes no more bookings than it has room.",
            params={"parent": "Event", "reference": "event_id", "field": "capacity"},
        ),
        RuleSpec(
            id="one_booking_each", kind="unique_per", entity="Booking", statement="A user books an event once.",
            params={"fields": ["owner_id", "event_id"]},
        ),
        RuleSpec(
            id="event_times", kind="ordered_fields", entity="Event", statement="An event ends after it starts.",
            params={"start": "starts_at", "end": "ends_at"},
        ),
    ]  # fmt: skip
    return make_plan("Event booking", [event, booking], auth=True, rules=rules)


def expense_plan() -> Plan:
    """Totals by month and category over own rows."""
    category = EntitySpec(
        name="Category", table="categories", path="categories", label="Category", label_plural="Categories", access="owner",
        fields=(OWNER, FieldSpec(name="name", type="string", max_length=80)), unique_together=(("owner_id", "name"),),
    )  # fmt: skip
    expense = EntitySpec(
        name="Expense", table="expenses", path="expenses", label="Expense", label_plural="Expenses", access="owner",
        fields=(
            OWNER,
            FieldSpec(name="amount", type="decimal", minimum=0.01, maximum=9999999999.99),
            FieldSpec(name="spent_on", type="date"),
            FieldSpec(name="description", type="string", max_length=200, required=False),
            FieldSpec(name="category_id", type="reference", references="Category", required=False),
        ),
        search=("description",), filters=("category_id",), sort=("amount", "spent_on"),
    )  # fmt: skip
    rule = RuleSpec(
        id="monthly_totals", kind="totals", entity="Expense", statement="Expenses are totalled by month.",
        params={"value": "amount", "date": "spent_on", "group_by": ["month", "category_id"]},
    )  # fmt: skip
    return make_plan("Expense tracker", [category, expense], auth=True, rules=[rule])


def links_plan() -> Plan:
    """A redirect that counts, no interface."""
    link = EntitySpec(
        name="Link", table="links", path="links", label="Link", label_plural="Links",
        fields=(
            FieldSpec(name="url", type="url"),
            FieldSpec(name="code", type="string", max_length=32, required=False, unique=True),
            FieldSpec(name="clicks", type="integer", required=False, default=0, server_set=True),
        ),
        search=("url", "code"), sort=("clicks", "created_at"),
    )  # fmt: skip
    rule = RuleSpec(
        id="count_clicks", kind="counter_redirect", entity="Link", statement="Following a short link counts a click.",
        params={"key_field": "code", "target_field": "url", "count_field": "clicks"},
    )  # fmt: skip
    return make_plan("URL shortener", [link], rules=[rule], frontend=False)


def issue_plan() -> Plan:
    """A status workflow, labels, a child summary, CSV export and low stock in one."""
    project = EntitySpec(
        name="Project", table="projects", path="projects", label="Project", label_plural="Projects",
        fields=(FieldSpec(name="name", type="string", max_length=120, unique=True),),
    )  # fmt: skip
    label = EntitySpec(
        name="Label", table="labels", path="labels", label="Label", label_plural="Labels",
        fields=(FieldSpec(name="name", type="string", max_length=80, unique=True),),
    )  # fmt: skip
    issue = EntitySpec(
        name="Issue", table="issues", path="issues", label="Issue", label_plural="Issues",
        fields=(
            FieldSpec(name="project_id", type="reference", references="Project"),
            FieldSpec(name="title", type="string", max_length=200),
            FieldSpec(name="estimate", type="integer", required=False, minimum=0, maximum=1000),
            FieldSpec(name="label_ids", type="reference_list", references="Label", required=False),
            FieldSpec(name="status", type="enum", values=("open", "in_progress", "closed"), required=False, default="open"),
        ),
        search=("title",), filters=("project_id", "status"), sort=("title", "estimate"),
    )  # fmt: skip
    rules = [
        RuleSpec(
            id="issue_status", kind="status_flow", entity="Issue", statement="An issue goes from open to in progress to closed.",
            params={
                "field": "status",
                "initial": "open",
                "transitions": {"open": ["in_progress"], "in_progress": ["open", "closed"], "closed": ["open"]},
            },
        ),
        RuleSpec(
            id="project_issues", kind="child_summary", entity="Project", statement="A project shows how many issues it has.",
            params={"child": "Issue", "reference": "project_id", "value": "estimate"},
        ),
        RuleSpec(id="issue_csv", kind="csv_export", entity="Issue", statement="Issues can be exported as CSV.", params={}),
        RuleSpec(
            id="small_issues", kind="low_stock", entity="Issue", statement="Issues with a small estimate are listed.",
            params={"field": "estimate", "threshold": 3},
        ),
    ]  # fmt: skip
    return make_plan("Issue tracker", [project, label, issue], rules=rules)


ALL = (todo_plan, blog_plan, library_plan, booking_plan, expense_plan, links_plan, issue_plan)
