"""What is used of Bitbucket Cloud's answers, with its own names (REST API 2.0)."""

from datetime import datetime
from typing import Literal

from code_host.foreign import Answer


class Named(Answer):
    name: str


class Hash(Answer):
    hash: str


class Repository(Answer):
    full_name: str
    mainbranch: Named | None = None


class Commit(Answer):
    hash: str
    message: str = ""
    parents: tuple[Hash, ...] = ()


class Branch(Answer):
    name: str
    target: Commit


class Branches(Answer):
    values: tuple[Branch, ...]


class TreeEntry(Answer):
    path: str
    type: Literal["commit_file", "commit_directory"]
    attributes: tuple[str, ...] = ()


class TreeEntries(Answer):
    values: tuple[TreeEntry, ...]


class Path(Answer):
    path: str


class Change(Answer):
    lines_added: int | None = 0
    lines_removed: int | None = 0
    old: Path | None = None
    new: Path | None = None


class Changes(Answer):
    values: tuple[Change, ...]


class Account(Answer):
    type: str = "user"
    uuid: str = ""
    nickname: str = ""
    display_name: str = ""


class Member(Answer):
    user: Account


class Members(Answer):
    values: tuple[Member, ...]


class Source(Answer):
    full_name: str


class Endpoint(Answer):
    branch: Named
    commit: Hash | None = None
    repository: Source | None = None


class Link(Answer):
    href: str


class Links(Answer):
    html: Link


class Participant(Answer):
    user: Account
    role: str = "PARTICIPANT"
    state: Literal["approved", "changes_requested"] | None = None
    participated_on: datetime | None = None


class PullRequest(Answer):
    id: int
    title: str
    description: str | None = None
    state: Literal["OPEN", "MERGED", "DECLINED", "SUPERSEDED"]
    source: Endpoint
    destination: Endpoint
    links: Links
    participants: tuple[Participant, ...] = ()


class PullRequests(Answer):
    values: tuple[PullRequest, ...]


class Text(Answer):
    raw: str = ""


class Inline(Answer):
    path: str
    to: int | None = None


class Comment(Answer):
    id: int
    content: Text
    user: Account | None = None
    created_on: datetime
    deleted: bool = False
    pending: bool = False
    inline: Inline | None = None


class Comments(Answer):
    values: tuple[Comment, ...]
