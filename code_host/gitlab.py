"""GitLab as the code host, over its REST API v4: a branch with one commit, and a merge request, per publication."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote

from code_host import gitlab_answers as answers
from code_host.foreign import read_as
from code_host.gitlab_comments import GitLabComments
from code_host.gitlab_publishing import MOST_BYTES, GitLabPublishing
from code_host.gitlab_refusals import GitLabRefusals
from code_host.gitlab_repository import GitLabRepository
from code_host.gitlab_requests import GitLabRequests
from code_host.names import check_key
from code_host.rest import Patience, Rest
from core.errors import CodeHostRefused, InvalidInput
from core.ports import Clock, Workspace
from core.publication import BaseBranch, Publication, PullRequest, PullRequestDraft, RequestComment
from core.sandboxes import Probe

API_BASE = "https://gitlab.com/api/v4"


class GitLabCodeHost:
    """The project named `group/name` (or deeper), on GitLab.com or at `api_base`, by a token with the scope `api`."""

    def __init__(
        self,
        token: str,
        project: str,
        clock: Clock,
        *,
        api_base: str = API_BASE,
        patience: Patience | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """Raises InvalidInput when something is missing or is no address."""
        if not token.strip() or "/" not in project.strip("/"):
            raise InvalidInput("GitLab needs a token, and a project as `group/name`")
        headers = {"authorization": f"Bearer {token.strip()}", "accept": "application/json"}
        self._rest = Rest("GitLab", api_base, headers, clock, patience, secrets=[token.strip()], sleep=sleep)
        self._repository = GitLabRepository(self._rest, f"projects/{quote(project.strip('/'), safe='')}")
        self._refusals = GitLabRefusals(self._rest, self._repository)
        self._requests = GitLabRequests(self._rest, self._repository, self._refusals)
        self._publishing = GitLabPublishing(self._repository, self._requests, self._refusals, most_bytes)
        self._comments = GitLabComments(self._rest, self._repository.path)

    async def base(self, name: str | None = None) -> BaseBranch:
        """With every file's blob id; `commit` is None for a project that has no commit yet."""
        if name is None:
            name = (await self._repository.project()).default_branch or "main"
        branch = await self._repository.branch(name)
        if branch is None:
            if not (await self._repository.project()).empty_repo:
                raise self._refusals.no_branch(name)
            return BaseBranch(name=name)
        listing = await self._repository.listing(branch.commit.id)
        return BaseBranch(
            name=name, commit=branch.commit.id, files={path: entry.blob for path, entry in listing.items()}
        )

    async def publish(self, workspace: Workspace, ref: str, draft: PullRequestDraft) -> Publication:
        """One commit with all changes, asked for at once, then compared with what was approved.

        Raises InvalidInput for names that are not plain, NotFound and Conflict of the workspace, CodeHostRefused.
        """
        return await self._publishing.publish(workspace, ref, draft)

    async def open_pull_request(self, draft: PullRequestDraft, commit: str) -> PullRequest:
        check_key(draft.key)
        return await self._requests.shown(await self._requests.open(draft, commit), draft.key, commit)

    async def find(self, key: str) -> PullRequest | None:
        check_key(key)
        request = await self._requests.find(key)
        return None if request is None else await self._requests.shown(request, key)

    async def comments(self, key: str) -> Sequence[RequestComment]:
        check_key(key)
        request = await self._requests.find(key)
        return () if request is None else await self._comments.read(request.iid)

    async def probe(self) -> Probe:
        """Whether the token may publish to the project; asks, and changes nothing."""
        try:
            project = await self._repository.project()
            if (refusal := await self._refusals.of_project(project) or await self._of_token()) is not None:
                raise refusal
            version = await self._version()
        except CodeHostRefused as refusal:
            problem, _, fix = str(refusal).rpartition("; ")
            return Probe("gitlab", ok=False, reason=problem, fix=fix)
        return Probe("gitlab", ok=True, version=version)

    async def close(self) -> None:
        await self._rest.close()

    async def _of_token(self) -> CodeHostRefused | None:
        """Its scopes. Tokens of OAuth have nothing to say about themselves."""
        answer = await self._rest.get("personal_access_tokens/self")
        if answer.is_success:
            token = read_as(self._rest, answers.Token, answer, "show the token")
            if "api" not in token.scopes:
                problem = f"the token has the scopes {', '.join(token.scopes) or 'of nothing'}"
                return self._rest.refused("missing_right", problem, "make one with the scope api")
        return None

    async def _version(self) -> str:
        answer = await self._rest.get("version")
        return (
            f"GitLab {read_as(self._rest, answers.Version, answer, 'tell its version').version}"
            if answer.is_success
            else ""
        )
