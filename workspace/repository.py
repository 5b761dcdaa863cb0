"""One bare git repository on disk, by dulwich: objects, trees, commits and one branch. Blocking; no hooks, no index."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from cachetools import LRUCache
from dulwich.index import commit_tree
from dulwich.object_store import DiskObjectStore, iter_tree_contents
from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.refs import DiskRefsContainer, Ref
from dulwich.repo import Repo

from core.errors import Conflict, NotFound
from core.workspaces import Author

MAIN = Ref(b"refs/heads/main")
LISTINGS = 4
"""Trees whose files are remembered: every agent of a round looks at the same one."""
BLOBS_BYTES = 8 << 20
"""Contents that are remembered by a provider: what one agent has written, several read."""
FILE_MODE = 0o100644
COMMITTER = Author(name="autonomy", email="autonomy@autonomy.invalid")


Blobs = LRUCache[str, bytes]
"""Contents by blob id, which is the hash of the content: the same in every repository."""


def blobs_cache() -> Blobs:
    return LRUCache(BLOBS_BYTES, getsizeof=len)


class Repository:
    """The repository at `path`. Objects are written before the branch that names them moves; with `sync` they are on the disk.

    Without it the death of the process loses nothing, and the loss of power may: as git itself has it.
    """

    def __init__(self, path: Path, *, sync: bool = False, blobs: Blobs | None = None) -> None:
        self.path = path
        self._sync = sync
        self._blobs = blobs_cache() if blobs is None else blobs
        self._listing = lru_cache(LISTINGS)(self._list)

    def exists(self) -> bool:
        return (self.path / "HEAD").exists()

    def create(self, first_message: str, when: int) -> None:
        """Make the repository with one commit of nothing; appears whole or not at all."""
        with self._appearing() as made:
            made.advance(None, made.write_commit(None, made.write_tree({}), COMMITTER, first_message, when))

    def create_from(self, source: "Repository", head: str | None) -> None:
        """Make the repository with the objects of `source` and its main branch at `head` (at its first commit when None).

        Appears whole or not at all. Raises NotFound when the source has no such commit.
        """
        with self._appearing() as made:
            _link_objects(source.path / "objects", made.path / "objects")
            start = source.first() if head is None else head
            made.tree_of(start)
            made.advance(None, start)

    def first(self) -> str:
        """The commit that everything on the main branch comes from."""
        commit = self.head()
        with self._store() as store:
            while True:
                found = store[ObjectID(commit.encode())]
                assert isinstance(found, Commit)
                if not found.parents:
                    return commit
                commit = found.parents[0].decode()

    @contextmanager
    def _appearing(self) -> Iterator["Repository"]:
        """An empty repository beside this one's place, which takes it at the end; nothing is left of it after an error."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=self.path.parent))
        try:
            Repo.init_bare(temporary, default_branch=b"main").close()
            yield Repository(temporary, sync=self._sync, blobs=self._blobs)
            temporary.rename(self.path)
        except BaseException as error:
            shutil.rmtree(temporary, ignore_errors=True)
            if not (isinstance(error, OSError) and self.exists()):  # somebody else made it meanwhile
                raise

    def remove_stale_locks(self) -> None:
        """Remove the lock files of a process that was killed while it wrote; only the first to open may do this."""
        for lock in self.path.rglob("*.lock"):
            lock.unlink(missing_ok=True)

    def head(self) -> str:
        return DiskRefsContainer(self.path)[MAIN].decode()

    def tree_of(self, ref: str | None) -> str:
        """Tree id of a commit (of head when None) or of a tree. Raises NotFound."""
        with self._store() as store:
            try:
                found = store[ObjectID((self.head() if ref is None else ref).encode())]
            except (KeyError, ValueError, AssertionError, UnicodeEncodeError):
                found = None
        if isinstance(found, Commit):
            tree: ObjectID = found.tree
            return tree.decode()
        if isinstance(found, Tree):
            return found.id.decode()
        raise NotFound(f"There is no version {(ref or '')[:80]!r} in this workspace.")

    def files(self, tree: str) -> dict[str, str]:
        """Path to blob id, sorted by path."""
        return dict(self._listing(tree))

    def _list(self, tree: str) -> dict[str, str]:
        with self._store() as store:
            entries = [
                (entry.path.decode(), entry.sha.decode())
                for entry in iter_tree_contents(store, ObjectID(tree.encode()))
                if entry.path is not None and entry.sha is not None
            ]
        return dict(sorted(entries))

    def read(self, blobs: Mapping[str, str]) -> dict[str, bytes]:
        """Content by path of the blobs named."""
        with self._store() as store:
            return {path: self._content(store, blob) for path, blob in blobs.items()}

    def _content(self, store: DiskObjectStore, blob: str) -> bytes:
        content = self._blobs.get(blob)
        if content is None:
            content = store[ObjectID(blob.encode())].as_raw_string()
            self._remember(blob, content)
        return content

    def _remember(self, blob: str, content: bytes) -> None:
        with suppress(ValueError):  # it is larger than all that may be remembered
            self._blobs[blob] = content

    def write_blobs(self, files: Mapping[str, bytes]) -> dict[str, str]:
        with self._store() as store:
            written: dict[str, str] = {}
            for path, content in files.items():
                blob = Blob.from_string(content)
                store.add_object(blob)
                written[path] = blob.id.decode()
                self._remember(written[path], content)
        return written

    def write_tree(self, blobs: Mapping[str, str]) -> str:
        """Tree id of exactly these files, all of them plain (mode 100644)."""
        entries = [(path.encode(), ObjectID(blob.encode()), FILE_MODE) for path, blob in blobs.items()]
        with self._store() as store:
            return commit_tree(store, entries).decode()

    def write_commit(self, parent: str | None, tree: str, author: Author, message: str, when: int) -> str:
        """Id of a new commit that no branch names yet; `when` is in seconds of Unix time, shown as UTC."""
        commit = Commit()
        commit.tree = ObjectID(tree.encode())
        commit.parents = [] if parent is None else [ObjectID(parent.encode())]
        commit.author = _identity(author)
        commit.committer = _identity(COMMITTER)
        commit.author_time = commit.commit_time = when
        commit.author_timezone = commit.commit_timezone = 0
        commit.message = message.replace("\0", "").encode("utf-8", "replace")
        with self._store() as store:
            store.add_object(commit)
        return commit.id.decode()

    def advance(self, parent: str | None, commit: str) -> None:
        """Move the main branch from `parent` (from nothing when None) to `commit`. Raises Conflict if it has moved."""
        refs = DiskRefsContainer(self.path)
        new = ObjectID(commit.encode())
        moved = (
            refs.add_if_new(MAIN, new) if parent is None else refs.set_if_equals(MAIN, ObjectID(parent.encode()), new)
        )
        if not moved:
            raise Conflict("The workspace has changed in the meantime; nothing was written.")

    def point(self, branch: str, commit: str) -> None:
        """Make `branch` name `commit`, whatever it named before."""
        DiskRefsContainer(self.path)[_ref(branch)] = ObjectID(commit.encode())

    def pointed(self, branch: str) -> tuple[str, str, str] | None:
        """Commit, its parent ("" for none) and its tree that `branch` names, if there is such a branch."""
        try:
            commit_id = DiskRefsContainer(self.path)[_ref(branch)]
        except KeyError:
            return None
        with self._store() as store:
            commit = store[commit_id]
        assert isinstance(commit, Commit)
        tree: ObjectID = commit.tree
        return commit_id.decode(), b"".join(commit.parents[:1]).decode(), tree.decode()

    @contextmanager
    def _store(self) -> Iterator[DiskObjectStore]:
        store = DiskObjectStore(os.fspath(self.path / "objects"), fsync_object_files=self._sync)
        try:
            yield store
        finally:
            store.close()


def _link_objects(source: Path, target: Path) -> None:
    """Objects never change once they are there, so two repositories can share their files on the disk."""
    for path in [*source.glob("[0-9a-f][0-9a-f]/*"), *source.glob("pack/*.pack"), *source.glob("pack/*.idx")]:
        if path.parent.name != "pack" and len(path.name) != 38:
            continue  # a file that is still being written
        place = target / path.relative_to(source)
        place.parent.mkdir(exist_ok=True)
        try:
            os.link(path, place)
        except OSError:  # a file system without hard links
            shutil.copyfile(path, place)


def _ref(branch: str) -> Ref:
    return Ref(b"refs/heads/" + branch.encode())


def _identity(author: Author) -> bytes:
    """`name <email>` without the characters that git does not allow in it."""
    name, email = (
        " ".join("".join(char for char in text if char.isprintable() and char not in "<>").split()).strip(" .,:;\"'\\")
        for text in (author.name, author.email)
    )
    return f"{name or 'unknown'} <{email.replace(' ', '') or 'unknown@autonomy.invalid'}>".encode("utf-8", "replace")
