"""A repository on Bitbucket Cloud over REST: branches, what commits hold, and commits of many files at once."""

from collections.abc import Iterator, Mapping
from typing import TypeVar
from urllib.parse import quote

import httpx
from cachetools import LRUCache

from code_host import bitbucket_answers as answers
from code_host.bitbucket_form import commit_form
from code_host.diff_stat import diff_total
from code_host.foreign import Answer, read_as
from code_host.git_ids import blob_id
from code_host.rest import Rest
from core.computing import compute
from core.errors import CodeHostRefused
from core.publication import Overlay

PAGE = 100
MOST_PAGES = 200
_DEPTH = 10
_LISTINGS = 4
Listing = Mapping[str, frozenset[str]]
"""Path to attributes of every file: `executable`, `link`, `subrepository`, `binary`."""
T = TypeVar("T", bound=Answer)


class BitbucketRepository:
    """`path` is `repositories/{workspace}/{slug}`. What a commit holds is remembered: it cannot change."""

    def __init__(self, rest: Rest, path: str) -> None:
        self._rest = rest
        self.path = path
        self._listings: LRUCache[str, dict[str, frozenset[str]]] = LRUCache(_LISTINGS)

    async def repository(self) -> httpx.Response:
        return await self._rest.get(self.path)

    async def main_branch(self) -> str | None:
        """None for a repository without commits."""
        found = read_as(self._rest, answers.Repository, await self.repository(), "show the repository")
        return None if found.mainbranch is None else found.mainbranch.name

    async def branch(self, name: str) -> answers.Branch | None:
        """Asked for by a filter: in an address the slashes of a branch's name would be in doubt."""
        answer = await self._rest.get(f"{self.path}/refs/branches", {"q": f'name = "{name}"', "pagelen": 1})
        found = read_as(self._rest, answers.Branches, answer, f"show branch {name}").values
        return next((branch for branch in found if branch.name == name), None)

    async def commit_of(self, hash_: str) -> answers.Commit | None:
        """Of a hash that may be cut short."""
        answer = await self._rest.get(f"{self.path}/commit/{hash_}")
        return None if answer.status_code == 404 else read_as(self._rest, answers.Commit, answer, "show a commit")

    async def listing(self, commit: str) -> Listing:
        if (known := self._listings.get(commit)) is None:
            known = await self._list(commit, "")
            self._listings[commit] = known
        return known

    async def blob(self, commit: str, path: str) -> str:
        """Blob id of a file, by reading it: Bitbucket tells none."""
        answer = await self._rest.get(f"{self.path}/src/{commit}/{quote(path)}")
        if not answer.is_success:
            raise self._rest.refusal(answer, f"read {path}")
        return await compute(blob_id, answer.content)

    async def is_executable(self, commit: str, path: str) -> bool:
        answer = await self._rest.get(f"{self.path}/src/{commit}/{quote(path)}", {"format": "meta"})
        return "executable" in read_as(self._rest, answers.TreeEntry, answer, f"show {path}").attributes

    async def changed(self, spec: str) -> set[str]:
        """Paths that a commit changes, or that differ between two (`{newer}..{older}`)."""
        return {
            path
            for change in await self._changes(spec, {"renames": "false", "topic": "false"})
            for path in _paths(change)
        }

    async def diff_stat(self, base: str, commit: str) -> str:
        """The totals of what the commit adds to the commit `base`; empty where one of them is gone."""
        try:
            changes = await self._changes(f"{commit}..{base}", {"topic": "true"})
        except CodeHostRefused as refused:
            if refused.fields.get("reason") != "not_found":
                raise
            return ""
        added = sum(change.lines_added or 0 for change in changes)
        return diff_total(len(changes), added, sum(change.lines_removed or 0 for change in changes))

    async def commit(
        self,
        branch: str,
        message: str,
        overlay: Overlay,
        contents: Mapping[str, bytes],
        *,
        parent: str | None,
        executables: frozenset[str] = frozenset(),
    ) -> httpx.Response:
        """Ask for one commit of the overlay: on a new branch from `parent`, or on the branch, if its newest commit is that.

        With a parent it may be asked again after a loss: the branch is then elsewhere (409). Without one it is not.
        """
        fields = {"message": message, "branch": branch} | ({} if parent is None else {"parents": parent})
        kind, body = await compute(commit_form, fields, contents, overlay.deletes, executables)
        headers = {"content-type": kind}
        return await self._rest.post(f"{self.path}/src", repeat=parent is not None, content=body, headers=headers)

    async def _list(self, commit: str, folder: str) -> dict[str, frozenset[str]]:
        """With all below it. What is too deep for one call has a folder without content in it, and one more call."""
        params = {"pagelen": PAGE, "max_depth": _DEPTH}
        entries: list[answers.TreeEntry] = []
        where = f"{self.path}/src/{commit}/{quote(folder)}"
        for page in await self._all(answers.TreeEntries, where, params, f"list the files of {commit[:12]}"):
            entries += page.values
        files = {entry.path: frozenset(entry.attributes) for entry in entries if entry.type == "commit_file"}
        seen = {path.rsplit("/", 1)[0] for path in (entry.path for entry in entries) if "/" in path}
        for entry in entries:
            if entry.type == "commit_directory" and entry.path not in seen:
                files |= await self._list(commit, f"{entry.path}/")
        return files

    async def _changes(self, spec: str, params: dict[str, str | int]) -> list[answers.Change]:
        pages = await self._all(answers.Changes, f"{self.path}/diffstat/{spec}", params, f"compare {spec}")
        return [change for page in pages for change in page.values]

    async def _all(self, kind: type[T], path: str, params: Mapping[str, str | int], doing: str) -> list[T]:
        found = []
        last = None
        async for answer in self._rest.pages(path, params, most=MOST_PAGES, follow=next_page):
            found.append(read_as(self._rest, kind, answer, doing))
            last = answer
        if last is not None and next_page(last) is not None:
            problem = f"there is more to {doing} than {MOST_PAGES} pages"
            raise self._rest.refused("too_large", problem, "publish to a smaller repository")
        return found


def next_page(answer: httpx.Response) -> str | None:
    """Bitbucket's pages have the address of the next one in them."""
    try:
        found = answer.json()
    except ValueError:
        return None
    address = found.get("next") if isinstance(found, dict) else None
    return address if isinstance(address, str) else None


def _paths(change: answers.Change) -> Iterator[str]:
    for side in (change.old, change.new):
        if side is not None:
            yield side.path
