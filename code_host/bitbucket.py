"""Bitbucket Cloud as the code host, over its REST API 2.0: a branch with one commit, and a pull request."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote

from cachetools import LRUCache

from code_host.bitbucket_comments import BitbucketComments
from code_host.bitbucket_publishing import MOST_BYTES, BitbucketPublishing
from code_host.bitbucket_refusals import BitbucketRefusals
from code_host.bitbucket_repository import BitbucketRepository
from code_host.bitbucket_requests import BitbucketRequests
from code_host.names import check_draft, check_key
from code_host.rest import Patience, Rest
from core.errors import CodeHostRefused, InvalidInput
from core.ports import Clock, Workspace
from core.publication import BaseBranch, Publication, PullRequest, PullRequestDraft, RequestComment
from core.sandboxes import Probe

_REMEMBERED = 256
API_BASE = "https://api.bitbucket.org/2.0"


class BitbucketCodeHost:
    """The repository named `workspace/slug`: by an access token of its own, or with `user` (an address) by an API token."""

    def __init__(
        self,
        token: str,
        repo: str,
        clock: Clock,
        *,
        user: str = "",
        api_base: str = API_BASE,
        patience: Patience | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """Raises InvalidInput when something is missing or is no address."""
        token, names = token.strip(), repo.strip("/").split("/")
        if not token or len(names) != 2 or not all(names):
            raise InvalidInput("Bitbucket needs a token, and a repository as `workspace/repository`")
        basic = base64.b64encode(f"{user}:{token}".encode()).decode()
        headers = {
            "authorization": f"Basic {basic}" if user else f"Bearer {token}",
            "accept": "application/json;q=1.0, */*;q=0.9",
        }
        secrets = [token, basic]
        self._rest = Rest("Bitbucket", api_base, headers, clock, patience, secrets=secrets, sleep=sleep)
        self._repository = BitbucketRepository(self._rest, "/".join(["repositories", *map(quote, names)]))
        self._refusals = BitbucketRefusals(self._rest)
        self._requests = BitbucketRequests(self._rest, self._repository, self._refusals)
        self._publishing = BitbucketPublishing(self._repository, self._requests, self._refusals, most_bytes)
        self._comments = BitbucketComments(self._rest, self._repository.path)
        self._published: LRUCache[str, str] = LRUCache(_REMEMBERED)

    async def base(self, name: str | None = None) -> BaseBranch:
        """With every file's path; Bitbucket tells no ids. `commit` is None for a repository that has no commit yet."""
        main = await self._repository.main_branch() if name is None else None
        name = name or main or "main"
        branch = await self._repository.branch(name)
        if branch is None:
            if main is not None or await self._repository.main_branch() is not None:
                raise self._refusals.no_branch(name)
            return BaseBranch(name=name)
        listing = await self._repository.listing(branch.target.hash)
        return BaseBranch(name=name, commit=branch.target.hash, files=dict.fromkeys(listing, ""))

    async def publish(self, workspace: Workspace, ref: str, draft: PullRequestDraft) -> Publication:
        """One commit with all changes, asked for at once, then looked at for what it changed; its tree is not told.

        Raises InvalidInput for names that are not plain, NotFound and Conflict of the workspace, CodeHostRefused.
        """
        done = await self._publishing.publish(workspace, ref, draft)
        self._published[draft.key] = done.commit
        return done

    async def open_pull_request(self, draft: PullRequestDraft, commit: str) -> PullRequest:
        check_draft(draft)
        is_known = self._published.pop(draft.key, None) == commit
        request = await self._requests.open(draft, commit, is_known=is_known)
        return await self._requests.shown(request, draft.key, commit)

    async def find(self, key: str) -> PullRequest | None:
        """Among the requests whose branch has the key in its name."""
        check_key(key)
        request = await self._requests.find(key)
        return None if request is None else await self._requests.shown(request, key)

    async def comments(self, key: str) -> Sequence[RequestComment]:
        check_key(key)
        request = await self._requests.find(key)
        if request is None:
            return ()
        return await self._comments.read(await self._requests.whole(request.id))

    async def probe(self) -> Probe:
        """Whether the token sees the repository, and may write as far as Bitbucket tells; asks, and changes nothing."""
        try:
            answer = await self._repository.repository()
            if not answer.is_success:
                raise self._rest.refusal(answer, "show the repository")
            if (refusal := self._refusals.of_scopes(answer)) is not None:
                raise refusal
        except CodeHostRefused as refusal:
            problem, _, fix = str(refusal).rpartition("; ")
            return Probe("bitbucket", ok=False, reason=problem, fix=fix)
        return Probe("bitbucket", ok=True, version="Bitbucket Cloud 2.0")

    async def close(self) -> None:
        await self._rest.close()
