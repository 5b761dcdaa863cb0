"""Pull requests, labels, reviewers and what people say, with the refusals that GitHub has for them."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tests.wire.github.objects import Objects
from tests.wire.github.shapes import Shapes
from tests.wire.github.state import OWNER, REPO, Answer, Asked, Pull, Refuse, Settings, iso

T = TypeVar("T")
_MOST_TITLE, _MOST_BODY, _MOST_LABEL = 256, 65_536, 50


class PullRoutes:
    def __init__(self, objects: Objects, settings: Settings, shapes: Shapes, now: Callable[[], float]) -> None:
        self._objects, self._settings, self._shapes, self._now = objects, settings, shapes, now
        self.pulls: list[Pull] = []

    def listed(self, asked: Asked) -> Answer:
        query = asked.query
        state, head = query.get("state", "open"), query.get("head", "")
        found = [pull for pull in map(self._fresh, self.pulls) if state == "all" or pull.open == (state == "open")]
        if ":" in head and self._settings.filters_heads:
            owner, branch = head.split(":", 1)
            found = [pull for pull in found if pull.head == branch and owner == _owner(pull)]
        if query.get("sort", "created") == "created" and query.get("direction", "desc") == "desc":
            found.reverse()
        return self._page(asked, found, lambda pull: self._shapes.pull(pull, self._settings, None))

    def create(self, asked: Asked) -> Answer:
        self._may(asked)
        body = asked.body
        head, base, branches = body["head"], body["base"], self._objects.branches()
        for name, given, most in (("title", body["title"], _MOST_TITLE), ("body", body.get("body") or "", _MOST_BODY)):
            if len(given) > most:
                raise _invalid(name, "custom", f"{name} is too long (maximum is {most} characters)")
        for name, branch in (("head", head), ("base", base)):
            if branch not in branches:
                raise _invalid(name, "invalid")
        if any(pull.open and (pull.head, pull.base, pull.from_fork) == (head, base, None) for pull in self.pulls):
            raise _invalid(None, "custom", f"A pull request already exists for {OWNER}:{head}.")
        if not set(self._objects.history(branches[head])) & set(self._objects.history(branches[base])):
            raise _invalid(None, "custom", f"The {head} branch has no history in common with {base}")
        if self._objects.is_ancestor(branches[head], branches[base]):
            raise _invalid(None, "custom", f"No commits between {base} and {head}")
        if body.get("draft") and not self._settings.drafts:
            raise Refuse(422, "Draft pull requests are not supported in this repository.")
        now = iso(self._now())
        pull = Pull(
            number=1 + len(self.pulls),
            head=head,
            base=base,
            title=body["title"],
            body=body.get("body"),
            draft=bool(body.get("draft")),
            author=asked.token.login,
            created_at=now,
            updated_at=now,
            head_sha=branches[head],
            base_sha=branches[base],
        )
        self.pulls.append(pull)
        return Answer(201, self._whole(pull), {"location": f"/repos/{REPO}/pulls/{pull.number}"})

    def show(self, asked: Asked) -> Answer:
        return Answer(200, self._whole(self._pull(asked, "pull_number")))

    def change(self, asked: Asked) -> Answer:
        self._may(asked)
        pull = self._pull(asked, "pull_number")
        pull.body = asked.body.get("body", pull.body)
        pull.title = asked.body.get("title", pull.title)
        self._touch(pull)
        return Answer(200, self._whole(pull))

    def label(self, asked: Asked) -> Answer:
        self._may(asked)
        pull = self._pull(asked, "issue_number")
        if any(not 0 < len(name) <= _MOST_LABEL for name in asked.body["labels"]):
            raise Refuse(422, "Validation Failed", {"resource": "Label", "code": "invalid", "field": "name"})
        pull.labels += [name for name in asked.body["labels"] if name not in pull.labels]
        self._touch(pull)
        return Answer(200, [self._shapes.label(name) for name in pull.labels])

    def ask_reviewers(self, asked: Asked) -> Answer:
        self._may(asked)
        pull = self._pull(asked, "pull_number")
        people, teams = asked.body.get("reviewers", []), asked.body.get("team_reviewers", [])
        if pull.author in people:
            raise Refuse(422, "Review cannot be requested from pull request author.")
        if set(people) - self._settings.collaborators or set(teams) - self._settings.teams:
            words = "One or more of the users or teams you specified is not a collaborator of the"
            raise Refuse(422, f"Reviews may only be requested from collaborators. {words} {REPO} repository.")
        pull.reviewers += [login for login in people if login not in pull.reviewers]
        pull.teams += [slug for slug in teams if slug not in pull.teams]
        self._touch(pull)
        return Answer(201, self._shapes.pull(pull, self._settings, None))

    def reviews(self, asked: Asked) -> Answer:
        pull = self._pull(asked, "pull_number")
        return self._page(asked, pull.reviews, lambda one: self._shapes.said("pull-request-review-items", one))

    def remarks(self, asked: Asked) -> Answer:
        pull = self._pull(asked, "pull_number")
        return self._page(asked, pull.remarks, lambda one: self._shapes.said("pull-request-review-comment-items", one))

    def comments(self, asked: Asked) -> Answer:
        pull = self._pull(asked, "issue_number")
        return self._page(asked, pull.comments, lambda one: self._shapes.said("issue-comment-items", one))

    def _whole(self, pull: Pull) -> Any:
        self._fresh(pull)
        return self._shapes.pull(pull, self._settings, self._objects.numstat(pull.base_sha, pull.head_sha))

    def _fresh(self, pull: Pull) -> Pull:
        """An open request has what its branch has now."""
        tip = self._objects.branches().get(pull.head)
        if pull.open and tip is not None and pull.from_fork is None:
            pull.head_sha = tip
            self._objects.keep(pull.number, tip)
        return pull

    def _pull(self, asked: Asked, name: str) -> Pull:
        for pull in self.pulls:
            if str(pull.number) == asked.values[name]:
                return pull
        raise Refuse(404, "Not Found")

    def _touch(self, pull: Pull) -> None:
        pull.updated_at = iso(self._now() + 1)

    def _may(self, asked: Asked) -> None:
        if not asked.token.pulls:
            wanted = {"x_accepted_github_permissions": "pull_requests=write"}
            raise Refuse(403, "Resource not accessible by personal access token", **wanted)

    def _page(self, asked: Asked, rows: Sequence[T], shape: Callable[[T], Any]) -> Answer:
        size, page = int(asked.query.get("per_page", "30")), int(asked.query.get("page", "1"))
        body = [shape(row) for row in rows[(page - 1) * size : page * size]]
        return Answer(200, body, {"link-next": str(page + 1)} if page * size < len(rows) else {})


def _owner(pull: Pull) -> str:
    return OWNER if pull.from_fork is None else "stranger"


def _invalid(name: str | None, code: str, message: str | None = None) -> Refuse:
    error = {"resource": "PullRequest", "code": code}
    return Refuse(
        422, "Validation Failed", error | ({"field": name} if name else {}) | ({"message": message} if message else {})
    )
