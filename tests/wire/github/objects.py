"""Real git objects and branches, in a bare repository on disk that `git clone` can read."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dulwich.object_store import commit_tree_changes, iter_tree_contents, tree_lookup_path
from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

IDENTITY = b"Octavia <octavia@example.com>"


class Objects:
    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True)
        self._repo = Repo.init_bare(path, default_branch=b"main")

    def close(self) -> None:
        self._repo.close()

    def kind(self, name: str) -> str | None:
        """`blob`, `tree` or `commit`; None when there is no such object."""
        if not re.fullmatch(r"[0-9a-f]{40}", name):
            return None
        try:
            return self._repo[name.encode()].type_name.decode()
        except KeyError:
            return None

    def branches(self) -> dict[str, str]:
        return {name.decode(): commit.decode() for name, commit in self._repo.refs.as_dict(Ref(b"refs/heads")).items()}

    def set_branch(self, name: str, commit: str | None) -> None:
        ref = Ref(b"refs/heads/" + name.encode())
        if commit is None:
            del self._repo.refs[ref]
        else:
            self._repo.refs[ref] = ObjectID(commit.encode())

    def keep(self, number: int, commit: str) -> None:
        """As GitHub does: what a request had stays there when its branch is gone."""
        self._repo.refs[Ref(f"refs/pull/{number}/head".encode())] = ObjectID(commit.encode())

    def commit(self, name: str) -> Commit:
        found = self._repo[name.encode()]
        assert isinstance(found, Commit)
        return found

    def tree_of(self, commit: str) -> str:
        tree: bytes = self.commit(commit).tree
        return tree.decode()

    def rows(self, tree: str, *, recursive: bool) -> list[dict[str, Any]]:
        """Entries as GitHub lists them: with those of folders, in git's order."""
        prefix = ""
        found: list[dict[str, Any]] = []
        self._list(tree, prefix, recursive, found)
        return found

    def _list(self, tree: str, prefix: str, recursive: bool, found: list[dict[str, Any]]) -> None:
        listed = self._repo[tree.encode()]
        assert isinstance(listed, Tree)
        for entry in listed.iteritems():
            assert entry.path is not None
            assert entry.mode is not None
            assert entry.sha is not None
            path, sha, mode = prefix + entry.path.decode(), entry.sha.decode(), f"{entry.mode:06o}"
            kind = {"040000": "tree", "160000": "commit"}.get(mode, "blob")
            found.append({"path": path, "mode": mode, "type": kind, "sha": sha})
            if recursive and kind == "tree":
                self._list(sha, f"{path}/", recursive, found)

    def files(self, commit: str) -> dict[str, bytes]:
        store = self._repo.object_store
        tree = ObjectID(self.tree_of(commit).encode())
        return {
            entry.path.decode(): store[entry.sha].as_raw_string()
            for entry in iter_tree_contents(store, tree)
            if entry.path is not None and entry.sha is not None
        }

    def blob(self, content: bytes) -> str:
        made = Blob.from_string(content)
        self._repo.object_store.add_object(made)
        return made.id.decode()

    def has_path(self, tree: str, path: str) -> bool:
        try:
            tree_lookup_path(self._repo.object_store.__getitem__, ObjectID(tree.encode()), path.encode())
        except (KeyError, ValueError):
            return False
        return True

    def make_tree(self, base: str | None, rows: Sequence[tuple[str, str, str | None]]) -> str:
        """Of (path, mode, id), laid over `base`; an id of None deletes."""
        store = self._repo.object_store
        begun: Any = Tree() if base is None else store[ObjectID(base.encode())]
        changes = [
            (path.encode(), None if sha is None else int(mode, 8), None if sha is None else ObjectID(sha.encode()))
            for path, mode, sha in rows
        ]
        store.add_object(begun)
        return commit_tree_changes(store, begun, changes).decode()

    def make_commit(self, tree: str, parents: Sequence[str], message: str, when: int) -> str:
        made = Commit()
        made.tree = ObjectID(tree.encode())
        made.parents = [ObjectID(parent.encode()) for parent in parents]
        made.author = made.committer = IDENTITY
        made.author_time = made.commit_time = when
        made.author_timezone = made.commit_timezone = 0
        made.message = message.encode()
        self._repo.object_store.add_object(made)
        return made.id.decode()

    def commit_files(self, branch: str, files: Mapping[str, str | None], message: str, when: int) -> str:
        """What a person does meanwhile: one more commit on a branch, which begins at main; None deletes."""
        branches = self.branches()
        parent = branches.get(branch, branches.get("main"))
        rows = [(path, "100644", None if text is None else self.blob(text.encode())) for path, text in files.items()]
        tree = self.make_tree(None if parent is None else self.tree_of(parent), rows)
        made = self.make_commit(tree, [] if parent is None else [parent], message, when)
        self.set_branch(branch, made)
        return made

    def is_ancestor(self, old: str, new: str) -> bool:
        return old in self.history(new)

    def history(self, commit: str) -> list[str]:
        return [entry.commit.id.decode() for entry in self._repo.get_walker([ObjectID(commit.encode())])]

    def numstat(self, base: str, head: str) -> tuple[int, int, int]:
        """(files, added lines, deleted lines) from where the two parted, as git counts."""
        arguments = ["git", "-C", str(self.path), "diff", "--numstat", f"{base}...{head}"]
        said = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.splitlines()
        counts = [line.split("\t")[:2] for line in said]
        return len(counts), sum(int(row[0]) for row in counts), sum(int(row[1]) for row in counts)
