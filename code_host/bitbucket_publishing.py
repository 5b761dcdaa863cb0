"""How approved work gets onto a branch on Bitbucket: look, lay over the newest base, one commit, look what it changed."""

import re
from collections.abc import Iterable

import httpx

from code_host import bitbucket_answers as answers
from code_host.bitbucket_refusals import BitbucketRefusals
from code_host.bitbucket_repository import BitbucketRepository, Listing
from code_host.bitbucket_requests import BitbucketRequests
from code_host.git_ids import blob_id
from code_host.work import Work, in_conflict, read_contents, read_work
from core.errors import CodeHostRefused
from core.ports import Workspace
from core.publication import Overlay, Publication, PullRequestDraft

MOST_BYTES = 100 << 20
"""Of one commit."""
_SHOWN_PATHS = 5
_PLACEHOLDER = ".gitkeep"
_NOT_TEXT = {"link", "subrepository"}
_MADE = re.compile(r"/commit/([0-9a-f]{40})/?$")


class BitbucketPublishing:
    """Bitbucket tells no blob ids: files in question are read, and what was shown is compared by what changed since."""

    def __init__(
        self,
        repository: BitbucketRepository,
        requests: BitbucketRequests,
        refusals: BitbucketRefusals,
        most_bytes: int,
    ) -> None:
        self._repository = repository
        self._requests = requests
        self._refusals = refusals
        self._most_bytes = most_bytes

    async def publish(self, workspace: Workspace, ref: str, draft: PullRequestDraft) -> Publication:
        work = await read_work(workspace, ref, draft)
        there = await self._repository.branch(draft.branch)
        if there is not None and there.target.hash != draft.continues and work.is_told_by(there.target.message):
            return await self._found(there.target, work)
        if draft.continues is not None:
            return await self._continue(workspace, work, draft.continues, there)
        if there is not None:
            raise self._refusals.branch_taken(draft.branch)
        base = await self._repository.branch(draft.base) or await self._start(draft.base)
        try:
            return await self._lay(workspace, work, base.target.hash)
        except CodeHostRefused as refused:
            merged = await self._merged(work) if refused.fields.get("reason") in ("conflict", "rejected") else None
            if merged is None:
                raise
            return merged

    async def _lay(self, workspace: Workspace, work: Work, onto: str) -> Publication:
        listing = await self._repository.listing(onto)
        blobs = await self._blobs(onto, listing, work)
        return await self._write(workspace, work, onto, self._overlay(work, listing, blobs))

    async def _merged(self, work: Work) -> Publication | None:
        """What was published before, merged and taken away with its branch before it was written down here."""
        request = await self._requests.find(work.draft.key)
        short = request.source.commit if request is not None else None
        commit = await self._repository.commit_of(short.hash) if short is not None else None
        ours = commit is not None and work.is_told_by(commit.message)
        return await self._found(commit, work) if commit is not None and ours else None

    async def _continue(
        self, workspace: Workspace, work: Work, continues: str, there: answers.Branch | None
    ) -> Publication:
        """What the commit before holds is known where its message says that it is the version that the work began with."""
        if there is None:
            raise self._refusals.branch_gone(work.draft.branch)
        if there.target.hash != continues:
            raise self._refusals.branch_moved(work.draft.branch)
        origin = None if work.draft.origin is None else await workspace.tree(work.draft.origin)
        if origin is None or not Work(work.draft, origin, work.origin, {}).is_told_by(there.target.message):
            return await self._lay(workspace, work, continues)
        listing = await self._repository.listing(continues)
        blobs = dict.fromkeys(listing, "") | {path: blob for path, blob in work.origin.items() if path in listing}
        for path in (work.approved.keys() - work.origin.keys()) & listing.keys():
            blobs[path] = await self._repository.blob(continues, path)
        return await self._write(workspace, work, continues, self._overlay(work, listing, blobs))

    async def _blobs(self, commit: str, listing: Listing, work: Work) -> dict[str, str]:
        """Path to blob id: read where the work touches the file, empty where it stands as it was shown, or is not touched."""
        blobs = dict.fromkeys(listing, "")
        draft = work.draft
        shown = {path for path, blob in draft.replaces.items() if not blob}
        moved: set[str] = set()
        if shown and draft.shown_base is not None and draft.shown_base != commit:
            moved = await self._repository.changed(f"{commit}..{draft.shown_base}")
        for path in sorted(_touched(work) & listing.keys()):
            as_shown = path in shown and draft.shown_base is not None and path not in moved
            if not as_shown and not listing[path] & _NOT_TEXT:
                blobs[path] = await self._repository.blob(commit, path)
        return blobs

    def _overlay(self, work: Work, listing: Listing, blobs: dict[str, str]) -> Overlay:
        """Raises CodeHostRefused where the work is in conflict with the base, or changes nothing of it."""
        if listing.keys() == {_PLACEHOLDER} and _PLACEHOLDER not in {*work.approved, *work.origin}:
            started = work.over({})
            return Overlay(started.writes, (_PLACEHOLDER,), started.conflicts)
        overlay = work.over(blobs)
        where = work.draft.base if work.draft.continues is None else work.draft.branch
        links = {path for path in (*overlay.writes, *overlay.conflicts) if listing.get(path, frozenset()) & _NOT_TEXT}
        if conflicts := {*overlay.conflicts, *links}:
            raise in_conflict(f"branch {where} on Bitbucket", conflicts)
        if not overlay.writes and not overlay.deletes:
            raise self._refusals.nothing_to_do(where)
        return overlay

    async def _write(self, workspace: Workspace, work: Work, onto: str, overlay: Overlay) -> Publication:
        branch = work.draft.branch
        contents = await read_contents(workspace, work, overlay.writes)
        if (size := sum(map(len, contents.values()))) > self._most_bytes:
            raise self._refusals.too_large(f"the work writes {size} bytes at once, more than {self._most_bytes}")
        listing = await self._repository.listing(onto)
        executables = frozenset(path for path in overlay.writes if "executable" in listing.get(path, ()))
        answer = await self._repository.commit(
            branch, work.message, overlay, contents, parent=onto, executables=executables
        )
        made = _MADE.search(answer.headers.get("location", "")) if answer.is_success else None
        if made is None:
            return await self._made_meanwhile(answer, work)
        await self._check(made[1], work, {*overlay.writes, *overlay.deletes}, executables)
        return Publication(commit=made[1], onto=onto)

    async def _made_meanwhile(self, answer: httpx.Response, work: Work) -> Publication:
        """What an answer that was lost was about, or somebody did the same at the same time; else a refusal."""
        branch = work.draft.branch
        if not answer.is_success and answer.status_code != 409:
            raise self._refusals.of_commit(answer, branch)
        there = await self._repository.branch(branch)
        if there is not None and work.is_told_by(there.target.message):
            return await self._found(there.target, work)
        continued = work.draft.continues is not None
        raise self._refusals.branch_moved(branch) if continued else self._refusals.branch_taken(branch)

    async def _found(self, commit: answers.Commit, work: Work) -> Publication:
        """What was published before. It may have been killed before it was looked at."""
        onto = commit.parents[0].hash if commit.parents else None
        continues = work.draft.continues
        if continues is not None and onto != continues:
            raise self._refusals.branch_moved(work.draft.branch)
        listing = {} if onto is None else await self._repository.listing(onto)
        wanted = set(work.over({}).writes) | (_touched(work) & listing.keys())
        if listing.keys() == {_PLACEHOLDER} and _PLACEHOLDER not in {*work.approved, *work.origin}:
            wanted.add(_PLACEHOLDER)
        executables = {path for path in wanted & work.approved.keys() if "executable" in listing.get(path, ())}
        await self._check(commit.hash, work, wanted, executables)
        return Publication(commit=commit.hash, onto=onto)

    async def _check(self, commit: str, work: Work, wanted: set[str], executables: Iterable[str]) -> None:
        """The commit must change nothing but what the work does. What it leaves as it was must have been so already."""
        branch = work.draft.branch
        changed = await self._repository.changed(commit)
        wrong = changed - wanted
        for path in sorted(wanted - changed):
            listing = await self._repository.listing(commit)
            approved = work.approved.get(path)
            here = await self._repository.blob(commit, path) if path in listing else None
            if here != approved:
                wrong.add(path)
        for path in executables:
            if not await self._repository.is_executable(commit, path):
                wrong.add(path)
        if wrong:
            raise self._refusals.wrong_commit(branch, commit, f" in {', '.join(sorted(wrong)[:_SHOWN_PATHS])}")

    async def _start(self, name: str) -> answers.Branch:
        """The base branch of a repository without commits gets a first one, of an empty file, which the work replaces."""
        answer = None
        if await self._repository.main_branch() is None:
            overlay = Overlay({_PLACEHOLDER: blob_id(b"")}, (), ())
            contents = {_PLACEHOLDER: b""}
            answer = await self._repository.commit(name, "Start the repository", overlay, contents, parent=None)
        if (there := await self._repository.branch(name)) is not None:
            return there
        raise self._refusals.no_branch(name) if answer is None else self._refusals.of_start(answer, name)


def _touched(work: Work) -> set[str]:
    """Paths that the work changes or deletes."""
    changed = {path for path, blob in work.approved.items() if work.origin.get(path) != blob}
    return changed | (work.origin.keys() - work.approved.keys())
