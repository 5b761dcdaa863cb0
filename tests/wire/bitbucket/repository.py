"""What Bitbucket knows of one repository, and what people do there."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.wire.repository import GitStore


@dataclass
class User:
    nickname: str
    uuid: str
    kind: str = "user"

    def shown(self) -> dict[str, Any]:
        return {
            "type": self.kind,
            "uuid": self.uuid,
            "account_id": f"557058:{self.uuid.strip('{}')}",
            "nickname": self.nickname,
            "display_name": self.nickname.title(),
            "links": {},
        }


@dataclass
class PullRequest:
    id: int
    author: User
    title: str
    description: str
    branch: str
    base: str
    source_repository: str
    draft: bool = False
    state: str = "OPEN"
    commit: str = ""
    reviewers: list[str] = field(default_factory=list)
    participants: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)


class Repository:
    """Knobs are plain attributes. `scopes` are those of the token; `may_write` is what its user may do."""

    def __init__(self, store: GitStore, full_name: str, web: str = "") -> None:
        self.store = store
        self.full_name = full_name
        self.web = web
        self.users: dict[str, User] = {}
        self.scopes: tuple[str, ...] | None = ("pullrequest:write", "repository:write", "account")
        self.may_read = True
        self.may_write = True
        self.restricted: list[str] = []
        self.members_visible = True
        self.tells_location = True
        self.requests: list[PullRequest] = []
        self._comments = 500

    def user(self, nickname: str, kind: str = "user") -> User:
        number = len(self.users) + 1
        return self.users.setdefault(nickname, User(nickname, f"{{0000000{number}-0000-4000-8000-000000000000}}", kind))

    def resolve(self, short: str) -> str | None:
        """The one commit of a branch or request whose hash begins so."""
        heads = [*self.store.branches.values(), *(request.commit for request in self.requests if request.commit)]
        known = {commit for head in heads for commit in self.store.history(head)}
        found = [commit for commit in known if commit.startswith(short)]
        return found[0] if len(found) == 1 else None

    def request(self, number: int) -> PullRequest:
        return next(request for request in self.requests if request.id == number)

    def comment(self, number: int, nickname: str, text: str, **changes: Any) -> int:
        """Somebody comments; `changes` are fields of the comment."""
        self._comments += 1
        self.store.now += 1
        comment = {
            "type": "pullrequest_comment",
            "id": self._comments,
            "content": {"type": "rendered", "raw": text, "markup": "markdown", "html": f"<p>{text}</p>"},
            "user": self.user(nickname).shown(),
            "created_on": stamp(self.store.now),
            "updated_on": stamp(self.store.now),
            "deleted": False,
            "pending": False,
        }
        self.request(number).comments.append(comment | changes)
        return self._comments

    def review(self, number: int, nickname: str, state: str | None, role: str = "REVIEWER") -> None:
        """`approved`, `changes_requested`, or None for neither."""
        self.store.now += 1
        given = {
            "type": "participant",
            "user": self.user(nickname).shown(),
            "role": role,
            "approved": state == "approved",
            "state": state,
            "participated_on": stamp(self.store.now),
        }
        others = [one for one in self.request(number).participants if one["user"]["nickname"] != nickname]
        self.request(number).participants = [*others, given]

    def end(self, number: int, state: str) -> None:
        """`DECLINED` or `MERGED`; the branch is deleted, as people have it done."""
        request = self.request(number)
        request.commit = self.store.branches[request.branch]
        request.state = state
        self.store.delete_branch(request.branch)


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
