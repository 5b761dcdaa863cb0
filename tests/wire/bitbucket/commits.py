"""POST src: a form with files as one commit; and what commits hold. As Bitbucket documents it.

What it answers where a branch is restricted is not documented: the words here are ours.
"""

import re
from typing import Any
from urllib.parse import unquote

from tests.wire.bitbucket.repository import Repository, stamp
from tests.wire.repository import PLAIN
from tests.wire.rest_server import Answer, Asked, Refused

_FIELDS = {"message", "branch", "parents", "files", "author"}


def make_commit(repository: Repository, asked: Asked, address: str) -> Answer:
    store = repository.store
    fields, writes, deletes = _form(asked)
    branch = fields.get("branch", "main")
    if not repository.may_write:
        raise refused(403, "You do not have access to this repository")
    if any(re.fullmatch(pattern, branch) for pattern in repository.restricted):
        raise refused(403, f"Branch restrictions do not allow you to push to {branch}")
    there, parent = store.branches.get(branch), fields.get("parents")
    if parent is not None and store.commit_of(parent) is None:
        raise refused(400, f"Commit not found: {parent}")
    if parent is not None and there is not None and parent != there:
        raise refused(409, f"{parent} is not the head of branch {branch}")
    onto = parent or there or store.branches.get("main")
    files = store.files(onto)
    deletes = [path for path in deletes if path not in writes]
    if missing := [path for path in deletes if path not in files]:
        raise refused(400, f"{missing[0]}: no such file")
    made = store.commit([] if onto is None else [onto], writes, deletes, fields.get("message", "Edited online"))
    store.move(branch, made)
    location = {"location": f"{address}/commit/{made}"} if repository.tells_location else {}
    return Answer(201, b"", location)


def shown(repository: Repository, commit: str) -> dict[str, Any]:
    found = repository.store.show(commit)
    author = found.author.decode()
    return {
        "type": "commit",
        "hash": commit,
        "date": stamp(found.commit_time),
        "message": found.message.decode(),
        "author": {"type": "author", "raw": author},
        "parents": [{"type": "commit", "hash": parent} for parent in repository.store.parents(commit)],
    }


def entry(commit: str, path: str, mode: int | None, size: int = 0) -> dict[str, Any]:
    """Of a file, or of a folder (mode None)."""
    at = {"type": "commit", "hash": commit}
    if mode is None:
        return {"type": "commit_directory", "path": path, "commit": at, "links": {}}
    attributes = {0o100755: ["executable"], 0o120000: ["link"], 0o160000: ["subrepository"]}.get(mode, [])
    return {"type": "commit_file", "path": path, "commit": at, "attributes": attributes, "size": size, "links": {}}


def diffstat(repository: Repository, spec: str, *, topic: bool) -> list[dict[str, Any]]:
    """Of one commit against its first parent, or of `newer..older`; by `topic` against what both come from."""
    store = repository.store
    newer, _, older = spec.partition("..")
    end = repository.resolve(newer)
    if older:
        start = repository.resolve(older)
        if start is None or end is None:
            raise refused(404, f"Commit not found: {spec}")
        start = store.merge_base(start, end) if topic else start
    elif end is None:
        raise refused(404, f"Commit not found: {spec}")
    else:
        start = next(iter(store.parents(end)), None)
    before, after = store.files(start), store.files(end)
    rows = []
    for path, diff in store.differences(start, end).items():
        lines = diff.split("\n")
        status = "added" if path not in before else "modified" if path in after else "removed"
        rows.append(
            {
                "type": "diffstat",
                "status": status,
                "lines_added": sum(line.startswith("+") for line in lines),
                "lines_removed": sum(line.startswith("-") for line in lines),
                "old": {"path": path, "type": "commit_file"} if path in before else None,
                "new": {"path": path, "type": "commit_file"} if path in after else None,
            }
        )
    return rows


def refused(status: int, message: str, **more: Any) -> Refused:
    return Refused(status, {"type": "error", "error": {"message": message, **more}})


def _form(asked: Asked) -> tuple[dict[str, str], dict[str, tuple[int, bytes]], list[str]]:
    """(fields, files, deletes)."""
    kind, _, boundary = asked.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    first, *parts, last = (b"\r\n" + asked.content).split(b"\r\n--" + boundary.encode())
    assert (first, last) == (b"", b"--\r\n")
    fields: dict[str, str] = {}
    writes: dict[str, tuple[int, bytes]] = {}
    deletes: list[str] = []
    for part in parts:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        found = re.search(r'form-data; name="([^"]+)"(; filename="[^"]*"(; x-attributes="(\w+)")?)?', head.decode())
        assert found is not None
        name = unquote(found[1]) if "%" in found[1] else found[1]
        if found[2]:
            mode = {"executable": 0o100755, "link": 0o120000, None: PLAIN}[found[4]]
            writes[_path(name)] = (mode, content)
        elif name == "files":
            deletes.append(_path(content.decode()))
        else:
            assert name in _FIELDS, "Bitbucket would take it for a file"
            assert name not in fields, "it cannot be repeated"
            fields[name] = content.decode()
    return fields, writes, deletes


def _path(name: str) -> str:
    path = name.removeprefix("/")
    if any(part in ("", ".", "..", ".git") for part in path.split("/")):
        raise refused(400, f"Invalid path: {name}")
    return path
