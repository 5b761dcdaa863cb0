"""A GitLab project's repository over REST: branches, trees, and commits of many files at once."""

import base64
from collections.abc import Mapping
from urllib.parse import quote

import httpx
from cachetools import LRUCache

from code_host import gitlab_answers as answers
from code_host.answers import next_link, said
from code_host.diff_lines import counted
from code_host.diff_stat import diff_total
from code_host.foreign import read_as
from code_host.git_ids import Entry
from code_host.rest import Rest
from code_host.trees import listed_id
from core.computing import compute
from core.errors import CodeHostRefused
from core.publication import Overlay

PAGE = 100
MOST_PAGES = 200
_LISTINGS = 4
_ROOTS = 256


class GitLabRepository:
    """`path` is `projects/{id}`, without a slash at either end. What a commit holds is remembered: it cannot change."""

    def __init__(self, rest: Rest, path: str) -> None:
        self._rest = rest
        self.path = path
        self._listings: LRUCache[str, dict[str, Entry]] = LRUCache(_LISTINGS)
        self._roots: LRUCache[str, str] = LRUCache(_ROOTS)

    async def project(self) -> answers.Project:
        return read_as(self._rest, answers.Project, await self._rest.get(self.path), "show the project")

    async def branch(self, name: str) -> answers.Branch | None:
        """None when the project has no such branch; raises CodeHostRefused when there is no such project."""
        answer = await self._rest.get(f"{self.path}/repository/branches/{quote(name, safe='')}")
        if answer.status_code == 404 and "project" not in said(answer).lower():
            return None
        return read_as(self._rest, answers.Branch, answer, f"show branch {name}")

    async def commit_of(self, sha: str) -> answers.Commit | None:
        answer = await self._rest.get(f"{self.path}/repository/commits/{sha}", {"stats": "false"})
        return None if answer.status_code == 404 else read_as(self._rest, answers.Commit, answer, "show a commit")

    async def listing(self, commit: str) -> dict[str, Entry]:
        """Every file, link and submodule of the commit, by its whole path."""
        if (known := self._listings.get(commit)) is None:
            entries = await self._tree(commit, recursive=True)
            known = {entry.path: Entry(entry.mode, entry.id) for entry in entries if entry.type != "tree"}
            self._listings[commit] = known
        return known

    async def root(self, commit: str) -> str:
        """Id of the commit's tree. GitLab does not tell it: it is computed from what stands in the uppermost folder."""
        if (known := self._roots.get(commit)) is None:
            entries = await self._tree(commit, recursive=False)
            known = listed_id((entry.name, entry.mode, entry.id) for entry in entries)
            self._roots[commit] = known
        return known

    def has_shown(self, commit: str) -> bool:
        """Whether this process has looked at what the commit holds, as it does with what it publishes."""
        return commit in self._roots

    async def commit(
        self,
        branch: str,
        message: str,
        overlay: Overlay,
        contents: Mapping[str, bytes],
        base: Mapping[str, Entry],
        *,
        start: str | None = None,
        last: str | None = None,
    ) -> httpx.Response:
        """Ask for one commit of the overlay on `base`: on a new branch from commit `start`, or on top of the branch.

        With `last` GitLab refuses (400) to change a file that has changed since that commit. A loss is tried again: of
        what is done already every action is refused, as the branch or file is there, or gone, or has changed since.
        """
        actions = await compute(_actions, overlay, contents, base, last)
        body = {"branch": branch, "commit_message": message, "actions": actions, "stats": False}
        if start is not None:
            body["start_sha"] = start
        return await self._rest.post(f"{self.path}/repository/commits", repeat=True, json=body)

    async def diff_stat(self, base: str, commit: str) -> str:
        """The totals of what the commit adds to the branch `base`; empty where GitLab does not compare them."""
        answer = await self._rest.get(f"{self.path}/repository/compare", {"from": base, "to": commit})
        if not answer.is_success:
            return ""
        diffs = read_as(self._rest, answers.Comparison, answer, f"compare {base} with {commit[:12]}").diffs
        counts = [counted(each.diff) for each in diffs]
        return diff_total(len(diffs), sum(added for added, _ in counts), sum(deleted for _, deleted in counts))

    async def _tree(self, commit: str, *, recursive: bool) -> list[answers.TreeEntry]:
        params = {
            "ref": commit,
            "recursive": "true" if recursive else "false",
            "per_page": PAGE,
            "pagination": "keyset",
        }
        entries: list[answers.TreeEntry] = []
        last = None
        async for answer in self._rest.pages(f"{self.path}/repository/tree", params, most=MOST_PAGES):
            if answer.status_code == 404 and "tree" in said(answer).lower():
                break  # a commit without files
            entries += read_as(self._rest, list[answers.TreeEntry], answer, f"list the files of {commit[:12]}")
            last = answer
        if last is not None and next_link(last) is not None:
            raise self._too_many(commit)
        return entries

    def _too_many(self, commit: str) -> CodeHostRefused:
        problem = f"the project has more than {PAGE * MOST_PAGES} files and folders at {commit[:12]}"
        return self._rest.refused("too_large", problem, "publish to a smaller project")


def _actions(
    overlay: Overlay, contents: Mapping[str, bytes], base: Mapping[str, Entry], last: str | None
) -> list[dict[str, str]]:
    """In base64, as text would lose what is no valid JSON for GitLab. An update keeps the mode of its file."""
    since = {} if last is None else {"last_commit_id": last}
    actions = [{"action": "delete", "file_path": path, **since} for path in overlay.deletes]
    for path in overlay.writes:
        content = base64.b64encode(contents[path]).decode()
        how = {"action": "update", **since} if path in base else {"action": "create"}
        actions.append({**how, "file_path": path, "content": content, "encoding": "base64"})
    return actions
