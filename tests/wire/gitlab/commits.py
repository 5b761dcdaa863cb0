"""POST repository/commits: many changes as one commit, refused as GitLab refuses it."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from tests.wire.gitlab.project import Project, Token, stamp
from tests.wire.repository import PLAIN, File
from tests.wire.rest_server import Answer, Refused

_KNOWN = {"branch", "commit_message", "actions", "start_branch", "start_sha", "stats", "author_email", "author_name"}
_KNOWN_OF_ACTION = {"action", "file_path", "content", "encoding", "last_commit_id"}


def make_commit(project: Project, token: Token, body: Any) -> Answer:
    branch, message, actions = _declared(body)
    if not project.may_push(token.user, branch):
        raise Refused(403, {"message": "403 Forbidden - You are not allowed to push into this branch"})
    parent = _parent(project, body, branch)
    files = project.store.files(parent)
    writes: dict[str, tuple[int, bytes]] = {}
    deletes: list[str] = []
    for action in actions:
        _check_last_commit(project, action, branch, "start_sha" in body)
    for action in actions:
        _act(action, files, writes, deletes, project)
    if project.push_rule and not re.search(project.push_rule, message):
        raise _bad(f"GitLab: Commit message does not follow the pattern '{project.push_rule}'")
    author = f"{token.user.username} <{token.user.username}@example.org>"
    made = project.store.commit([] if parent is None else [parent], writes, deletes, message, author)
    project.store.move(branch, made)
    return Answer(201, shown(project, made))


def shown(project: Project, commit: str) -> dict[str, Any]:
    found = project.store.show(commit)
    name, _, email = found.author.decode().removesuffix(">").partition(" <")
    when = stamp(found.commit_time)
    message = found.message.decode()
    return {
        "id": commit,
        "short_id": commit[:8],
        "created_at": when,
        "parent_ids": project.store.parents(commit),
        "title": message.split("\n")[0],
        "message": message,
        "author_name": name,
        "author_email": email,
        "authored_date": when,
        "committer_name": name,
        "committer_email": email,
        "committed_date": when,
        "trailers": {},
        "extended_trailers": {},
        "web_url": f"{project.web}/{project.path}/-/commit/{commit}",
    }


def _declared(body: Any) -> tuple[str, str, list[Mapping[str, Any]]]:
    missing = [name for name in ("branch", "commit_message", "actions") if name not in body]
    if missing:
        raise Refused(400, {"error": ", ".join(f"{name} is missing" for name in missing)})
    for action in body["actions"]:
        how = action.get("action")
        if how not in ("create", "update", "move", "delete", "chmod"):
            raise Refused(400, {"error": "actions[0][action] does not have a valid value"})
        if not action.get("file_path"):
            raise Refused(400, {"error": "actions[0][file_path] is empty"})
        if how in ("create", "update") and "content" not in action:
            raise Refused(400, {"error": "actions[0][content] is missing"})
        if action.get("encoding", "text") not in ("text", "base64"):
            raise Refused(400, {"error": "actions[0][encoding] does not have a valid value"})
        assert not action.keys() - _KNOWN_OF_ACTION, "GitLab would not take notice of it"
    assert not body.keys() - _KNOWN, "GitLab would not take notice of it"
    return body["branch"], body["commit_message"], body["actions"]


def _parent(project: Project, body: Any, branch: str) -> str | None:
    store = project.store
    start_branch, start_sha = body.get("start_branch"), body.get("start_sha")
    if start_sha is not None:
        if start_branch is not None:
            raise _bad("You can't pass both start_branch and start_sha")
        if not re.fullmatch("[0-9a-f]{40}", start_sha):
            raise _bad(f"Invalid start_sha '{start_sha}'")
        if store.commit_of(start_sha) is None:
            raise _bad(f"Cannot find start_sha '{start_sha}'")
    else:
        start_branch = start_branch or branch
    if store.branches and start_branch is not None and start_branch not in store.branches:
        raise _bad("You can only create or edit files when you are on a branch")
    if store.branches and start_branch != branch and branch in store.branches:
        raise _bad(f"A branch called '{branch}' already exists. Switch to that branch in order to make changes")
    return start_sha or store.branches.get(start_branch or "")


def _check_last_commit(project: Project, action: Mapping[str, Any], branch: str, elsewhere: bool) -> None:
    """Whether the path's last commit on the branch is another than its last commit as of the one named."""
    named = action.get("last_commit_id")
    if named is None or elsewhere or action["action"] not in ("update", "move", "delete"):
        return
    path = action["file_path"]
    here = project.store.last_for_path(project.store.branches[branch], path)
    if here is not None and here != project.store.last_for_path(named, path):
        raise _bad(f"The file has changed since you started editing it: {path}")


def _act(
    action: Mapping[str, Any],
    files: dict[str, File],
    writes: dict[str, tuple[int, bytes]],
    deletes: list[str],
    project: Project,
) -> None:
    path, how = action["file_path"], action["action"]
    if any(part in ("", ".", "..", ".git") for part in path.split("/")):
        raise _bad("Path cannot include traversal syntax")
    there = path in writes or (path in files and path not in deletes)
    if how == "create":
        folder = any(other.startswith(f"{path}/") for other in files if other not in deletes)
        if there or folder:
            raise _bad("A file with this name already exists")
    elif not there:
        raise _bad("A file with this name doesn't exist")
    if how == "delete":
        deletes.append(path)
    elif how in ("create", "update"):
        writes[path] = (files[path].mode if how == "update" else PLAIN, _content(action))
    else:
        raise AssertionError(f"the counterpart does not know {how}")


def _content(action: Mapping[str, Any]) -> bytes:
    content: str = action["content"]
    if action.get("encoding", "text") == "text":
        return content.encode()
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise _bad("Invalid base64") from error


def _bad(message: str) -> Refused:
    return Refused(400, {"message": message})
