"""Refusals that mean the same on hosts which call things differently, in sentences that say how to fix them."""

from code_host.rest import Rest
from core.errors import CodeHostRefused


class HostedRefusals:
    """`holder` is what a repository is called there, `request` what a request is, `end` what ends one."""

    holder = "repository"
    request = "pull request"
    end = "close"

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def branch_taken(self, branch: str) -> CodeHostRefused:
        problem = f"branch {branch} is there already, with other content"
        return self._rest.refused("branch_taken", problem, "delete or rename that branch")

    def request_taken(self, branch: str, url: str) -> CodeHostRefused:
        problem = f"somebody else's {self.request} {url} is open from branch {branch}"
        return self._rest.refused("branch_taken", problem, f"{self.end} that one")

    def branch_gone(self, branch: str) -> CodeHostRefused:
        problem = f"there is no branch {branch} any more, which was to be continued"
        fix = "it may have been merged; publish the work on a branch of its own"
        return self._rest.refused("not_found", problem, fix)

    def branch_moved(self, branch: str) -> CodeHostRefused:
        problem = f"branch {branch}, which was to be continued, has moved on"
        fix = "take what was pushed there into the work and approve it again"
        return self._rest.refused("conflict", problem, fix, paths=[])

    def no_branch(self, name: str) -> CodeHostRefused:
        problem = f"the {self.holder} has no branch {name}"
        return self._rest.refused("not_found", problem, "make it, or name another base")

    def too_large(self, problem: str) -> CodeHostRefused:
        return self._rest.refused("too_large", problem, "publish less at once")

    def nothing_to_do(self, base: str) -> CodeHostRefused:
        problem = f"all that the work changes is on {base} already"
        return self._rest.refused("rejected", problem, "there is nothing to publish")

    def not_published(self, branch: str, commit: str, there: str | None) -> CodeHostRefused:
        """`there` is the commit that the branch names, None when it is not there."""
        if there is None:
            problem = f"branch {branch} is not there"
            return self._rest.refused("not_found", problem, "publish it before the request is opened")
        problem = f"branch {branch} names commit {there[:12]}, not {commit[:12]}"
        return self._rest.refused("conflict", problem, "publish again, or take back what was pushed there", paths=[])

    def wrong_commit(self, branch: str, commit: str, where: str = "") -> CodeHostRefused:
        """`where` says in what it is wrong, after "is not what was approved"."""
        problem = f"commit {commit[:12]} on branch {branch} is not what was approved{where}"
        return self._rest.refused("rejected", problem, "delete the branch and publish again")
