"""GitHub as the code host, over its REST API alone: no git on this machine, and no memory that a crash could take."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn
from urllib.parse import quote

from code_host.answers import said
from code_host.git_ids import tree_id
from code_host.github_branches import Branches, Tip
from code_host.github_comments import Comments
from code_host.github_probe import probe
from code_host.github_requests import Requests
from code_host.github_rest import PUBLIC_API, GitHubRest
from code_host.github_trees import Listing, Trees
from code_host.names import check_draft, check_key
from code_host.rest import Patience
from code_host.work import Work, in_conflict, read_contents, read_work
from core.computing import compute
from core.errors import CodeHostRefused
from core.ports import Clock, Workspace
from core.publication import BaseBranch, Publication, PullRequest, PullRequestDraft, RequestComment
from core.sandboxes import Probe

_MOST_MOVES = 5
_KEPT_COMMITS = 256


class GitHubCodeHost:
    """Publishes to the repository `repo` (`owner/name`). Every step looks for what it makes before it makes it.

    What is kept in memory (listings by tree id, trees of commits, numbers of requests) only saves requests.
    """

    def __init__(
        self,
        token: str,
        repo: str,
        clock: Clock,
        *,
        api_base: str = PUBLIC_API,
        patience: Patience | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`api_base` is `https://HOST/api/v3` for Enterprise Server. Raises InvalidInput for what cannot be right."""
        self._rest = GitHubRest(token, repo, clock, api_base=api_base, patience=patience, sleep=sleep)
        self._trees = Trees(self._rest)
        self._branches = Branches(self._rest, self._trees)
        self._requests = Requests(self._rest, sleep)
        self._comments = Comments(self._rest)
        self._commits: dict[str, str] = {}

    async def base(self, name: str | None = None) -> BaseBranch:
        return await self._branches.base(name)

    async def publish(self, workspace: Workspace, ref: str, draft: PullRequestDraft) -> Publication:
        """Besides what the port says: `branch_taken` when the branch is there with something else on it.

        With `continues` the work is what leads from `origin` (what was published then) to `ref`, laid over that commit.
        """
        work = await read_work(workspace, ref, draft)
        tip = await self._branches.tip(draft.branch)
        if draft.continues is not None:
            return await self._continue(workspace, work, draft.continues, tip)
        if tip is not None:
            return await self._recognised(tip, work) or self._refuse_taken(tip, work)
        try:
            tree, onto = await self._write_on_newest(workspace, work)
        except CodeHostRefused as refused:
            merged = refused.fields.get("reason") in ("conflict", "rejected")
            found = await self._published_before(work) if merged else None
            if found is None:
                raise
            return found
        return await self._name(work, Publication(commit=await self._commit(work, tree, onto), tree=tree, onto=onto))

    async def open_pull_request(self, draft: PullRequestDraft, commit: str) -> PullRequest:
        """Labels and reviewers are seen to as well; repeating mends what a crash left out. See docs/github.md."""
        check_draft(draft)
        found = await self._requests.of_branch(draft)
        if found is None:
            await self._check_published(draft.branch, commit)
            found = await self._requests.create(draft)
        return await self._shown(draft.key, await self._requests.complete(draft, found))

    async def find(self, key: str) -> PullRequest | None:
        """By the marker in its description, or the end of its branch's name, among the newest 2,000 requests."""
        check_key(key)
        found = await self._requests.of_key(key)
        return None if found is None else await self._shown(key, found)

    async def comments(self, key: str) -> Sequence[RequestComment]:
        """Reviews, remarks on lines and comments; without those of bots. See docs/github.md for whose verdict counts."""
        check_key(key)
        number = await self._requests.number_of(key)
        return () if number is None else await self._comments.of(number)

    async def probe(self) -> Probe:
        return await probe(self._rest)

    async def close(self) -> None:
        await self._rest.close()

    async def _write_on_newest(self, workspace: Workspace, work: Work) -> tuple[str, str]:
        """(tree, the base's newest commit) with the work on it. Raises CodeHostRefused with `conflict`."""
        base = work.draft.base
        listing = await self._branches.likely_listing(base, work.approved)
        for _ in range(_MOST_MOVES):
            refused = self._hindrance(work, listing, base)
            tree = "" if refused else await self._write(workspace, work, listing)
            newest = await self._branches.tip(base)
            if newest is None:
                raise self._rest.refused("not_found", f"has no branch {base} any more", "publish to another branch")
            if newest.tree == listing.tree:
                if refused:
                    raise refused
                return tree, newest.commit
            listing = await self._branches.listing(base, newest)
        raise self._rest.refused("conflict", f"branch {base} moves faster than it can be read", "try again", paths=[])

    def _hindrance(self, work: Work, listing: Listing, where: str) -> CodeHostRefused | None:
        overlay = work.over(listing.files)
        if conflicts := {*overlay.conflicts, *listing.unfit(overlay)}:
            return in_conflict(f"branch {where} on GitHub", conflicts)
        if overlay.writes or overlay.deletes:
            return None
        return self._rest.refused(
            "rejected", f"has all of the approved work on {where} already", "there is nothing to do"
        )

    async def _write(self, workspace: Workspace, work: Work, listing: Listing) -> str:
        overlay = work.over(listing.files)
        contents = await read_contents(workspace, work, overlay.writes)
        try:
            return await self._trees.write(listing, overlay, contents)
        except CodeHostRefused as error:
            workflows = [path for path in (*overlay.writes, *overlay.deletes) if path.startswith(".github/workflows/")]
            if error.fields.get("reason") != "missing_right" or not workflows:
                raise
            # GitHub says just "Not Found" when this is what the token lacks.
            words = f"{error}. The work changes {workflows[0]}, which needs the right Workflows."
            raise CodeHostRefused(words, **error.fields) from error

    async def _continue(self, workspace: Workspace, work: Work, continues: str, tip: Tip | None) -> Publication:
        branch = work.draft.branch
        if tip is None:
            fix = "it may have been merged; publish the work on a branch of its own"
            raise self._rest.refused("not_found", f"has no branch {branch} any more", fix)
        if tip.commit != continues:
            return await self._recognised(tip, work, on=continues) or self._refuse_moved(branch)
        listing = await self._trees.read(tip.tree)
        overlay = work.over(listing.files)
        if not overlay.conflicts and not overlay.writes and not overlay.deletes:
            return Publication(commit=continues, tree=tip.tree, onto=next(iter(tip.parents), None))
        if refused := self._hindrance(work, listing, branch):
            raise refused
        tree = await self._write(workspace, work, listing)
        commit = await self._commit(work, tree, continues)
        return await self._move(work, Publication(commit=commit, tree=tree, onto=continues))

    async def _name(self, work: Work, made: Publication) -> Publication:
        """Let the branch name the commit; when somebody was faster, it may have been ourselves."""
        branch = work.draft.branch
        body = {"ref": f"refs/heads/{branch}", "sha": made.commit}
        answer = await self._rest.post(f"{self._rest.repo}/git/refs", repeat=True, json=body)
        if answer.status_code == 422 and "already exists" in said(answer).lower():
            tip = await self._branches.tip(branch)
            if tip is None:
                raise self._rest.refused("unreachable", f"made and lost branch {branch} meanwhile", "try again")
            return await self._recognised(tip, work) or self._refuse_taken(tip, work)
        self._rest.taken(answer, f"make branch {branch}")
        return self._remembered(made)

    async def _move(self, work: Work, made: Publication) -> Publication:
        branch = work.draft.branch
        path = f"{self._rest.repo}/git/refs/heads/{quote(branch, safe='/')}"
        answer = await self._rest.patch(path, repeat=True, json={"sha": made.commit, "force": False})
        if answer.status_code == 422 and "fast forward" in said(answer).lower().replace("-", " "):
            tip = await self._branches.tip(branch)
            found = None if tip is None else await self._recognised(tip, work, on=made.onto)
            return found or self._refuse_moved(branch)
        self._rest.taken(answer, f"move branch {branch}")
        return self._remembered(made)

    async def _recognised(self, tip: Tip, work: Work, *, on: str | None = None) -> Publication | None:
        """The publication that stands there, if it is of this very work: by its message, and by its tree on its parent."""
        if not work.is_told_by(tip.message) or len(tip.parents) != 1 or on not in (None, *tip.parents):
            return None
        parent = await self._branches.commit(tip.parents[0])
        listing = await self._trees.read(parent.tree)
        overlay = work.over(listing.files)
        if overlay.conflicts or await compute(tree_id, listing.with_overlay(overlay)) != tip.tree:
            return None
        return self._remembered(Publication(commit=tip.commit, tree=tip.tree, onto=parent.commit))

    async def _published_before(self, work: Work) -> Publication | None:
        """What was published for a request that has been merged or closed, and its branch deleted, since."""
        found = await self._requests.of_branch(work.draft)
        return (
            None if found is None else await self._recognised(await self._branches.commit(found["head"]["sha"]), work)
        )

    def _refuse_taken(self, tip: Tip, work: Work) -> NoReturn:
        problem = f"has branch {work.draft.branch} already, with other content (commit {tip.commit[:12]})"
        raise self._rest.refused("branch_taken", problem, "delete that branch, or publish under another name")

    def _refuse_moved(self, branch: str) -> NoReturn:
        problem = f"has commits on branch {branch} that this work does not know"
        raise self._rest.refused("conflict", problem, "read the branch again, and approve what comes of it", paths=[])

    async def _commit(self, work: Work, tree: str, parent: str) -> str:
        """Author and committer are who the token belongs to, so that GitHub can sign for apps."""
        body = {"message": work.message, "tree": tree, "parents": [parent]}
        answer = await self._rest.post(f"{self._rest.repo}/git/commits", repeat=True, json=body)
        return str(self._rest.taken(answer, "make a commit")["sha"])

    async def _check_published(self, branch: str, commit: str) -> None:
        if commit in self._commits:
            return
        tip = await self._branches.tip(branch)
        if tip is None or tip.commit != commit:
            reason = "not_found" if tip is None else "conflict"
            problem = f"does not have commit {commit[:12]} on branch {branch}"
            raise self._rest.refused(reason, problem, "publish the work first")
        self._commits[commit] = tip.tree

    async def _shown(self, key: str, found: dict[str, Any]) -> PullRequest:
        """With the tree of the commit that its branch has."""
        commit = str(found["head"]["sha"])
        if commit not in self._commits:
            tip = await self._branches.commit(commit)
            self._remembered(Publication(commit=commit, tree=tip.tree))
        return self._requests.shown(key, found, self._commits[commit])

    def _remembered(self, made: Publication) -> Publication:
        while len(self._commits) >= _KEPT_COMMITS:
            del self._commits[next(iter(self._commits))]
        self._commits[made.commit] = made.tree
        return made
