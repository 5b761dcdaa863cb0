"""Reviewers of a pull request on GitHub: people by login, teams as `organisation/team`."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx

from code_host.github_rest import GitHubRest

MOST_REVIEWERS = 15


class Reviewers:
    def __init__(self, rest: GitHubRest) -> None:
        self._rest = rest

    async def request(self, names: Sequence[str], found: dict[str, Any]) -> list[str]:
        """Ask those who neither are asked nor have spoken. Returns the names that GitHub does not take."""
        lacking = [name for name in dict.fromkeys(names) if name.lower() not in _asked(found)]
        if not lacking:
            return []
        if found["review_comments"] or found["comments"] or found["updated_at"] != found["created_at"]:
            spoken = await self._spoken(found["number"])
            lacking = [name for name in lacking if name.lower() not in spoken]
        asked, beyond = lacking[:MOST_REVIEWERS], lacking[MOST_REVIEWERS:]
        return await untaken(asked, lambda some: self._taken(some, found["number"])) + beyond

    async def _taken(self, names: Sequence[str], number: int) -> bool:
        teams = [name.split("/", 1)[1] for name in names if "/" in name]
        body = {"reviewers": [name for name in names if "/" not in name], "team_reviewers": teams}
        path = f"{self._rest.repo}/pulls/{number}/requested_reviewers"
        answer: httpx.Response = await self._rest.post(path, repeat=True, json=body)
        if answer.status_code == 422:
            return False
        if not answer.is_success:
            raise self._rest.refusal(answer, f"ask {', '.join(names)} for a review")
        return True

    async def _spoken(self, number: int) -> set[str]:
        """Who has reviewed is not on the list of those who are asked any more."""
        answer = await self._rest.get(f"{self._rest.repo}/pulls/{number}/reviews", {"per_page": 100})
        if not answer.is_success:
            raise self._rest.refusal(answer, "list reviews")
        return {str(review["user"]["login"]).lower() for review in self._rest.read(answer) if review["user"]}


async def untaken(names: Sequence[str], take: Callable[[Sequence[str]], Awaitable[bool]]) -> list[str]:
    """Names that are not taken. GitHub takes all of a request or none of it, so those of a refused one go one by one."""
    if not names or await take(names):
        return []
    return [name for name in names if len(names) == 1 or not await take([name])]


def _asked(found: dict[str, Any]) -> set[str]:
    people = {str(user["login"]).lower() for user in found["requested_reviewers"]}
    owner = str(found["base"]["repo"]["owner"]["login"]).lower()
    return people | {f"{owner}/{str(team['slug']).lower()}" for team in found["requested_teams"]}
