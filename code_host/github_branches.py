"""Branches of a repository on GitHub: what they have, and the first commit of a repository that has none."""

import base64
from collections.abc import Container
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from code_host.github_rest import GitHubRest
from code_host.github_trees import Listing, Trees
from core.errors import CodeHostRefused
from core.publication import BaseBranch

_KEPT_LISTINGS = 4
_FIRST_FILES = (".gitkeep", ".autonomy", "STARTED")


@dataclass(frozen=True)
class Tip:
    """The commit that a branch has."""

    commit: str
    tree: str
    parents: tuple[str, ...]
    message: str


class Branches:
    """Keeps the newest listing of a few branches, which saves reading them again."""

    def __init__(self, rest: GitHubRest, trees: Trees) -> None:
        self._rest = rest
        self._trees = trees
        self._listings: dict[str, Listing] = {}

    async def base(self, name: str | None) -> BaseBranch:
        rest = self._rest
        name = name or str((await rest.object(rest.repo, "show the repository"))["default_branch"])
        tip = await self.tip(name)
        if tip is None:
            await self._refuse_unless_empty(name)
            return BaseBranch(name=name)
        return BaseBranch(name=name, commit=tip.commit, files=(await self.listing(name, tip)).files)

    async def tip(self, name: str) -> Tip | None:
        answer = await self._rest.get(f"{self._rest.repo}/branches/{quote(name, safe='')}")
        if answer.status_code == 404:
            return None
        found = self._rest.taken(answer, f"show branch {name}")
        if found["name"] != name:
            # A branch that was renamed is shown under its new name.
            return None
        commit: dict[str, Any] = found["commit"]
        return _tip(commit["sha"], commit["commit"], commit["parents"])

    async def commit(self, commit: str) -> Tip:
        found = await self._rest.object(f"{self._rest.repo}/git/commits/{commit}", "show a commit")
        return _tip(commit, found, found["parents"])

    async def listing(self, branch: str, tip: Tip) -> Listing:
        kept = self._listings.get(branch)
        if kept is None or kept.tree != tip.tree:
            kept = await self._trees.read(tip.tree)
            self._listings.pop(branch, None)
            self._listings[branch] = kept
            while len(self._listings) > _KEPT_LISTINGS:
                del self._listings[next(iter(self._listings))]
        return kept

    async def likely_listing(self, branch: str, avoid: Container[str]) -> Listing:
        """What was read last, or is found under the name, in one request: only `tip` tells whether it is the branch's.

        An empty repository gets a first commit, of an empty file whose path is not among those to `avoid`.
        """
        if branch in self._listings:
            return self._listings[branch]
        try:
            return await self._trees.read(branch)
        except CodeHostRefused as error:
            if error.fields.get("reason") != "empty":
                raise
        await self._begin(branch, avoid)
        return await self._trees.read(branch)

    async def _begin(self, branch: str, avoid: Container[str]) -> None:
        """An empty repository takes no tree: this is the one way to a first commit."""
        path = next(name for name in _FIRST_FILES if name not in avoid)
        content = base64.b64encode(b"").decode()
        body = {"message": "Start the repository", "content": content, "branch": branch}
        answer = await self._rest.put(f"{self._rest.repo}/contents/{path}", json=body)
        if answer.status_code not in (409, 422):
            self._rest.taken(answer, "make the first commit of the repository")
        elif await self.tip(branch) is None:
            raise self._rest.refusal(answer, "make the first commit of the repository")

    async def _refuse_unless_empty(self, branch: str) -> None:
        answer = await self._rest.get(f"{self._rest.repo}/git/ref/heads/{quote(branch, safe='/')}")
        if answer.is_success:
            raise self._rest.refused("unreachable", f"has made branch {branch} just now", "try again")
        refused = self._rest.refusal(answer, f"show branch {branch}")
        if refused.fields["reason"] != "empty":
            raise refused


def _tip(commit: str, inner: dict[str, Any], parents: list[dict[str, Any]]) -> Tip:
    return Tip(commit, inner["tree"]["sha"], tuple(str(parent["sha"]) for parent in parents), inner["message"])
