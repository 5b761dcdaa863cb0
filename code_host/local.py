"""The code host of a machine without one: a bare repository per task, and pull requests as files beside them."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from code_host.bare import BareRepository
from code_host.diff_stat import diff_stat
from code_host.names import check_draft, check_key
from core.computing import compute
from core.errors import Conflict, NotFound
from core.ports import Clock, Workspace
from core.publication import BaseBranch, Publication, PullRequest, PullRequestDraft, RequestComment
from core.sandboxes import Probe


class LocalCodeHost:
    """Repositories `{root}/{name}.git`, requests `{root}/pulls/{key}.json`.

    `name` is the last part of the branch where that ends in the key (so that a clone has a name that people know), else
    the key. The base branch begins with an empty commit; a request is one commit on top of it. Every step looks for what
    it makes, and what it makes appears whole or not at all, so a kill between any two is mended by repeating.
    """

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = root.absolute()
        self._pulls = self._root / "pulls"
        self._clock = clock
        self._opened: set[Path] = set()

    async def base(self, name: str | None = None) -> BaseBranch:
        """A repository is made for each task, so that its base is empty."""
        return BaseBranch(name=name or "main")

    async def publish(self, workspace: Workspace, ref: str, draft: PullRequestDraft) -> Publication:
        """Make the branch with exactly the tree of `ref`. The same again returns the same commit.

        Raises Conflict when the branch is there with other content.
        """
        check_draft(draft)
        approved = await workspace.tree(ref)
        texts = await workspace.read(None, approved)
        if texts.keys() != (await workspace.files(approved)).keys():
            raise Conflict(f"not every file of tree {approved} could be read; nothing was published")
        files = {path: text.encode() for path, text in texts.items()}
        return await compute(self._publish, files, approved, draft)

    async def open_pull_request(self, draft: PullRequestDraft, commit: str) -> PullRequest:
        """Open the one request of `draft.key` for the published `commit`, or return the one that is open.

        Raises NotFound when the branch was not published, Conflict when it names another commit.
        """
        check_draft(draft)
        return await compute(self._open_pull_request, draft, commit)

    async def find(self, key: str) -> PullRequest | None:
        """The request of the key, with the commit and tree that its branch has now. Raises NotFound if that is gone."""
        check_key(key)
        return await compute(self._find, key)

    async def comments(self, key: str) -> Sequence[RequestComment]:
        """Nobody can comment on a file."""
        check_key(key)
        return ()

    async def probe(self) -> Probe:
        return await compute(self._probe)

    async def close(self) -> None: ...

    def _publish(self, files: Mapping[str, bytes], approved: str, draft: PullRequestDraft) -> Publication:
        repository = self._open(self._root / _repository_name(draft), draft.base)
        there = repository.branch(draft.branch)
        if draft.continues is not None and there == draft.continues and repository.tree(there) != approved:
            there = self._continue(repository, files, approved, draft, there)
        elif there is None:
            there = self._commit(repository, files, approved, draft)
        elif repository.tree(there) != approved:
            raise Conflict(f"branch {draft.branch} is on the code host already, with other content")
        return Publication(commit=there, tree=approved, onto=repository.parent(there))

    def _commit(
        self, repository: BareRepository, files: Mapping[str, bytes], approved: str, draft: PullRequestDraft
    ) -> str:
        base = repository.branch(draft.base)
        if base is None:
            raise NotFound(f"There is no branch {draft.base} to base {draft.branch} on.")
        commit = self._write(repository, files, approved, draft, base)
        if not repository.add_branch(draft.branch, commit):
            raise Conflict(f"branch {draft.branch} was made by somebody else at the same time")
        return commit

    def _continue(
        self, repository: BareRepository, files: Mapping[str, bytes], approved: str, draft: PullRequestDraft, onto: str
    ) -> str:
        """One more commit on top of the earlier publication `onto`."""
        commit = self._write(repository, files, approved, draft, onto)
        if not repository.move_branch(draft.branch, onto, commit):
            raise Conflict(f"branch {draft.branch} was moved by somebody else at the same time")
        return commit

    def _write(
        self, repository: BareRepository, files: Mapping[str, bytes], approved: str, draft: PullRequestDraft, onto: str
    ) -> str:
        tree = repository.write_tree(files)
        if tree != approved:
            raise Conflict(f"the copy has tree {tree}, but {approved} is to be published; nothing was published")
        return repository.write_commit(onto, tree, draft.commit_message or draft.title, int(self._clock.now()))

    def _open_pull_request(self, draft: PullRequestDraft, commit: str) -> PullRequest:
        if (existing := self._find(draft.key)) is not None:
            return existing
        repository = BareRepository(self._root / _repository_name(draft))
        there = repository.branch(draft.branch)
        if there is None:
            raise NotFound(f"Branch {draft.branch} is not on the code host.")
        if there != commit:
            raise Conflict(f"branch {draft.branch} names commit {there}, not {commit}")
        request = self._request(draft, commit, repository)
        _write_whole(self._pulls / f"{draft.key}.json", request.model_dump_json(indent=2).encode())
        return request

    def _request(self, draft: PullRequestDraft, commit: str, repository: BareRepository) -> PullRequest:
        parent = repository.parent(commit)
        before = {} if parent is None else repository.read(parent)
        return PullRequest(
            key=draft.key,
            number=1 + max((request.number for request in self._requests()), default=0),
            url=(self._pulls / f"{draft.key}.json").as_uri(),
            branch=draft.branch,
            base=draft.base,
            commit=commit,
            tree=repository.tree(commit),
            title=draft.title,
            body=draft.body,
            diff_stat=diff_stat(before, repository.read(commit)),
            clone_url=repository.path.as_uri(),
        )

    def _requests(self) -> list[PullRequest]:
        return [PullRequest.model_validate_json(path.read_bytes()) for path in self._pulls.glob("*.json")]

    def _find(self, key: str) -> PullRequest | None:
        path = self._pulls / f"{key}.json"
        if not path.exists():
            return None
        request = PullRequest.model_validate_json(path.read_bytes())
        repository = BareRepository(self._root / _repository_name(request))
        commit = repository.branch(request.branch)
        if commit is None:
            raise NotFound(f"Pull request {request.number} names branch {request.branch}, which is gone.")
        return request.model_copy(update={"commit": commit, "tree": repository.tree(commit)})

    def _open(self, path: Path, base: str) -> BareRepository:
        repository = BareRepository(path)
        if not repository.exists():
            repository.create(base, int(self._clock.now()))
        elif path not in self._opened:
            repository.remove_stale_locks()
        self._opened.add(path)
        return repository

    def _probe(self) -> Probe:
        backend = "local"
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".probe-", dir=self._root) as folder:
                BareRepository(Path(folder) / "probe.git").create("main", int(self._clock.now()))
        except OSError as error:
            fix = f"make {self._root} a folder that this user may write, with space left on its disk"
            return Probe(backend, ok=False, reason=f"{self._root}: {error.strerror}", fix=fix)
        return Probe(backend, ok=True, version=f"dulwich {version('dulwich')}")


def _repository_name(of: PullRequestDraft | PullRequest) -> str:
    last = of.branch.rsplit("/", 1)[-1]
    return f"{last if last.endswith(of.key) else of.key}.git"


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole, and on disk, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
