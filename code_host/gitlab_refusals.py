"""What GitLab means when it does not do something, in sentences that say how to fix it."""

import re

import httpx

from code_host import gitlab_answers as answers
from code_host.answers import said
from code_host.foreign import read_as
from code_host.gitlab_repository import GitLabRepository
from code_host.hosted_refusals import HostedRefusals
from code_host.rest import Rest
from code_host.work import in_conflict
from core.errors import CodeHostRefused

DEVELOPER = 30
_CHANGED = re.compile(r"changed since you started editing it: (.+)$")
_STALE = (
    "a file with this name already exists",
    "a file with this name doesn't exist",
    "changed since you started editing",
)
_GUARDED = ("not allowed to push", "protected branch", "gitlab:", "pre-receive", "push rule")


class GitLabRefusals(HostedRefusals):
    holder = "project"
    request = "merge request"

    def __init__(self, rest: Rest, repository: GitLabRepository) -> None:
        super().__init__(rest)
        self._repository = repository

    def commit_of(self, answer: httpx.Response) -> answers.Commit:
        return read_as(self._rest, answers.Commit, answer, "make a commit")

    async def of_commit(self, answer: httpx.Response, branch: str) -> CodeHostRefused:
        """Why a commit was not made."""
        words = said(answer).lower()
        if answer.status_code == 400 and "already exists. switch to" in words:
            return self.branch_taken(branch)
        if answer.status_code == 400 and any(stale in words for stale in _STALE):
            found = _CHANGED.search(said(answer))
            return in_conflict(f"branch {branch} on GitLab", [found[1]]) if found else self.branch_moved(branch)
        if (refusal := await self._by_project(answer)) is not None:
            return refusal
        if answer.status_code in (400, 403) and any(word in words for word in _GUARDED):
            fix = "let the token's user push to it, or exempt the branch from the rule"
            return self._rest.refused("protected", f"a rule guards branch {branch}: {self._rest.quote(answer)}", fix)
        return self._otherwise(answer, f"make a commit on branch {branch}")

    async def of_start(self, answer: httpx.Response, base: str) -> CodeHostRefused:
        """Why a project without commits did not get its first one."""
        if answer.status_code not in (400, 403):
            return self._otherwise(answer, f"make the first commit on branch {base}")
        if (refusal := await self._by_project(answer)) is not None:
            return refusal
        problem = f"the project is empty, and no first commit can be made on {base}: {self._rest.quote(answer)}"
        fix = f"push a first commit to {base}, or give the token's user the role Maintainer"
        return self._rest.refused("empty", problem, fix)

    async def of_write(self, answer: httpx.Response, doing: str) -> CodeHostRefused:
        """Why something else was not written."""
        return await self._by_project(answer) or self._otherwise(answer, doing)

    async def _by_project(self, answer: httpx.Response) -> CodeHostRefused | None:
        """A 403 says the same of archived projects, of roles and of guarded branches; the project says more."""
        if answer.status_code != 403 or "insufficient_scope" in said(answer):
            return None
        return await self.of_project(await self._repository.project())

    def _otherwise(self, answer: httpx.Response, doing: str) -> CodeHostRefused:
        if answer.status_code != 403:
            return self._rest.refusal(answer, doing)
        problem = f"answered {self._rest.quote(answer)} when asked to {doing}"
        return self._rest.refused("missing_right", problem, "give it a token with the scope api and the role Developer")

    async def of_project(self, project: answers.Project) -> CodeHostRefused | None:
        """Why nothing can be published to the project, as far as it tells."""
        if project.archived:
            return self._rest.refused("archived", "the project is archived", "unarchive it, or set another project")
        if project.repository_access_level == "disabled":
            return self._rest.refused("missing_right", "the project has its repository switched off", "switch it on")
        if project.merge_requests_access_level == "disabled":
            return self._rest.refused("missing_right", "the project has merge requests switched off", "switch them on")
        if await self._level(project) < DEVELOPER:
            problem = "the token's user may see the project, but not push to it"
            return self._rest.refused("missing_right", problem, "give that user the role Developer or a higher one")
        return None

    async def _level(self, project: answers.Project) -> int:
        """The user's role, as a number. One that comes by an invited group is not in the project's answer."""
        given = (project.permissions.project_access, project.permissions.group_access)
        level = max((access.access_level for access in given if access is not None), default=0)
        if level >= DEVELOPER:
            return level
        user = read_as(self._rest, answers.User, await self._rest.get("user"), "show the token's user")
        answer = await self._rest.get(f"{self._repository.path}/members/all/{user.id}")
        if answer.status_code == 404:
            return 0
        return read_as(self._rest, answers.Access, answer, "show the user's role").access_level
