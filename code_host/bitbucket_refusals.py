"""What Bitbucket means when it does not do something, in sentences that say how to fix it."""

import httpx

from code_host.answers import said
from code_host.hosted_refusals import HostedRefusals
from core.errors import CodeHostRefused

_GUARDED = ("restrict", "not allowed", "protected", "permission to push", "hook")
_WRITE_SCOPES = ({"pullrequest:write"}, {"write:repository:bitbucket", "write:pullrequest:bitbucket"})
SCOPES = "repositories: write, and pull requests: write"


class BitbucketRefusals(HostedRefusals):
    end = "decline"

    def of_commit(self, answer: httpx.Response, branch: str) -> CodeHostRefused:
        """Why a commit was not made."""
        words = said(answer).lower()
        if answer.status_code in (400, 403) and "scope" not in words and any(word in words for word in _GUARDED):
            fix = "let the token push to it, or exempt the branch from the restriction"
            return self._rest.refused("protected", f"a rule guards branch {branch}: {self._rest.quote(answer)}", fix)
        return self.of_write(answer, f"make a commit on branch {branch}")

    def of_start(self, answer: httpx.Response, base: str) -> CodeHostRefused:
        """Why a repository without commits did not get its first one."""
        if answer.status_code not in (400, 403, 409):
            return self._rest.refusal(answer, f"make the first commit on branch {base}")
        problem = f"the repository is empty, and no first commit can be made on {base}: {self._rest.quote(answer)}"
        return self._rest.refused("empty", problem, f"push a first commit to {base}")

    def of_write(self, answer: httpx.Response, doing: str) -> CodeHostRefused:
        if answer.status_code != 403:
            return self._rest.refusal(answer, doing)
        problem = f"answered {self._rest.quote(answer)} when asked to {doing}"
        return self._rest.refused("missing_right", problem, f"give it a token with {SCOPES}")

    def of_scopes(self, answer: httpx.Response) -> CodeHostRefused | None:
        """Bitbucket says with every answer what the token may do; not with those to every kind of token."""
        given = answer.headers.get("x-oauth-scopes")
        if given is None:
            return None
        scopes = {scope.strip() for scope in given.split(",")}
        if any(wanted <= scopes for wanted in _WRITE_SCOPES):
            return None
        problem = f"the token has the scopes {given or 'of nothing'}"
        return self._rest.refused("missing_right", problem, f"make one with {SCOPES}")
