"""Which things must share a parent, read off the shape of a plan."""

from core.plan import EntitySpec, FieldSpec, RuleSpec
from llm.offline.parentage import same_parent_rules
from llm.offline.planning import plan_sentence
from tests.unit.llm.offline.rare_rules import poll_plan


def entity(name: str, *references: str, required: bool = True) -> EntitySpec:
    fields = tuple(
        FieldSpec(name=f"{target.lower()}_id", type="reference", references=target, required=required)
        for target in references
    )
    words = name.lower()
    return EntitySpec(
        name=name, table=f"{words}s", path=f"{words}s", label=name, label_plural=f"{name}s",
        fields=(FieldSpec(name="name", type="string"), *fields),
    )  # fmt: skip


def references(rules: tuple[RuleSpec, ...]) -> list[tuple[object, ...]]:
    return [(rule.entity, rule.params["reference"], rule.params["same"]) for rule in rules]


def test_the_choice_of_a_vote_belongs_to_its_question() -> None:
    rules = same_parent_rules(poll_plan().entities)
    assert references(rules) == [("Vote", "choice_id", "question_id"), ("Vote", "question_id", "poll_id")]
    assert rules[0].statement == "The choice of a vote belongs to its question."


def test_a_sentence_about_votes_brings_the_rule() -> None:
    plan = plan_sentence("Poll app: questions with choices, one vote per user")
    assert not isinstance(plan, str)
    assert "The choice of a vote belongs to its question." in [rule.statement for rule in plan.rules]
    assert [rule.entity for rule in plan.rules if rule.kind == "same_parent"] == ["Vote", "Vote"]


def test_who_comments_on_a_post_need_not_be_its_author() -> None:
    assert same_parent_rules([entity("Author"), entity("Post", "Author"), entity("Comment", "Post", "Author")]) == ()


def test_what_may_be_without_a_parent_belongs_to_none() -> None:
    loose = entity("Choice", "Question", required=False)
    assert same_parent_rules([entity("Question"), loose, entity("Vote", "Choice", "Question")]) == ()


def test_two_references_to_the_same_thing_say_nothing() -> None:
    match = entity("Match", "Team", "Team")
    assert same_parent_rules([entity("League"), entity("Team", "League"), match]) == ()
