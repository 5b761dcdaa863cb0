"""The approved work that is to be published: what it changes, its contents, and how its commit is known again."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from code_host.git_ids import blob_id
from code_host.names import check_draft
from core.computing import compute
from core.errors import CodeHostRefused, Conflict
from core.ports import Workspace
from core.publication import Overlay, PullRequestDraft, lay_over

_SHOWN_PATHS = 5


@dataclass(frozen=True)
class Work:
    """`approved` and `origin` are path to blob id; `tree` is the id of the approved version's tree."""

    draft: PullRequestDraft
    tree: str
    approved: Mapping[str, str]
    origin: Mapping[str, str]

    def over(self, files: Mapping[str, str]) -> Overlay:
        """What has to change where `files` (path to blob id) are there."""
        return lay_over(files, self.approved, self.origin, self.draft.replaces)

    @property
    def message(self) -> str:
        """The commit's message, which tells by its last lines whose work it is."""
        words = self.draft.commit_message.replace("\0", "").strip() or self.draft.title.strip()
        return f"{words}\n\nAutonomy-Task: {self.draft.key}\nAutonomy-Tree: {self.tree}\n"

    def is_told_by(self, message: str) -> bool:
        """Whether a commit's message tells that it is of this very work."""
        last = message.rstrip().rsplit("\n\n", 1)[-1].splitlines()
        return f"Autonomy-Task: {self.draft.key}" in last and f"Autonomy-Tree: {self.tree}" in last


async def read_work(workspace: Workspace, ref: str, draft: PullRequestDraft) -> Work:
    """Raises InvalidInput for names that are not plain, NotFound for a version that is not there."""
    check_draft(draft)
    tree = await workspace.tree(ref)
    origin = {} if draft.origin is None else await workspace.files(draft.origin)
    return Work(draft, tree, await workspace.files(tree), origin)


async def read_contents(workspace: Workspace, work: Work, paths: Iterable[str]) -> dict[str, bytes]:
    """The approved contents of these paths. Raises Conflict when one cannot be read, or has another id than approved."""
    wanted = list(paths)
    texts = await workspace.read(wanted, work.tree)
    contents = {path: text.encode() for path, text in texts.items()}
    ids = await compute(lambda: {path: blob_id(content) for path, content in contents.items()})
    for path in wanted:
        if ids.get(path) != work.approved[path]:
            raise Conflict(f"{path} could not be read as it was approved in tree {work.tree}; nothing was published")
    return contents


def in_conflict(where: str, paths: Iterable[str]) -> CodeHostRefused:
    """`where` is the branch, or the host's name and the branch."""
    listed = sorted(paths)
    shown = ", ".join(listed[:_SHOWN_PATHS]) + (
        f" and {len(listed) - _SHOWN_PATHS} more" if listed[_SHOWN_PATHS:] else ""
    )
    problem = f"{where} has changed where the approved work changes it too: {shown}"
    return CodeHostRefused(
        f"{problem}; take that into the work and approve it again", reason="conflict", paths=[*listed]
    )


def marker(key: str) -> str:
    """What a request's description ends with, to know it again; people do not see it."""
    return f"<!-- autonomy: {key} -->"


_MARKER = re.compile(r"\s*<!-- autonomy: ([A-Za-z0-9_-]{1,64}) -->\s*\Z")


def marked_key(body: str) -> str | None:
    """The key in a description's marker."""
    found = _MARKER.search(body)
    return found and found[1]


def unmarked(body: str) -> str:
    return _MARKER.sub("", body)
