"""A bare git repository that applications are published in, by dulwich. Blocking; runs no hooks."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dulwich.object_store import DiskObjectStore, commit_tree_changes, iter_tree_contents
from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.refs import DiskRefsContainer, Ref
from dulwich.repo import Repo

FILE_MODE = 0o100644
IDENTITY = b"autonomy <autonomy@autonomy.invalid>"


class BareRepository:
    """The repository at `path`. Objects are on disk before a branch names them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        return (self.path / "HEAD").exists()

    def create(self, base: str, when: int) -> None:
        """Make the repository, with one empty commit on its default branch `base`; appears whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=self.path.parent))
        try:
            Repo.init_bare(temporary, default_branch=base.encode()).close()
            made = BareRepository(temporary)
            made.add_branch(base, made.write_commit(None, made.write_tree({}), "Start the repository", when))
            temporary.rename(self.path)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise

    def remove_stale_locks(self) -> None:
        """Remove the lock files of a process that was killed while it wrote; only the first to open may do this."""
        for lock in self.path.rglob("*.lock"):
            lock.unlink(missing_ok=True)

    def branch(self, name: str) -> str | None:
        """The commit that the branch names, if it is there."""
        try:
            return DiskRefsContainer(self.path)[_ref(name)].decode()
        except KeyError:
            return None

    def add_branch(self, name: str, commit: str) -> bool:
        """Whether the branch was made: False when it was there already, which is then left as it is."""
        return DiskRefsContainer(self.path).add_if_new(_ref(name), ObjectID(commit.encode()))

    def move_branch(self, name: str, before: str, commit: str) -> bool:
        """Whether the branch was moved on from `before`: False when it names something else, and is left as it is."""
        refs = DiskRefsContainer(self.path)
        return refs.set_if_equals(_ref(name), ObjectID(before.encode()), ObjectID(commit.encode()))

    def tree(self, commit: str) -> str:
        with self._store() as store:
            found = store[ObjectID(commit.encode())]
        assert isinstance(found, Commit)
        tree: ObjectID = found.tree
        return tree.decode()

    def parent(self, commit: str) -> str | None:
        with self._store() as store:
            found = store[ObjectID(commit.encode())]
        assert isinstance(found, Commit)
        return found.parents[0].decode() if found.parents else None

    def read(self, commit: str) -> dict[str, bytes]:
        """Path to content of every file of the commit."""
        tree = ObjectID(self.tree(commit).encode())
        with self._store() as store:
            return {
                entry.path.decode(): store[entry.sha].as_raw_string()
                for entry in iter_tree_contents(store, tree)
                if entry.path is not None and entry.sha is not None
            }

    def write_tree(self, files: Mapping[str, bytes]) -> str:
        """Tree id of exactly these files, all of them plain (mode 100644)."""
        changes: list[tuple[bytes, int | None, ObjectID | None]] = []
        with self._store() as store:
            for path, content in files.items():
                blob = Blob.from_string(content)
                store.add_object(blob)
                changes.append((path.encode(), FILE_MODE, blob.id))
            return commit_tree_changes(store, Tree(), changes).decode()

    def write_commit(self, parent: str | None, tree: str, message: str, when: int) -> str:
        """Id of a new commit that no branch names yet; `when` is in seconds of Unix time, shown as UTC."""
        commit = Commit()
        commit.tree = ObjectID(tree.encode())
        commit.parents = [] if parent is None else [ObjectID(parent.encode())]
        commit.author = commit.committer = IDENTITY
        commit.author_time = commit.commit_time = when
        commit.author_timezone = commit.commit_timezone = 0
        commit.message = (message.replace("\0", "").strip() + "\n").encode("utf-8", "replace")
        with self._store() as store:
            store.add_object(commit)
        return commit.id.decode()

    @contextmanager
    def _store(self) -> Iterator[DiskObjectStore]:
        store = DiskObjectStore(os.fspath(self.path / "objects"), fsync_object_files=True)
        try:
            yield store
        finally:
            store.close()


def _ref(branch: str) -> Ref:
    return Ref(b"refs/heads/" + branch.encode())
