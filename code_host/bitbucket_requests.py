"""Pull requests on Bitbucket, one per key: found by the key in their branch's name, known by a marker in their text."""

import re
from collections.abc import Sequence

import httpx

from code_host import bitbucket_answers as answers
from code_host.answers import said
from code_host.bitbucket_refusals import BitbucketRefusals
from code_host.bitbucket_repository import BitbucketRepository, next_page
from code_host.foreign import read_as
from code_host.rest import Rest
from code_host.work import marked_key, marker, unmarked
from core.publication import PullRequest, PullRequestDraft, RequestState

MOST_TITLE = 255
MOST_BODY = 30_000
_PAGE = 50
_MOST_PAGES = 10
_ACCOUNT = re.compile(r"\d+:[0-9a-f-]+|[0-9a-f]{24}")
_STATES = {
    "OPEN": RequestState.OPEN,
    "MERGED": RequestState.MERGED,
    "DECLINED": RequestState.CLOSED,
    "SUPERSEDED": RequestState.CLOSED,
}


class BitbucketRequests:
    """A request counts only if its branch is in this repository, so that nobody without the right to push can pose as us."""

    def __init__(self, rest: Rest, repository: BitbucketRepository, refusals: BitbucketRefusals) -> None:
        self._rest = rest
        self._repository = repository
        self._refusals = refusals
        self._path = f"{repository.path}/pullrequests"
        self._workspace = repository.path.split("/")[1]

    async def find(self, key: str) -> answers.PullRequest | None:
        """The first request that was ever opened for the key, in whatever state it is."""
        found = await self._list(f'source.branch.name ~ "{key}"')
        return _first([request for request in found if _is_of(request, key)])

    async def whole(self, number: int) -> answers.PullRequest:
        """With its participants, which lists leave out."""
        return read_as(self._rest, answers.PullRequest, await self._rest.get(f"{self._path}/{number}"), "show it")

    async def open(self, draft: PullRequestDraft, commit: str, *, is_known: bool) -> answers.PullRequest:
        """`is_known` says that the branch was seen with that commit just now."""
        there = await self._list(f'source.branch.name = "{draft.branch}"')
        if (ours := _first([one for one in there if marked_key(one.description or "") == draft.key])) is not None:
            return ours
        for other in there:
            if other.state == "OPEN":
                raise self._refusals.request_taken(draft.branch, other.links.html.href)
        if not is_known:
            branch = await self._repository.branch(draft.branch)
            if branch is None or branch.target.hash != commit:
                raise self._refusals.not_published(draft.branch, commit, None if branch is None else branch.target.hash)
        return await self._create(draft)

    async def shown(self, request: answers.PullRequest, key: str, commit: str = "") -> PullRequest:
        """As the port has it. Bitbucket cuts the hash of a request's commit short; `commit` is the whole one if it is known."""
        short = request.source.commit.hash if request.source.commit else ""
        if not short or not commit.startswith(short):
            found = await self._repository.commit_of(short) if short else None
            commit = found.hash if found else short
        base = request.destination.commit
        is_compared = request.state == "OPEN" and commit
        stat = await self._repository.diff_stat(base.hash, commit) if base is not None and is_compared else ""
        return PullRequest(
            key=key,
            number=request.id,
            url=request.links.html.href,
            branch=request.source.branch.name,
            base=request.destination.branch.name,
            commit=commit,
            title=request.title,
            body=unmarked(request.description or ""),
            state=_STATES[request.state],
            diff_stat=stat,
            clone_url=f"{request.links.html.href.split('/pull-requests/')[0]}.git",
        )

    async def _create(self, draft: PullRequestDraft) -> answers.PullRequest:
        """A second call of the same does not make a second request: Bitbucket then answers with the one that is open."""
        reviewers, unknown = await self._reviewers(draft.reviewers)
        answer = await self._post(draft, reviewers, unknown)
        if answer.status_code == 400 and reviewers and "reviewer" in said(answer).lower():
            answer = await self._post(draft, [], list(draft.reviewers))
        if not answer.is_success:
            raise self._refusals.of_write(answer, f"open a pull request of {draft.branch} against {draft.base}")
        return read_as(self._rest, answers.PullRequest, answer, "open a pull request")

    async def _post(
        self, draft: PullRequestDraft, reviewers: list[dict[str, str]], unknown: Sequence[str]
    ) -> httpx.Response:
        labels = f"Labels: {', '.join(draft.labels)}." if draft.labels else ""
        note = f"Bitbucket did not take these reviewers: {', '.join(unknown)}." if unknown else ""
        body = {
            "title": " ".join(draft.title.split())[:MOST_TITLE],
            "description": "\n\n".join(filter(None, [draft.body[:MOST_BODY], labels, note, marker(draft.key)])),
            "source": {"branch": {"name": draft.branch}},
            "destination": {"branch": {"name": draft.base}},
            "draft": draft.draft,
            "reviewers": reviewers,
        }
        return await self._rest.post(self._path, repeat=True, json=body)

    async def _reviewers(self, names: Sequence[str]) -> tuple[list[dict[str, str]], list[str]]:
        """Those that can be named to Bitbucket (by `{uuid}`, account id, or nickname in the workspace), and the others."""
        found: list[dict[str, str]] = []
        unknown: list[str] = []
        for name in dict.fromkeys(names):
            if name.startswith("{"):
                found.append({"uuid": name})
            elif _ACCOUNT.fullmatch(name):
                found.append({"account_id": name})
            elif (uuid := await self._uuid(name.removeprefix("@"))) is not None:
                found.append({"uuid": uuid})
            else:
                unknown.append(name)
        return found, unknown

    async def _uuid(self, nickname: str) -> str | None:
        """None as well where the token may not see the workspace's members."""
        quoted = nickname.replace("\\", "\\\\").replace('"', '\\"')
        answer = await self._rest.get(f"workspaces/{self._workspace}/members", {"q": f'user.nickname = "{quoted}"'})
        if answer.status_code in (400, 403, 404):
            return None
        members = read_as(self._rest, answers.Members, answer, "show a member of the workspace").values
        return members[0].user.uuid if len(members) == 1 else None

    async def _list(self, query: str) -> list[answers.PullRequest]:
        """Requests in every state (a query finds all), from branches of this repository."""
        params: dict[str, str | int] = {"q": query, "pagelen": _PAGE}
        found: list[answers.PullRequest] = []
        async for answer in self._rest.pages(self._path, params, most=_MOST_PAGES, follow=next_page):
            if answer.status_code == 403:
                raise self._refusals.of_write(answer, "list the pull requests")
            found += read_as(self._rest, answers.PullRequests, answer, "list the pull requests").values
        return [request for request in found if _is_here(request)]


def _is_here(request: answers.PullRequest) -> bool:
    source, target = request.source.repository, request.destination.repository
    return source is not None and target is not None and source.full_name == target.full_name


def _is_of(request: answers.PullRequest, key: str) -> bool:
    """By its marker; where somebody has taken that away, by the end of its branch's name."""
    marked = marked_key(request.description or "")
    if marked is not None:
        return marked == key
    last = request.source.branch.name.rsplit("/", 1)[-1]
    return last == key or last.endswith(f"-{key}")


def _first(requests: Sequence[answers.PullRequest]) -> answers.PullRequest | None:
    return min(requests, key=lambda request: request.id, default=None)
