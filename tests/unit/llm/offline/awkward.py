"""A plan of everything that is rare: every field type, odd labels, partial operations, links to oneself and to accounts."""

from core.plan import EntitySpec, FieldSpec, Plan, RuleSpec
from tests.plans import OWNER, make_plan


def _odd_rules() -> list[RuleSpec]:
    """Following links and voting."""
    return [
        RuleSpec(
            id="clicks", kind="counter_redirect", entity="Link", statement="Following a link counts.",
            params={"key_field": "code", "target_field": "url", "count_field": "clicks"},
        ),
        RuleSpec(
            id="one_vote", kind="unique_per", entity="Vote", statement="One vote each.",
            params={"fields": ["owner_id", "query_id"]},
        ),
    ]  # fmt: skip


def awkward_plan() -> Plan:
    """Names that collide with the libraries' (`Link`, `Form`, `Query`), labels full of quotes and braces, short texts."""
    link = EntitySpec(
        name="Link", table="links", path="links", label="Link", label_plural="Links", access="login",
        fields=(
            FieldSpec(name="url", type="url"),
            FieldSpec(name="code", type="string", max_length=32, required=False, unique=True),
            FieldSpec(name="clicks", type="integer", required=False, default=0, server_set=True),
        ),
        search=("url",),
    )  # fmt: skip
    query = EntitySpec(
        name="Query", table="query_rows", path="query-rows", label='"Raw" <b>{query}</b> & `co`', label_plural="Queries & \"co\"",
        fields=(
            FieldSpec(name="name", type="string", max_length=40, required=False),
            FieldSpec(name="country", type="string", max_length=2),
            FieldSpec(name="home_page", type="url", required=False),
            FieldSpec(name="contact", type="email", required=False),
            FieldSpec(name="active", type="boolean", required=False, default=True),
            FieldSpec(name="level", type="enum", values=("low", "very high", "3"), required=False),
            FieldSpec(name="kind", type="enum", values=("in_house", "other")),
            FieldSpec(name="score", type="number", minimum=-1, maximum=1, required=False),
            FieldSpec(name="price", type="decimal", minimum=0.01, default=9.5, required=False),
            FieldSpec(name="seen_at", type="datetime", required=False),
            FieldSpec(name="parent_id", type="reference", references="Query", required=False),
            FieldSpec(name="assignee_id", type="reference", references="User", required=False),
            FieldSpec(name="link_ids", type="reference_list", references="Link", required=False),
        ),
        filters=("active", "level", "country", "score", "seen_at", "parent_id", "link_ids"),
        sort=("name", "updated_at"), access="login",
    )  # fmt: skip
    vote = EntitySpec(
        name="Vote", table="votes", path="votes", label="Vote", label_plural="Votes", access="owner",
        fields=(OWNER, FieldSpec(name="query_id", type="reference", references="Query")),
        unique_together=(("owner_id", "query_id"),), operations=("list", "create", "delete"),
    )  # fmt: skip
    form = EntitySpec(
        name="Form", table="forms", path="forms", label="Form", label_plural="Forms",
        fields=(FieldSpec(name="day", type="date"), FieldSpec(name="measured", type="number")), operations=("list", "read"),
    )  # fmt: skip
    plain = make_plan("Odd app", [link, query, vote, form], auth=True, rules=_odd_rules())
    odd = {"title": 'Odd `${title}` </title> "app"', "not_covered": ("payments: nothing here | <b>takes</b> money",)}
    return plain.model_copy(update=odd)
