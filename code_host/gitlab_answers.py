"""What is used of GitLab's answers, with its own names (REST API v4)."""

from datetime import datetime
from typing import Literal

from code_host.foreign import Answer


class Commit(Answer):
    id: str
    parent_ids: tuple[str, ...] = ()
    message: str = ""


class Branch(Answer):
    name: str
    commit: Commit


class Diff(Answer):
    diff: str = ""


class Comparison(Answer):
    diffs: tuple[Diff, ...]


class TreeEntry(Answer):
    id: str
    name: str
    path: str
    type: Literal["blob", "tree", "commit"]
    mode: str


class User(Answer):
    id: int
    username: str


class Access(Answer):
    access_level: int


class Permissions(Answer):
    project_access: Access | None = None
    group_access: Access | None = None


class Project(Answer):
    id: int
    default_branch: str | None = None
    archived: bool = False
    empty_repo: bool = False
    repository_access_level: str = "enabled"
    merge_requests_access_level: str = "enabled"
    permissions: Permissions = Permissions()


class Token(Answer):
    scopes: tuple[str, ...] = ()
    expires_at: str | None = None


class Version(Answer):
    version: str


class MergeRequest(Answer):
    iid: int
    title: str
    description: str | None = None
    state: Literal["opened", "closed", "locked", "merged"]
    source_branch: str
    target_branch: str
    source_project_id: int | None = None
    target_project_id: int
    sha: str | None = None
    web_url: str
    draft: bool = False


class Position(Answer):
    new_path: str | None = None
    new_line: int | None = None


class Note(Answer):
    id: int
    body: str
    author: User
    created_at: datetime
    system: bool = False
    position: Position | None = None


class Approval(Answer):
    user: User
    approved_at: datetime | None = None


class Approvals(Answer):
    approved_by: tuple[Approval, ...] = ()


class Reviewer(Answer):
    user: User
    state: str
    created_at: datetime
