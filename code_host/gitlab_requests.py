"""Merge requests of a GitLab project, one per key: found by a marker in their description, made if there is none."""

from collections.abc import Sequence

from code_host import gitlab_answers as answers
from code_host.foreign import read_as
from code_host.gitlab_refusals import GitLabRefusals
from code_host.gitlab_repository import PAGE, GitLabRepository
from code_host.rest import Rest
from code_host.work import marker, unmarked
from core.publication import PullRequest, PullRequestDraft, RequestState

MOST_TITLE = 255
MOST_BODY = 1_000_000
_DRAFT = "Draft: "
_MOST_PAGES = 5
_STATES = {
    "opened": RequestState.OPEN,
    "locked": RequestState.OPEN,
    "closed": RequestState.CLOSED,
    "merged": RequestState.MERGED,
}


class GitLabRequests:
    """A request counts only if its branch is in this project, so that nobody without the right to push can pose as us."""

    def __init__(self, rest: Rest, repository: GitLabRepository, refusals: GitLabRefusals) -> None:
        self._rest = rest
        self._repository = repository
        self._refusals = refusals
        self._path = f"{repository.path}/merge_requests"

    async def find(self, key: str) -> answers.MergeRequest | None:
        """The first request that was ever opened for the key, in whatever state it is."""
        return _first(await self._list(search=f'"{_term(key)}"', **{"in": "description"}), key)

    async def open(self, draft: PullRequestDraft, commit: str) -> answers.MergeRequest:
        there = await self._list(source_branch=draft.branch)
        if (ours := _first(there, draft.key)) is not None:
            return ours
        for other in there:
            if other.state in ("opened", "locked"):
                raise self._refusals.request_taken(draft.branch, other.web_url)
        if not self._repository.has_shown(commit):
            branch = await self._repository.branch(draft.branch)
            if branch is None or branch.commit.id != commit:
                raise self._refusals.not_published(draft.branch, commit, None if branch is None else branch.commit.id)
        return await self._create(draft)

    async def shown(self, request: answers.MergeRequest, key: str, commit: str | None = None) -> PullRequest:
        """As the port has it; `commit` where GitLab has not yet noticed what the branch names."""
        head = request.sha or commit or ""
        is_open = _STATES[request.state] is RequestState.OPEN
        return PullRequest(
            key=key,
            number=request.iid,
            url=request.web_url,
            branch=request.source_branch,
            base=request.target_branch,
            commit=head,
            tree=await self._repository.root(head) if head else "",
            title=request.title.removeprefix(_DRAFT) if request.draft else request.title,
            body=unmarked(request.description or ""),
            state=_STATES[request.state],
            diff_stat=await self._repository.diff_stat(request.target_branch, head) if head and is_open else "",
            clone_url=f"{request.web_url.split('/-/')[0]}.git",
        )

    async def _create(self, draft: PullRequestDraft) -> answers.MergeRequest:
        reviewers, unknown = await self._reviewers(draft.reviewers)
        note = f"Asked to review, but not known to GitLab: {', '.join(unknown)}." if unknown else ""
        title = f"{_DRAFT if draft.draft else ''}{' '.join(draft.title.split())}"
        body = {
            "source_branch": draft.branch,
            "target_branch": draft.base,
            "title": title[:MOST_TITLE],
            "description": "\n\n".join(filter(None, [draft.body[:MOST_BODY], note, marker(draft.key)])),
        }
        if draft.labels:
            body["labels"] = ",".join(label.replace(",", " ") for label in draft.labels)
        asked = body | ({"reviewer_ids": reviewers} if reviewers else {})
        answer = await self._rest.post(self._path, repeat=True, json=asked)
        if (
            answer.status_code == 409
        ):  # made by somebody else at the same time, or by this call before its answer was lost
            there = await self._list(source_branch=draft.branch)
            if (ours := _first(there, draft.key)) is not None:
                return ours
        if not answer.is_success:
            raise await self._refusals.of_write(answer, "open a merge request")
        return read_as(self._rest, answers.MergeRequest, answer, "open a merge request")

    async def _reviewers(self, names: Sequence[str]) -> tuple[list[int], list[str]]:
        """Ids of those that GitLab knows, and the names that it does not know."""
        found: list[int] = []
        unknown: list[str] = []
        for name in dict.fromkeys(names):
            answer = await self._rest.get("users", {"username": name.removeprefix("@")})
            users = read_as(self._rest, list[answers.User], answer, f"show the user {name}")
            found += [user.id for user in users[:1]]
            unknown += [] if users else [name]
        return found, unknown

    async def _list(self, **query: str) -> list[answers.MergeRequest]:
        """Requests in every state, from branches of this project, the first opened first."""
        params: dict[str, str | int] = {
            "state": "all",
            "order_by": "created_at",
            "sort": "asc",
            "per_page": PAGE,
            **query,
        }
        found: list[answers.MergeRequest] = []
        async for answer in self._rest.pages(self._path, params, most=_MOST_PAGES):
            if answer.status_code == 403:
                raise await self._refusals.of_write(answer, "list the merge requests")
            found += read_as(self._rest, list[answers.MergeRequest], answer, "list the merge requests")
        return [request for request in found if request.source_project_id == request.target_project_id]


def _first(requests: Sequence[answers.MergeRequest], key: str) -> answers.MergeRequest | None:
    ours = [request for request in requests if marker(key) in (request.description or "")]
    return min(ours, key=lambda request: request.iid, default=None)


def _term(key: str) -> str:
    """What is to be searched for: the words of the marker. Keys that begin alike are found too."""
    return marker(key).removeprefix("<!-- ").removesuffix(" -->")
