"""GitHub's REST API under one repository, and what its refusals mean."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from code_host.answers import is_rate_limit, said
from code_host.rest import Patience, Rest
from core.errors import CodeHostRefused, InvalidInput
from core.ports import Clock

PUBLIC_API = "https://api.github.com"
_VERSION = "2022-11-28"
_REPO = re.compile(r"(?!.*\.\.)[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_PROTECTED = ("rule violation", "protected", "reference update failed", "cannot be updated", "signed commits")
_TOO_LARGE = ("too large", "timed out", "exceeds")


class GitHubRest(Rest):
    """Paths are those of the API; `repo` is the path of the repository, `repos/owner/name`."""

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
        """Raises InvalidInput for a token or a name that cannot be one."""
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise InvalidInput("GITHUB_TOKEN must be a token of GitHub, without spaces", field="GITHUB_TOKEN")
        if not _REPO.fullmatch(repo):
            raise InvalidInput(f"GITHUB_REPO must be owner/name, not {repo[:80]!r}", field="GITHUB_REPO")
        headers = {
            "authorization": f"Bearer {token}",
            "accept": "application/vnd.github+json",
            "x-github-api-version": _VERSION,
        }
        super().__init__("GitHub", api_base, headers, clock, patience, secrets=(token,), sleep=sleep)
        self.name = repo
        self.owner = repo.partition("/")[0]
        self.repo = f"repos/{repo}"

    async def object(self, path: str, doing: str) -> dict[str, Any]:
        """What a GET answers with. Raises CodeHostRefused when it is no success."""
        return self.taken(await self.get(path), doing)

    def taken(self, answer: httpx.Response, doing: str) -> dict[str, Any]:
        """The object in an answer that is a success. Raises CodeHostRefused otherwise."""
        if not answer.is_success:
            raise self.refusal(answer, doing)
        found: dict[str, Any] = self.read(answer)
        return found

    def refusal(self, answer: httpx.Response, doing: str) -> CodeHostRefused:
        if is_rate_limit(answer):
            return super().refusal(answer, doing)
        reason, fix = self._meaning(answer, said(answer).lower())
        if reason is None:
            return super().refusal(answer, doing)
        return self.refused(reason, f"answered {self.quote(answer)} when asked to {doing}", fix)

    def _meaning(self, answer: httpx.Response, words: str) -> tuple[str | None, str]:
        """Reason and fix; no reason where it means what it means everywhere."""
        writes = answer.request.method != "GET"
        match answer.status_code:
            case 401:
                return "bad_token", "set GITHUB_TOKEN to a token that is valid and has not expired"
            case 403 if "archived" in words:
                return "archived", f"unarchive {self.name} or set GITHUB_REPO to another repository"
            case 403:
                return "missing_right", _right_wanted(answer)
            case 404 if writes:
                return "missing_right", _right_wanted(answer)
            case 404 | 410 | 451:
                return "not_found", f"check GITHUB_REPO ({self.name}) and that GITHUB_TOKEN may see that repository"
            case 409 if "empty" in words:
                return "empty", f"make a first commit in {self.name}"
            case 409 | 422 if any(word in words for word in _PROTECTED):
                return "protected", f"let the token's user pass the branch protection and the rulesets of {self.name}"
            case 422 if any(word in words for word in _TOO_LARGE):
                return "too_large", "publish less at once"
        return None, ""


def _right_wanted(answer: httpx.Response) -> str:
    """GitHub answers 404 to writes that a token has no right to; a 403 names the right in a header."""
    wanted = answer.headers.get("x-accepted-github-permissions", "")
    named = f" (it asks for {wanted})" if wanted else ""
    return (
        f"give the token the rights Contents, Pull requests and Workflows: read and write{named}, "
        "or the scopes repo and workflow if it is a classic one"
    )
