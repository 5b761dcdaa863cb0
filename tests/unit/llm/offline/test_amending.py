"""Wishes about a finished application become changes of its plan; what cannot be done is said."""

from collections.abc import Callable

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from core.plan import EntitySpec, FieldSpec, Plan
from core.standard.document import openapi, page_limits
from llm.offline.amending import amend
from tests.plans import blog_plan, booking_plan, issue_plan, library_plan, todo_plan


def changed(plan: Plan, wish: str) -> Plan:
    change = amend(plan, wish)
    assert change.plan is not None, change.cannot
    OpenAPIV31SpecValidator(openapi(change.plan)).validate()
    return change.plan


def entity(plan: Plan, name: str) -> EntitySpec:
    found = plan.entity(name)
    assert found is not None
    return found


def field(plan: Plan, where: str) -> FieldSpec:
    owner, _, name = where.partition(".")
    found = entity(plan, owner).field(name)
    assert found is not None, [one.name for one in entity(plan, owner).fields]
    return found


@pytest.mark.parametrize(
    ("wish", "where", "kind"),
    [
        ("add a subtitle field to posts", "Post.subtitle", "string"),
        ("posts should have a published date", "Post.published_date", "date"),
        ("Could you add an image url to each post?", "Post.image_url", "url"),
        ("Posts need a view count", "Post.view_count", "integer"),
        ("comments should have an email", "Comment.email", "email"),
        ("add a featured flag to posts", "Post.featured", "boolean"),
        ("a due date is missing", "Post.due_date", "date"),
        ("I'd like a rating between 1 and 10 on posts", "Post.rating", "integer"),
        ("looks great, but please add a price to posts", "Post.price", "decimal"),
    ],
)
def test_fields_are_added_with_fitting_types(wish: str, where: str, kind: str) -> None:
    assert field(changed(blog_plan(), wish), where).type == kind


@pytest.mark.parametrize(
    "wish",
    [
        "the title should be optional", "Don't ship it yet, the title should be optional", "make the title optional",
        "the title of a post should not be required", "can you make the title optional?",
        "the post's title must not be required", "title shouldn't be mandatory",
    ],
)  # fmt: skip
def test_a_field_becomes_optional(wish: str) -> None:
    assert not field(changed(blog_plan(), wish), "Post.title").required


def test_a_field_becomes_required_or_unique_or_neither() -> None:
    assert field(changed(library_plan(), "the published year must be required"), "Book.published_year").required
    assert field(changed(blog_plan(), "the title must be unique"), "Post.title").unique
    assert not field(changed(library_plan(), "the isbn should not be unique"), "Book.isbn").unique


def test_a_field_is_renamed_everywhere_it_is_named() -> None:
    post = entity(changed(blog_plan(), "ship it but rename the title field to headline"), "Post")
    assert post.field("title") is None
    assert post.search == ("headline", "body")
    assert post.sort == ("headline", "created_at")


def test_a_field_is_removed_with_its_search_and_filters() -> None:
    book = entity(changed(library_plan(), "remove the isbn from books"), "Book")
    assert book.field("isbn") is None
    assert book.search == ("title",)


def test_what_a_rule_needs_stays_and_the_reply_says_so() -> None:
    change = amend(booking_plan(), "remove the capacity from events")
    assert change.plan is None or entity(change.plan, "Event").field("capacity")
    assert "status" in amend(issue_plan(), "remove the status").cannot.lower()


@pytest.mark.parametrize(
    ("wish", "default"),
    [
        ("the search endpoint returns too many results", 10), ("the list is too long", 10),
        ("limit the list to 10", 10), ("please use 25 results per page instead of 20", 25),
        ("show 5 posts per page", 5), ("shorter lists please", 10), ("return fewer results", 10),
        ("limit the lists to at most 50 results", 50),
    ],
)  # fmt: skip
def test_page_sizes_follow_the_wish(wish: str, default: int) -> None:
    document = openapi(changed(blog_plan(), wish))
    assert f"'default': {default}" in str(document["paths"])


def test_the_most_that_may_be_asked_for_changes_only_when_the_wish_says_so() -> None:
    (default, most) = page_limits(changed(blog_plan(), "show 10 posts per page"), entity(blog_plan(), "Post"))
    assert (default, most) == (10, 100)
    (default, most) = page_limits(
        changed(blog_plan(), "limit the lists to at most 50 results"), entity(blog_plan(), "Post")
    )
    assert (default, most) == (50, 50)


def test_search_filter_and_sort_are_added() -> None:
    assert "author_name" in entity(changed(blog_plan(), "add search by author name"), "Comment").search
    assert (
        "published_year" in entity(changed(library_plan(), "let users filter books by published year"), "Book").filters
    )
    assert "due_on" in entity(changed(library_plan(), "allow sorting loans by due on"), "Loan").sort


def test_sign_in_can_be_required_and_rows_made_private() -> None:
    plan = changed(blog_plan(), "require login")
    assert plan.auth is not None
    assert {one.access for one in plan.entities} == {"login"}
    private = changed(blog_plan(), "users should only see their own posts")
    assert entity(private, "Post").access == "owner"
    assert entity(private, "Post").field("owner_id") is not None


def test_things_are_added_and_linked() -> None:
    assert field(changed(blog_plan(), "add likes to posts"), "Like.post_id").references == "Post"
    assert field(changed(blog_plan(), "add categories"), "Post.category_id").references == "Category"
    assert field(changed(todo_plan(), "add tags"), "Todo.tag_ids").type == "reference_list"
    reviews = changed(library_plan(), "add reviews with a rating and a comment to books")
    assert field(reviews, "Review.book_id").references == "Book"
    assert entity(changed(todo_plan(), "add subtasks to todos"), "Subtask").access == "owner"


def test_several_wishes_are_met_and_the_rest_is_said() -> None:
    change = amend(library_plan(), "add a phone number to members; remove isbn. And make the buttons blue!")
    assert change.plan is not None
    assert entity(change.plan, "Book").field("isbn") is None
    assert entity(change.plan, "Member").field("phone_number") is not None
    assert "make the buttons blue" in change.cannot
    assert any("phone number" in line for line in change.plan.covered)


def test_briefs_tell_the_agents_of_the_change() -> None:
    plan = changed(blog_plan(), "add reviews to posts")
    assert any("Reviews" in entry.brief for entry in plan.agents)


def test_an_export_is_a_rule() -> None:
    assert "csv_export" in {rule.kind for rule in changed(blog_plan(), "export posts to CSV").rules}


@pytest.mark.parametrize(
    "wish",
    [
        "make the colours darker",
        "make it faster",
        "",
        "hello",
        "translate everything",
        "remove the foo",
        "ship it",
        "the logo is ugly",
    ],
)
def test_what_is_no_change_of_the_plan_is_said_to_be_impossible(wish: str) -> None:
    change = amend(blog_plan(), wish)
    assert change.plan is None
    assert change.cannot


@pytest.mark.parametrize(
    "wish",
    [
        "add a status called blocked", "add the status blocked to issues", 'add "blocked" as a status',
        "allow blocked as another status", "looks good, but add blocked to the status values",
    ],
)  # fmt: skip
def test_a_workflow_gets_one_more_state_at_its_end(wish: str) -> None:
    plan = changed(issue_plan(), wish)
    assert field(plan, "Issue.status").values == ("open", "in_progress", "closed", "blocked")
    flow = next(rule for rule in plan.rules if rule.kind == "status_flow")
    assert flow.params["transitions"] == {
        "open": ["in_progress"], "in_progress": ["open", "closed"], "closed": ["in_progress", "blocked"], "blocked": ["closed"],
    }  # fmt: skip
    assert "blocked" in flow.statement


def test_a_state_is_renamed_or_removed_with_its_steps() -> None:
    plan = changed(issue_plan(), "rename the status closed to done; rename the status open to new")
    assert field(plan, "Issue.status").values == ("new", "in_progress", "done")
    assert field(plan, "Issue.status").default == "new"
    flow = next(rule for rule in plan.rules if rule.kind == "status_flow")
    assert (flow.params["initial"], flow.params["transitions"]) == (
        "new",
        {"new": ["in_progress"], "in_progress": ["new", "done"], "done": ["in_progress"]},
    )
    left = changed(issue_plan(), "remove the status closed")
    assert field(left, "Issue.status").values == ("open", "in_progress")


@pytest.mark.parametrize(
    ("wish", "kind"),
    [
        ("change the type of due date to datetime", "datetime"), ("change the due date to text", "string"),
        ("make the due date a number", "integer"), ("the due date should be a checkbox", "boolean"),
    ],
)  # fmt: skip
def test_a_field_gets_another_type(wish: str, kind: str) -> None:
    assert field(changed(todo_plan(), wish), "Todo.due_date").type == kind


def test_what_cannot_be_searched_or_sorted_any_more_is_not() -> None:
    plan = changed(todo_plan(), "make the title a number. make the description one of short, long")
    todo = entity(plan, "Todo")
    assert (todo.search, field(plan, "Todo.description").values) == ((), ("short", "long"))
    assert "title" in todo.sort


def test_a_choice_is_added_whole() -> None:
    plan = changed(todo_plan(), "add a priority that is one of low, medium and high")
    assert field(plan, "Todo.priority").values == ("low", "medium", "high")
    assert len(entity(plan, "Todo").fields) == len(entity(todo_plan(), "Todo").fields) + 1


@pytest.mark.parametrize(
    ("wish", "low", "high"),
    [
        ("limit the estimate to 50", 0, 50), ("the estimate must be at least 2", 2, 100),
        ("estimate must be positive", 1, 100), ("the estimate of an issue must not be more than 80", 0, 80),
    ],
)  # fmt: skip
def test_a_number_is_limited_at_one_end(wish: str, low: float, high: float) -> None:
    made = changed(issue_plan(), "the estimate should be between 0 and 100")
    estimate = field(changed(made, wish), "Issue.estimate")
    assert (estimate.minimum, estimate.maximum) == (low, high)


@pytest.mark.parametrize("wish", ["limit the title to 80 characters", "titles must be at most 80 characters long"])
def test_a_text_is_limited(wish: str) -> None:
    assert field(changed(todo_plan(), wish), "Todo.title").max_length == 80


def test_a_thing_is_removed_with_the_links_to_it() -> None:
    plan = changed(blog_plan(), "remove the tags")
    assert plan.entity("Tag") is None
    assert entity(plan, "Post").field("tag_ids") is None


def test_one_list_is_shortened_where_one_is_named() -> None:
    plan = changed(blog_plan(), "show 5 posts per page")
    assert page_limits(plan, entity(plan, "Post"))[0] == 5
    assert page_limits(plan, entity(plan, "Comment"))[0] == 20


@pytest.mark.parametrize(
    ("make", "wish"),
    [
        (issue_plan, "remove projects"), (issue_plan, "remove the status open"),
        (issue_plan, "change the type of the status to text"),
        (todo_plan, "rename title to id"), (todo_plan, "limit weight to 100"), (todo_plan, "make the title required"),
        (todo_plan, "limit the title to 5"), (todo_plan, "add limit to todos"), (blog_plan, "add a dark mode"),
        (blog_plan, "add a thing that is only shown to friends"), (blog_plan, "change the type of the tags to text"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_and_nothing_is_claimed(make: Callable[[], Plan], wish: str) -> None:
    change = amend(make(), wish)
    assert (change.plan, change.said) == (None, "")
    assert change.cannot
