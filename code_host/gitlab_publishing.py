"""How approved work gets onto a branch of a GitLab project: look, lay over the newest base, one commit, look at it."""

from collections.abc import Mapping

import httpx

from code_host import gitlab_answers as answers
from code_host.git_ids import Entry, blob_id, tree_id
from code_host.gitlab_refusals import GitLabRefusals
from code_host.gitlab_repository import GitLabRepository
from code_host.gitlab_requests import GitLabRequests
from code_host.trees import laid, not_plain
from code_host.work import Work, in_conflict, read_contents, read_work
from core.errors import CodeHostRefused
from core.ports import Workspace
from core.publication import Overlay, Publication, PullRequestDraft

MOST_BYTES = 100 << 20
"""Of one commit; GitLab takes requests of up to 300 MB, and these are a third longer in base64."""
_PLACEHOLDER = ".gitkeep"
_STARTED = {_PLACEHOLDER: blob_id(b"")}


class GitLabPublishing:
    """Every step looks first, so that a repetition after a crash, or at the same time, ends with the same commit."""

    def __init__(
        self, repository: GitLabRepository, requests: GitLabRequests, refusals: GitLabRefusals, most_bytes: int
    ) -> None:
        self._repository = repository
        self._requests = requests
        self._refusals = refusals
        self._most_bytes = most_bytes

    async def publish(self, workspace: Workspace, ref: str, draft: PullRequestDraft) -> Publication:
        work = await read_work(workspace, ref, draft)
        there = await self._repository.branch(draft.branch)
        if there is not None and there.commit.id != draft.continues and work.is_told_by(there.commit.message):
            return await self._checked(there.commit, work)
        if draft.continues is not None:
            self._check_continues(there, draft, draft.continues)
            return await self._write(workspace, work, draft.continues, last=draft.continues)
        if there is not None:
            raise self._refusals.branch_taken(draft.branch)
        base = await self._repository.branch(draft.base) or await self._start(draft.base)
        try:
            return await self._write(workspace, work, base.commit.id, start=base.commit.id)
        except CodeHostRefused as refused:
            merged = await self._merged(work) if refused.fields.get("reason") in ("conflict", "rejected") else None
            if merged is None:
                raise
            return merged

    async def _merged(self, work: Work) -> Publication | None:
        """What was published before, merged and taken away with its branch before it was written down here."""
        request = await self._requests.find(work.draft.key)
        commit = await self._repository.commit_of(request.sha) if request is not None and request.sha else None
        ours = commit is not None and work.is_told_by(commit.message)
        return await self._checked(commit, work) if commit is not None and ours else None

    def _check_continues(self, there: answers.Branch | None, draft: PullRequestDraft, continues: str) -> None:
        if there is None:
            raise self._refusals.branch_gone(draft.branch)
        if there.commit.id != continues:
            raise self._refusals.branch_moved(draft.branch)

    async def _write(
        self, workspace: Workspace, work: Work, onto: str, *, start: str | None = None, last: str | None = None
    ) -> Publication:
        branch = work.draft.branch
        base = await self._repository.listing(onto)
        overlay = self._overlay(work, base)
        contents = await read_contents(workspace, work, overlay.writes)
        if (size := sum(map(len, contents.values()))) > self._most_bytes:
            raise self._refusals.too_large(f"the work writes {size} bytes at once, more than {self._most_bytes}")
        answer = await self._repository.commit(branch, work.message, overlay, contents, base, start=start, last=last)
        if answer.is_success:
            commit = self._refusals.commit_of(answer)
        else:
            commit = await self._made_meanwhile(answer, work)
        return await self._checked(commit, work)

    async def _made_meanwhile(self, answer: httpx.Response, work: Work) -> answers.Commit:
        """The commit of an answer that was lost, or of somebody who did the same at the same time; else a refusal."""
        branch = work.draft.branch
        if answer.status_code == 400:
            there = await self._repository.branch(branch)
            if there is not None and work.is_told_by(there.commit.message):
                return there.commit
        raise await self._refusals.of_commit(answer, branch)

    async def _checked(self, commit: answers.Commit, work: Work) -> Publication:
        """Nothing is believed: the commit's parent, and its tree, must be those of the work on what it stands on."""
        continues = work.draft.continues
        if continues is not None and commit.parent_ids != (continues,):
            raise self._refusals.branch_moved(work.draft.branch)
        onto = commit.parent_ids[0] if commit.parent_ids else None
        base = {} if onto is None else await self._repository.listing(onto)
        expected = tree_id(laid(base, self._overlay(work, base)))
        root = await self._repository.root(commit.id)
        if root != expected:
            raise self._refusals.wrong_commit(work.draft.branch, commit.id)
        return Publication(commit=commit.id, tree=root, onto=onto)

    def _overlay(self, work: Work, base: Mapping[str, Entry]) -> Overlay:
        """Raises CodeHostRefused where the work is in conflict with the base, or changes nothing of it."""
        blobs = {path: entry.blob for path, entry in base.items()}
        if blobs == _STARTED and _PLACEHOLDER not in {*work.approved, *work.origin}:
            started = work.over({})
            return Overlay(started.writes, (_PLACEHOLDER,), started.conflicts)
        overlay = work.over(blobs)
        where = work.draft.base if work.draft.continues is None else work.draft.branch
        if conflicts := {*overlay.conflicts, *not_plain(base, overlay.writes)}:
            raise in_conflict(f"branch {where} on GitLab", conflicts)
        if not overlay.writes and not overlay.deletes:
            raise self._refusals.nothing_to_do(where)
        return overlay

    async def _start(self, name: str) -> answers.Branch:
        """The base branch of a project without commits gets a first one, of an empty file, which the work replaces."""
        answer = None
        if (await self._repository.project()).empty_repo:
            overlay = Overlay(_STARTED, (), ())
            answer = await self._repository.commit(name, "Start the repository", overlay, {_PLACEHOLDER: b""}, {})
        if (there := await self._repository.branch(name)) is not None:
            return there
        raise self._refusals.no_branch(name) if answer is None else await self._refusals.of_start(answer, name)
