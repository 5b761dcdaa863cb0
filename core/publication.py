"""Words of the code host port: what is to be published, what stands there, and what people say about it there."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import Field

from core.types import Value


class PullRequestDraft(Value):
    """What is to be published: `key` is the idempotency key (one request per key, ever).

    The work is the difference between `origin` (a version of the workspace; None is the empty tree) and what was
    approved. `replaces` are the files of the base branch, path to blob id, that a person was shown as replaced by it,
    as they were at its commit `shown_base`.
    With `continues` (the commit of an earlier publication of the same key) one more commit goes on top of that one.
    `draft` opens the request as one that is not to be merged yet.
    """

    key: str
    branch: str
    base: str = "main"
    title: str
    body: str
    commit_message: str
    origin: str | None = None
    replaces: dict[str, str] = Field(default_factory=dict)
    shown_base: str | None = None
    continues: str | None = None
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    draft: bool = False


class RequestDefaults(Value):
    """What every request gets. One with findings that a person accepted is opened as a draft in any case."""

    labels: tuple[str, ...] = ("autonomy",)
    reviewers: tuple[str, ...] = ()
    draft: bool = False


class BaseBranch(Value):
    """The branch that requests go against, as it is now: `files` is path to git blob id.

    `commit` is None where the repository has no commit yet. An id is empty where the host does not tell it.
    """

    name: str
    commit: str | None = None
    files: dict[str, str] = Field(default_factory=dict)


class Publication(Value):
    """What stands on the branch: `commit`, whose parent is `onto`. `tree` is empty where the host does not tell it."""

    commit: str
    tree: str = ""
    onto: str | None = None


class RequestState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


class PullRequest(Value):
    """A pull or merge request as it is on the code host; `commit` is what its branch has now."""

    key: str
    number: int
    url: str
    branch: str
    base: str
    commit: str
    tree: str = ""
    title: str
    body: str
    state: RequestState = RequestState.OPEN
    diff_stat: str = ""
    clone_url: str = ""


class RequestComment(Value):
    """What a person said on a request. `verdict` is that of a review; `ts` is Unix time.

    `comment_id` is the host's own, the same whenever it is read. `path` and `line` (from 1) where it is about a line.
    """

    comment_id: str
    author: str
    body: str
    ts: float
    path: str | None = None
    line: int | None = None
    verdict: Literal["none", "approved", "changes_requested"] = "none"


@dataclass(frozen=True)
class Overlay:
    """What has to change on a base: `writes` is path to blob id. With `conflicts` (paths) nothing may be written."""

    writes: Mapping[str, str]
    deletes: tuple[str, ...]
    conflicts: tuple[str, ...]


def lay_over(
    base: Mapping[str, str], approved: Mapping[str, str], origin: Mapping[str, str], replaces: Mapping[str, str]
) -> Overlay:
    """The work that leads from `origin` to `approved`, on a base that may have moved since; all are path to blob id.

    A file that the work changes or deletes must be on the base as it was in `origin`, as a person was shown it in
    `replaces`, or already as it is to be. Anything else is a conflict, as is a file where the other side has a folder.
    """
    changed = {path: blob for path, blob in approved.items() if origin.get(path) != blob}
    gone = [path for path in origin if path not in approved]
    conflicts = {
        path
        for path in (*changed, *gone)
        if base.get(path) not in (origin.get(path), approved.get(path), replaces.get(path, origin.get(path)))
    }
    remaining = base.keys() - set(gone)
    folders = {folder for path in remaining for folder in _folders(path)}
    conflicts |= {path for path in changed if path in folders}
    conflicts |= {path for path in changed for folder in _folders(path) if folder in remaining}
    writes = {path: blob for path, blob in changed.items() if base.get(path) != blob}
    return Overlay(writes, tuple(sorted(path for path in gone if path in base)), tuple(sorted(conflicts)))


def _folders(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]
