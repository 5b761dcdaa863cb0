"""Trees on GitHub: read whole, also where one answer does not hold them, and written in as few requests as they fit in."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from code_host.git_ids import FILE_MODE, FILE_MODES, Entry, blob_id, tree_id
from code_host.github_rest import GitHubRest
from core.computing import compute
from core.errors import CodeHostRefused
from core.publication import Overlay

MAX_BLOB_BYTES = 100 * 1024 * 1024
"""Above this GitHub takes no file."""
MAX_WORK_BYTES = 100 * 1024 * 1024
INLINE_BYTES = 256 * 1024
"""Larger files, and those with NUL in them, go as blobs of their own."""
REQUEST_BYTES = 3 * 1024 * 1024
REQUEST_ENTRIES = 500
"""Bounds of one request for a tree: GitHub gives up on larger ones after ten seconds, and says no number."""
MAX_FOLDERS = 1_000
_FOLDER = "040000"
_ID_LENGTH = 40
_EMPTY = blob_id(b"")


@dataclass(frozen=True)
class Listing:
    """All entries of the tree `tree`, by path."""

    tree: str
    entries: Mapping[str, Entry]

    @property
    def files(self) -> dict[str, str]:
        return {path: entry.blob for path, entry in self.entries.items()}

    def unfit(self, overlay: Overlay) -> list[str]:
        """Paths that the overlay changes where there is a symbolic link or another repository, which nobody was shown."""
        changed = (*overlay.writes, *overlay.deletes)
        return [path for path in changed if path in self.entries and self.entries[path].mode not in FILE_MODES]

    def with_overlay(self, overlay: Overlay) -> dict[str, Entry]:
        """The entries once the overlay is laid over them; files that are there keep their mode."""
        gone = set(overlay.deletes)
        kept = {path: entry for path, entry in self.entries.items() if path not in gone}
        return kept | {path: Entry(self.mode(path), blob) for path, blob in overlay.writes.items()}

    def mode(self, path: str) -> str:
        return self.entries[path].mode if path in self.entries else FILE_MODE


class Trees:
    def __init__(self, rest: GitHubRest) -> None:
        self._rest = rest

    async def read(self, name: str) -> Listing:
        """The tree with this id, or that of the branch with this name. Raises CodeHostRefused (`empty`, `not_found`)."""
        found = await self._get(name, recursive=True)
        if found["truncated"]:
            entries: dict[str, Entry] = {}
            await self._walk(name, "", entries, [])
        else:
            entries = dict(_entries(found, ""))
        return Listing(await compute(tree_id, entries), entries)

    async def write(self, base: Listing, overlay: Overlay, contents: Mapping[str, bytes]) -> str:
        """Id of the tree that has the overlay laid over `base`; `contents` are those of its writes.

        Raises CodeHostRefused: `too_large` before anything is sent, `rejected` when GitHub makes another tree of it.
        """
        self._check_size(contents)
        expected = await compute(tree_id, base.with_overlay(overlay))
        known = set(base.files.values())
        tree = base.tree
        for part in _parts(overlay):
            rows = [await self._row(path, blob, base, contents, known) for path, blob in part]
            for rows_of_request in _requests(rows):
                tree = await self._post(tree, rows_of_request)
        if tree != expected:
            raise self._rest.refused(
                "rejected",
                f"made tree {tree} of the approved work and not {expected}; nothing was published",
                "try again",
            )
        return tree

    async def _get(self, name: str, *, recursive: bool) -> dict[str, Any]:
        answer = await self._rest.get(
            f"{self._rest.repo}/git/trees/{quote(name, safe='/')}", {"recursive": "1"} if recursive else None
        )
        found = self._rest.taken(answer, f"read the files of {name}")
        if len(found["sha"]) != _ID_LENGTH:
            problem = (
                "keeps this repository's objects under SHA-256 ids, which cannot be compared with what was approved"
            )
            raise self._rest.refused("rejected", problem, "publish to a repository with SHA-1 ids")
        return found

    async def _walk(self, name: str, prefix: str, entries: dict[str, Entry], walked: list[str]) -> None:
        """Folder by folder, each of them whole where one answer holds it."""
        here = await self._get(name, recursive=False)
        if here["truncated"]:
            raise self._rest.refused(
                "too_large", f"does not list all files of folder {prefix or '/'}", "publish to a smaller repository"
            )
        entries |= _entries(here, prefix)
        for row in here["tree"]:
            if row["type"] != "tree":
                continue
            walked.append(row["path"])
            if len(walked) > MAX_FOLDERS:
                raise self._rest.refused(
                    "too_large", f"has more than {MAX_FOLDERS} large folders to read", "publish to a smaller repository"
                )
            below = f"{prefix}{row['path']}/"
            found = await self._get(row["sha"], recursive=True)
            if found["truncated"]:
                await self._walk(row["sha"], below, entries, walked)
            else:
                entries |= _entries(found, below)

    async def _row(
        self, path: str, blob: str | None, base: Listing, contents: Mapping[str, bytes], known: set[str]
    ) -> dict[str, Any]:
        row: dict[str, Any] = {"path": path, "mode": base.mode(path), "type": "blob"}
        if blob is None or blob in known:
            return {**row, "sha": blob}
        content = contents[path]
        if len(content) <= INLINE_BYTES and b"\0" not in content:
            return {**row, "content": content.decode()}
        known.add(await self._post_blob(content))
        return {**row, "sha": blob}

    async def _post(self, tree: str, rows: list[dict[str, Any]]) -> str:
        url = f"{self._rest.repo}/git/trees"
        answer = await self._rest.post(url, repeat=True, json={"base_tree": tree, "tree": rows})
        if answer.status_code == 422 and any(row.get("content") == "" for row in rows):
            # Whether an empty content counts as none is not documented; an empty blob is one for certain.
            await self._post_blob(b"")
            rows = [_without_content(row) if row.get("content") == "" else row for row in rows]
            answer = await self._rest.post(url, repeat=True, json={"base_tree": tree, "tree": rows})
        return str(self._rest.taken(answer, "store the files")["sha"])

    async def _post_blob(self, content: bytes) -> str:
        body = {"content": base64.b64encode(content).decode(), "encoding": "base64"}
        answer = await self._rest.post(f"{self._rest.repo}/git/blobs", repeat=True, json=body)
        return str(self._rest.taken(answer, "store a file")["sha"])

    def _check_size(self, contents: Mapping[str, bytes]) -> None:
        large = sorted(path for path, content in contents.items() if len(content) > MAX_BLOB_BYTES)
        if large:
            raise self._too_large(f"takes no file above {MAX_BLOB_BYTES >> 20} MB: {', '.join(large[:5])}", large)
        total = sum(map(len, contents.values()))
        if total > MAX_WORK_BYTES:
            largest = sorted(contents, key=lambda path: -len(contents[path]))[:5]
            problem = (
                f"is not sent {total >> 20} MB at once (at most {MAX_WORK_BYTES >> 20}); largest: {', '.join(largest)}"
            )
            raise self._too_large(problem, largest)

    def _too_large(self, problem: str, paths: list[str]) -> CodeHostRefused:
        return self._rest.refused("too_large", problem, "leave them out, or publish in parts", paths=paths)


def _entries(found: dict[str, Any], prefix: str) -> Iterator[tuple[str, Entry]]:
    for row in found["tree"]:
        if row["mode"] != _FOLDER:
            yield prefix + row["path"], Entry(row["mode"], row["sha"])


def _parts(overlay: Overlay) -> list[list[tuple[str, str | None]]]:
    """Rows of a tree (None deletes); in two parts where a file makes room for a folder, or a folder for a file."""
    deletes: list[tuple[str, str | None]] = [(path, None) for path in overlay.deletes]
    writes: list[tuple[str, str | None]] = sorted(overlay.writes.items())
    below = any(written.startswith(f"{gone}/") for gone in overlay.deletes for written in overlay.writes)
    above = any(gone.startswith(f"{written}/") for gone in overlay.deletes for written in overlay.writes)
    return [deletes, writes] if below or above else [deletes + writes]


def _requests(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Rows in portions that fit into a request."""
    portion: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        row_bytes = len(row["path"].encode()) + len((row.get("content") or "").encode())
        if portion and (len(portion) == REQUEST_ENTRIES or size + row_bytes > REQUEST_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(row)
        size += row_bytes
    if portion:
        yield portion


def _without_content(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "content"} | {"sha": _EMPTY}
