"""A real git repository behind a counterpart of a code host: its objects and ids are git's own."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from dulwich.object_store import DiskObjectStore, commit_tree_changes, iter_tree_contents
from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

PLAIN = 0o100644


class File(NamedTuple):
    mode: int
    blob: str


class GitStore:
    """`path` is made as a bare repository. Branches are by name, commits and blobs by id."""

    def __init__(self, path: Path, default_branch: str = "main") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.repo = Repo.init_bare(path, mkdir=True, default_branch=default_branch.encode())
        assert isinstance(self.repo.object_store, DiskObjectStore)
        self.store = self.repo.object_store
        self.now = 1_760_000_000

    @property
    def branches(self) -> dict[str, str]:
        heads = self.repo.refs.as_dict(Ref(b"refs/heads"))
        return {name.decode(): commit.decode() for name, commit in heads.items()}

    def move(self, branch: str, commit: str) -> None:
        self.repo.refs[Ref(b"refs/heads/" + branch.encode())] = ObjectID(commit.encode())

    def delete_branch(self, branch: str) -> None:
        del self.repo.refs[Ref(b"refs/heads/" + branch.encode())]

    def commit_of(self, ref: str) -> str | None:
        """The id of a branch's commit, or of a commit by its id."""
        if (named := self.branches.get(ref)) is not None:
            return named
        return ref if len(ref) == 40 and self.store.contains_loose(ObjectID(ref.encode())) else None

    def show(self, commit: str) -> Commit:
        found = self.store[ObjectID(commit.encode())]
        assert isinstance(found, Commit)
        return found

    def parents(self, commit: str) -> list[str]:
        return [parent.decode() for parent in self.show(commit).parents]

    def tree(self, commit: str) -> str:
        tree: ObjectID = self.show(commit).tree
        return tree.decode()

    def files(self, commit: str | None) -> dict[str, File]:
        if commit is None:
            return {}
        return {
            entry.path.decode(): File(entry.mode, entry.sha.decode())
            for entry in iter_tree_contents(self.store, ObjectID(self.tree(commit).encode()))
            if entry.path is not None and entry.sha is not None and entry.mode is not None
        }

    def content(self, blob: str) -> bytes:
        return self.store[ObjectID(blob.encode())].as_raw_string()

    def folders(self, commit: str) -> dict[str, str]:
        """Path to tree id of every folder below the root."""
        return dict(self._walk("", self.tree(commit)))

    def _walk(self, folder: str, tree: str) -> list[tuple[str, str]]:
        found = self.store[ObjectID(tree.encode())]
        assert isinstance(found, Tree)
        below: list[tuple[str, str]] = []
        for item in found.items():
            if item.mode == 0o040000 and item.path is not None and item.sha is not None:
                path, inside = f"{folder}{item.path.decode()}", item.sha.decode()
                below += [(path, inside), *self._walk(f"{path}/", inside)]
        return below

    def commit(
        self,
        parents: list[str],
        writes: Mapping[str, tuple[int, bytes]],
        deletes: list[str],
        message: str,
        author: str = "Somebody <somebody@example.org>",
    ) -> str:
        """Id of a new commit with the first parent's files, changed; no branch names it yet."""
        changes: list[tuple[bytes, int | None, ObjectID | None]] = [(path.encode(), None, None) for path in deletes]
        for path, (mode, content) in writes.items():
            blob = Blob.from_string(content)
            self.store.add_object(blob)
            changes.append((path.encode(), mode, blob.id))
        start = self.store[ObjectID(self.tree(parents[0]).encode())] if parents else Tree()
        assert isinstance(start, Tree)
        made = Commit()
        made.tree = commit_tree_changes(self.store, start, changes)
        made.parents = [ObjectID(parent.encode()) for parent in parents]
        made.author = made.committer = author.encode()
        made.author_time = made.commit_time = self.now
        made.author_timezone = made.commit_timezone = 0
        made.message = message.encode()
        if not parents:
            self.store.add_object(start)
        self.store.add_object(made)
        return made.id.decode()

    def push(
        self,
        branch: str,
        files: Mapping[str, str | bytes] | None = None,
        *deletes: str,
        message: str = "By somebody",
        mode: int = PLAIN,
    ) -> str:
        """What a person does from outside: one more commit on the branch, which is made if it is not there.

        Time goes on by a second.
        """
        self.now += 1
        there = self.branches.get(branch)
        writes = {
            path: (mode, content.encode() if isinstance(content, str) else content)
            for path, content in (files or {}).items()
        }
        made = self.commit([] if there is None else [there], writes, list(deletes), message)
        self.move(branch, made)
        return made

    def with_submodule(self, parent: str, path: str, commit: str) -> str:
        """Id of a new commit that has another repository's commit at the path."""
        start = self.store[ObjectID(self.tree(parent).encode())]
        assert isinstance(start, Tree)
        made = self.show(parent).copy()
        assert isinstance(made, Commit)
        made.tree = commit_tree_changes(self.store, start, [(path.encode(), 0o160000, ObjectID(commit.encode()))])
        made.parents = [ObjectID(parent.encode())]
        self.store.add_object(made)
        return made.id.decode()

    def last_for_path(self, commit: str, path: str) -> str | None:
        """The last commit, from this one back along first parents, that changed the path."""
        here: str | None = commit
        while here is not None:
            parents = self.parents(here)
            before = self.files(parents[0]) if parents else {}
            if self.files(here).get(path) != before.get(path):
                return here
            here = parents[0] if parents else None
        return None

    def merge_base(self, one: str, other: str) -> str | None:
        known = set(self.history(one))
        return next((commit for commit in self.history(other) if commit in known), None)

    def differences(self, old: str | None, new: str) -> dict[str, str]:
        """Path to unified diff (its hunks) of every file in which the two commits differ."""
        before, after = self.files(old), self.files(new)
        changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
        return {path: _hunks(self._text(before.get(path)), self._text(after.get(path))) for path in changed}

    def _text(self, file: File | None) -> str:
        return "" if file is None or file.mode == 0o160000 else self.content(file.blob).decode()

    def history(self, commit: str) -> list[str]:
        found, here = [], [commit]
        while here:
            found.append(here[0])
            here = self.parents(here[0])
        return found

    def close(self) -> None:
        self.repo.close()


def _hunks(old: str, new: str) -> str:
    lines = (
        list(difflib.unified_diff(old.split("\n"), new.split("\n"), lineterm="")) if old and new else _whole(old, new)
    )
    return "\n".join(lines[2:] if old and new else lines) + "\n"


def _whole(old: str, new: str) -> list[str]:
    """A file that is new, or gone."""
    sign, lines = ("+", new) if new else ("-", old)
    body = lines.split("\n")
    marked = [f"{sign}{line}" for line in (body if body[-1] else body[:-1])]
    return [f"@@ -0,0 +1,{len(marked)} @@", *marked] if marked else []
