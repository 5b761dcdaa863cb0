"""What a GitLab instance of one project knows, and what people do there."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.wire.repository import GitStore


@dataclass
class User:
    id: int
    username: str

    def shown(self, web: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "username": self.username,
            "public_email": None,
            "name": self.username.title(),
            "state": "active",
            "locked": False,
            "avatar_url": None,
            "web_url": f"{web}/{self.username}",
        }


@dataclass
class Token:
    user: User
    scopes: tuple[str, ...] = ("api",)


@dataclass
class MergeRequest:
    iid: int
    author: User
    title: str
    description: str
    source_branch: str
    target_branch: str
    sha: str | None
    source_project_id: int
    created: int
    state: str = "opened"
    labels: list[str] = field(default_factory=list)
    reviewers: dict[int, str] = field(default_factory=dict)
    approved_by: list[int] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)


class Project:
    """Knobs are plain attributes: levels by user id (10 guest to 50 owner), by way of project or group; protected patterns."""

    id = 42

    def __init__(self, store: GitStore, path: str, web: str = "") -> None:
        self.store = store
        self.path = path
        self.web = web
        self.users: dict[str, User] = {}
        self.tokens: dict[str, Token] = {}
        self.levels: dict[int, int] = {}
        self.group_levels: dict[int, int] = {}
        self.invited_levels: dict[int, int] = {}
        self.archived = False
        self.public = False
        self.features = {"repository": "enabled", "merge_requests": "enabled"}
        self.protected: list[str] = []
        self.push_rule: str | None = None
        self.requests: list[MergeRequest] = []
        self._notes = 300

    def user(self, username: str, level: int = 0) -> User:
        user = self.users.setdefault(username, User(7 + len(self.users), username))
        if level:
            self.levels[user.id] = level
        return user

    def level(self, user: User) -> int:
        given = (self.levels, self.group_levels, self.invited_levels)
        return max(levels.get(user.id, 0) for levels in given)

    def may_push(self, user: User, branch: str) -> bool:
        level = self.level(user)
        guarded = any(re.fullmatch(pattern, branch) for pattern in self.protected)
        if not self.store.branches:  # the default branch of an empty project is guarded from the start
            guarded = guarded or branch == "main"
        return not self.archived and level >= (40 if guarded else 30)

    def request(self, iid: int) -> MergeRequest:
        return next(request for request in self.requests if request.iid == iid)

    def note(
        self, iid: int, username: str, body: str, *, system: bool = False, at: tuple[str, int] | None = None
    ) -> int:
        """Somebody says something; `at` is (path, line)."""
        self._notes += 1
        self.store.now += 1
        note: dict[str, Any] = {
            "id": self._notes,
            "type": "DiffNote" if at else None,
            "body": body,
            "author": self.user(username).shown(self.web),
            "created_at": stamp(self.store.now),
            "updated_at": stamp(self.store.now),
            "system": system,
            "noteable_id": 1000 + iid,
            "noteable_type": "MergeRequest",
            "project_id": self.id,
            "noteable_iid": iid,
            "resolvable": bool(at),
            "confidential": False,
            "internal": False,
        }
        if at:
            sides = {"new_path": at[0], "old_path": at[0], "new_line": at[1], "old_line": None}
            note["position"] = {"position_type": "text", **sides}
        self.request(iid).notes.append(note)
        return self._notes

    def approve(self, iid: int, username: str) -> None:
        self.request(iid).approved_by.append(self.user(username).id)
        self.note(iid, username, "approved this merge request", system=True)

    def ask_for_changes(self, iid: int, username: str) -> None:
        self.request(iid).reviewers[self.user(username).id] = "requested_changes"
        self.note(iid, username, "requested changes", system=True)

    def end(self, iid: int, state: str) -> None:
        """`closed` or `merged`; the branch is deleted, as people have it done."""
        request = self.request(iid)
        request.sha = self.store.branches.get(request.source_branch)
        request.state = state
        self.store.delete_branch(request.source_branch)


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
