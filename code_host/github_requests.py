"""Pull requests on GitHub: the one of a key is looked for, made if it is not there, and completed."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx

from code_host.answers import said
from code_host.diff_stat import diff_total
from code_host.github_rest import GitHubRest
from code_host.github_reviewers import Reviewers, untaken
from code_host.work import marked_key, marker, unmarked
from core.publication import PullRequest, PullRequestDraft, RequestState

MOST_PAGES = 20
PER_PAGE = 100
_MOST_TITLE = 256
_MOST_BODY = 65_000
"""GitHub takes 65,536 characters; the rest is for the marker and notes."""
_MOST_NUMBERS = 1_000
_LOOKS = 4
_NO_DRAFTS = "This repository takes no draft requests: please do not merge this one yet."

Found = dict[str, Any]


class Requests:
    """Works with requests as GitHub shows them one by one (`GET pulls/{number}`)."""

    def __init__(self, rest: GitHubRest, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._rest = rest
        self._pulls = f"{rest.repo}/pulls"
        self._sleep = sleep
        self._reviewers = Reviewers(rest)
        self._numbers: dict[str, int] = {}

    async def of_branch(self, draft: PullRequestDraft) -> Found | None:
        """The draft's request in whatever state. A branch of that name was its own at any time."""
        params: dict[str, str | int] = {
            "head": f"{self._rest.owner}:{draft.branch}",
            "state": "all",
            "per_page": PER_PAGE,
        }
        answer = await self._rest.get(self._pulls, params)
        if not answer.is_success:
            raise self._rest.refusal(answer, "list pull requests")
        # GitHub takes no notice of a filter that it does not understand.
        found = [one for one in self._rest.read(answer) if _ours(one) and one["head"]["ref"] == draft.branch]
        marked = [one for one in found if marked_key(one["body"] or "") == draft.key]
        if not found:
            return None
        return await self._whole(draft.key, (marked or found)[-1]["number"])

    async def of_key(self, key: str) -> Found | None:
        number = await self.number_of(key)
        return None if number is None else await self._whole(key, number)

    async def number_of(self, key: str) -> int | None:
        """The number, which never changes. Requests of other repositories' branches are never taken for ours."""
        if key in self._numbers:
            return self._numbers[key]
        newest: dict[str, str | int] = {"state": "all", "sort": "created", "direction": "desc", "per_page": PER_PAGE}
        async for answer in self._rest.pages(self._pulls, newest, most=MOST_PAGES):
            if not answer.is_success:
                raise self._rest.refusal(answer, "list pull requests")
            for one in self._rest.read(answer):
                if _ours(one) and _is_of(one, key):
                    self._remember(key, one["number"])
                    return int(one["number"])
        return None

    async def create(self, draft: PullRequestDraft) -> Found:
        """Open it, or take the one that somebody else, or a try whose answer was lost, has opened meanwhile."""
        answer = await self._post(draft, "", as_draft=draft.draft)
        if (
            draft.draft
            and answer.status_code == 422
            and "draft pull requests are not supported" in said(answer).lower()
        ):
            answer = await self._post(draft, _NO_DRAFTS, as_draft=False)
        if answer.status_code == 422 and "already exists" in said(answer).lower():
            return await self._soon(draft)
        made = self._rest.taken(answer, f"open a pull request of {draft.branch} against {draft.base}")
        self._remember(draft.key, made["number"])
        return made

    async def complete(self, draft: PullRequestDraft, found: Found) -> Found:
        """Add the labels and reviewers that it lacks; names that GitHub does not take are noted in its description."""
        if found["state"] != "open":
            return found
        labels = await self._label(draft, found)
        reviewers = await self._reviewers.request(draft.reviewers, found)
        body = unmarked(found["body"] or "")
        notes = [
            f"GitHub did not take these {what}: {', '.join(names)}."
            for what, names in (("labels", labels), ("reviewers", reviewers))
            if names
        ]
        lacking = [note for note in notes if note not in body]
        if not lacking:
            return found
        changed = {"body": _with_marker(draft.key, body, "\n\n".join(lacking))}
        answer = await self._rest.patch(f"{self._pulls}/{found['number']}", repeat=True, json=changed)
        return self._rest.taken(answer, "change the description of a pull request")

    def shown(self, key: str, found: Found, tree: str) -> PullRequest:
        source = found["head"]["repo"] or found["base"]["repo"]
        return PullRequest(
            key=key,
            number=found["number"],
            url=found["html_url"],
            branch=found["head"]["ref"],
            base=found["base"]["ref"],
            commit=found["head"]["sha"],
            tree=tree,
            title=found["title"],
            body=unmarked(found["body"] or ""),
            state=_state(found),
            diff_stat=diff_total(found["changed_files"], found["additions"], found["deletions"]),
            clone_url=source["clone_url"],
        )

    async def _post(self, draft: PullRequestDraft, note: str, *, as_draft: bool) -> httpx.Response:
        title = draft.title if len(draft.title) <= _MOST_TITLE else draft.title[: _MOST_TITLE - 1] + "…"
        body = _with_marker(draft.key, draft.body, note)
        wanted = {"title": title, "body": body, "head": draft.branch, "base": draft.base, "draft": as_draft}
        return await self._rest.post(self._pulls, repeat=True, json=wanted)

    async def _soon(self, draft: PullRequestDraft) -> Found:
        """GitHub has it, so its list will show it, if not at once."""
        for look in range(_LOOKS):
            if (found := await self.of_branch(draft)) is not None:
                return found
            await self._sleep(float(2**look))
        problem = f"says that a pull request of {draft.branch} is there, but does not list it"
        raise self._rest.refused("unreachable", problem, "try again")

    async def _label(self, draft: PullRequestDraft, found: Found) -> list[str]:
        """The labels that GitHub does not take (they are too long, for example)."""
        there = {str(label["name"]).lower() for label in found["labels"]}
        lacking = [label for label in dict.fromkeys(draft.labels) if label.lower() not in there]

        async def take(labels: Sequence[str]) -> bool:
            path = f"{self._rest.repo}/issues/{found['number']}/labels"
            answer = await self._rest.post(path, repeat=True, json={"labels": [*labels]})
            if answer.status_code != 422 and not answer.is_success:
                raise self._rest.refusal(answer, f"add the labels {', '.join(labels)}")
            return answer.is_success

        return await untaken(lacking, take)

    async def _whole(self, key: str, number: int) -> Found:
        found = await self._rest.object(f"{self._pulls}/{number}", f"show pull request {number}")
        self._remember(key, number)
        return found

    def _remember(self, key: str, number: int) -> None:
        self._numbers[key] = number
        while len(self._numbers) > _MOST_NUMBERS:
            del self._numbers[next(iter(self._numbers))]


def _with_marker(key: str, body: str, note: str) -> str:
    if len(body) > _MOST_BODY:
        body = body[:_MOST_BODY] + "…\n\nThe rest did not fit."
    return "\n\n".join(filter(None, [body, note, marker(key)]))


def _ours(one: Found) -> bool:
    """Of a branch of this repository: a request from a fork can have any branch name and any description."""
    source = one["head"]["repo"]
    return source is not None and source["id"] == one["base"]["repo"]["id"]


def _is_of(one: Found, key: str) -> bool:
    marked = marked_key(one["body"] or "")
    if marked is not None:
        return marked == key
    last = str(one["head"]["ref"]).rsplit("/", 1)[-1]
    return last == key or last.endswith(f"-{key}")


def _state(found: Found) -> RequestState:
    if found["merged_at"] is not None:
        return RequestState.MERGED
    return RequestState.OPEN if found["state"] == "open" else RequestState.CLOSED
