"""Workspace on git: one bare repository per task; content is only in git, nothing is checked out, nothing runs."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from weakref import WeakValueDictionary

from core.computing import compute
from core.errors import InvalidInput, NotFound
from core.ports import Clock
from core.workspaces import Change, Committed, Diff
from workspace.diff import diff_files
from workspace.guard import admit
from workspace.repository import Repository, blobs_cache

_TASK_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BRANCH = re.compile(r"(?=.{1,100}$)[A-Za-z0-9_][A-Za-z0-9_-]*(/[A-Za-z0-9_][A-Za-z0-9_-]*)*")
KEPT_OPEN = 128
"""Workspaces that are remembered though nobody uses them: the last ones, which are likely to be asked for again."""
_NO_TREE: Mapping[str, str] = {}


class GitWorkspace:
    """The files of one task, each version a commit by the agent that made it.

    A version is named by its commit id, or by a tree id where nothing is committed. Every method raises NotFound for a
    version that is not there. Everything is done in turn, on the one thread that computes.
    """

    def __init__(self, repository: Repository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    async def head(self) -> str:
        return await compute(self._repository.head)

    async def tree(self, ref: str | None = None) -> str:
        return await compute(self._repository.tree_of, ref)

    async def files(self, ref: str | None = None) -> Mapping[str, str]:
        return await compute(self._files, ref)

    async def read(self, paths: Sequence[str] | None = None, ref: str | None = None) -> Mapping[str, str]:
        return await compute(self._read, paths, ref)

    async def diff(self, base: str | None, head: str | None = None, *, max_bytes: int = 200_000) -> Diff:
        return await compute(self._diff, base, head, max_bytes)

    async def commit(self, change: Change, *, branch: str | None = None) -> Committed:
        """Write one commit on head, or beside it under the name `branch`; files that may not be written are left out.

        `written` and `deleted` name what the commit has as the change wanted it, so that a repetition, which makes no
        commit of its own, reports the same as the first time. Raises InvalidInput for a bad branch name.
        """
        if branch is not None and (branch == "main" or not _BRANCH.fullmatch(branch)):
            raise InvalidInput(f"branch {branch[:80]!r} must be letters, digits, `_`, `-` and `/`, and not main")
        return await compute(self._commit, change, branch)

    async def revert(self, ref: str, change: Change) -> Committed:
        """Make the tree of `ref` the newest version; of `change` only author, message and trailers count."""
        return await compute(self._revert, ref, change)

    def _files(self, ref: str | None) -> dict[str, str]:
        return self._repository.files(self._repository.tree_of(ref))

    def _read(self, paths: Sequence[str] | None, ref: str | None) -> dict[str, str]:
        blobs = self._files(ref)
        if paths is not None:
            blobs = {path: blobs[path] for path in paths if path in blobs}
        return {path: content.decode() for path, content in self._repository.read(blobs).items()}

    def _diff(self, base: str | None, head: str | None, max_bytes: int) -> Diff:
        old = _NO_TREE if base is None else self._files(base)
        return diff_files(old, self._files(head), self._repository.read, max_bytes=max_bytes)

    def _commit(self, change: Change, branch: str | None) -> Committed:
        head = self._repository.head()
        before = self._files(head)
        admitted = admit(before, change)
        blobs = {path: blob for path, blob in before.items() if path not in admitted.deletes}
        blobs |= self._repository.write_blobs(admitted.files)
        commit, tree = self._write(head, before, blobs, change, branch)
        return Committed(
            commit=commit,
            tree=tree,
            written=tuple(admitted.files),
            deleted=admitted.deletes,
            refused=admitted.refused,
        )

    def _revert(self, ref: str, change: Change) -> Committed:
        head = self._repository.head()
        before, blobs = self._files(head), self._files(ref)
        commit, tree = self._write(head, before, blobs, change, None)
        return Committed(
            commit=commit,
            tree=tree,
            written=tuple(path for path, blob in blobs.items() if before.get(path) != blob),
            deleted=tuple(path for path in before if path not in blobs),
        )

    def _write(
        self, head: str, before: Mapping[str, str], blobs: Mapping[str, str], change: Change, branch: str | None
    ) -> tuple[str, str]:
        """The commit with these files, and its tree; no commit is made of what head or the branch has already."""
        repository = self._repository
        if blobs == before:
            commit, tree = head, repository.tree_of(head)
        else:
            tree = repository.write_tree(blobs)
            there = None if branch is None else repository.pointed(branch)
            if there is not None and there[1:] == (head, tree):
                return there[0], tree
            commit = repository.write_commit(head, tree, change.author, _message(change), int(self._clock.now()))
        if branch is not None:
            repository.point(branch, commit)
        elif commit != head:
            repository.advance(head, commit)
        return commit, tree


class GitWorkspaceProvider:
    """Workspaces under `{root}/{task_id}/`. One provider per data directory: opening clears what a kill left locked."""

    def __init__(self, root: Path, clock: Clock, *, sync: bool = False) -> None:
        """`sync`: what is committed survives the loss of power, too; every file of it is waited for."""
        self._root = root
        self._clock = clock
        self._sync = sync
        self._blobs = blobs_cache()
        self._open: WeakValueDictionary[str, GitWorkspace] = WeakValueDictionary()
        self._recent: dict[str, GitWorkspace] = {}

    async def open(self, task_id: str) -> GitWorkspace:
        """The task's workspace, with a first commit of nothing when it is new. Raises InvalidInput for a bad id."""
        return await compute(self._open_now, task_id)

    async def copy(self, source_id: str, target_id: str, head: str | None) -> GitWorkspace:
        """Make a workspace from another one, its newest version `head` (nothing when None); the same again changes nothing.

        Its files share the disk with the source's. Raises InvalidInput for a bad id, NotFound when there is no such
        workspace or version.
        """
        return await compute(self._copy, source_id, target_id, head)

    def path(self, task_id: str) -> Path:
        if not _TASK_ID.fullmatch(task_id):
            raise InvalidInput(f"task id {task_id[:80]!r} must be 1 to 64 letters, digits, `_` or `-`")
        return self._root / task_id

    def _copy(self, source_id: str, target_id: str, head: str | None) -> GitWorkspace:
        source, target = self._repository(source_id), self._repository(target_id)
        if not target.exists():
            if not source.exists():
                raise NotFound(f"there is no workspace of task {source_id}")
            target.create_from(source, head)
        return self._open_now(target_id)

    def _open_now(self, task_id: str) -> GitWorkspace:
        repository = self._repository(task_id)
        workspace = self._open.get(task_id)
        if workspace is None:
            if repository.exists():
                repository.remove_stale_locks()
            else:
                repository.create(f"Open the workspace of task {task_id}\n", int(self._clock.now()))
            workspace = self._open[task_id] = GitWorkspace(repository, self._clock)
        self._recent.pop(task_id, None)
        self._recent[task_id] = workspace
        if len(self._recent) > KEPT_OPEN:
            del self._recent[next(iter(self._recent))]
        return workspace

    def _repository(self, task_id: str) -> Repository:
        return Repository(self.path(task_id), sync=self._sync, blobs=self._blobs)


def _message(change: Change) -> str:
    """The change's message with its trailers as the last paragraph, one `Key: value` line each."""
    message = change.message.strip() or "Change files"
    trailers = [
        f"{re.sub('[^A-Za-z0-9-]+', '-', key).strip('-') or 'Trailer'}: {' '.join(value.split())}"
        for key, value in change.trailers.items()
    ]
    return "\n\n".join([message, "\n".join(trailers)] if trailers else [message]) + "\n"
