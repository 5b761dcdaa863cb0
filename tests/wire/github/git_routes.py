"""Branches, contents and git objects, with the refusals that GitHub has for them."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any

from tests.wire.github.objects import Objects
from tests.wire.github.shapes import Shapes
from tests.wire.github.state import REPO, Answer, Asked, Refuse, Settings

_SHA = re.compile(r"[0-9a-f]{40}")
_EMPTY = "Git Repository is empty."
_MOST_BODY_FILE = 100 * 1024 * 1024


class GitRoutes:
    def __init__(self, objects: Objects, settings: Settings, shapes: Shapes, now: Callable[[], float]) -> None:
        self._objects, self._settings, self._shapes, self._now = objects, settings, shapes, now

    def repository(self, asked: Asked) -> Answer:
        size = 108 if self._objects.branches() else 0
        scopes = {} if asked.token.scopes is None else {"x-oauth-scopes": asked.token.scopes}
        return Answer(200, self._shapes.repository(self._settings, asked.token, size), scopes)

    def branch(self, asked: Asked) -> Answer:
        name = asked.values["branch"]
        if (new := self._settings.renamed_branches.get(name)) is not None:
            raise Refuse(301, "Moved Permanently", location=f"/repos/{REPO}/branches/{new}")
        sha = self._objects.branches().get(name)
        if sha is None:
            raise Refuse(404, "Branch not found")
        return Answer(200, self._shapes.branch(name, sha, self._objects.commit(sha), name in self._settings.protected))

    def rules(self, asked: Asked) -> Answer:
        return Answer(200, [self._shapes.rule(kind) for kind in self._settings.rules])

    def put_contents(self, asked: Asked) -> Answer:
        self._may_write(asked)
        path, branch = asked.values["path"], asked.body.get("branch", self._settings.default_branch)
        self._may_change(asked, [path])
        tip = self._objects.branches().get(branch)
        if tip is None and self._objects.branches():
            raise Refuse(404, f"Branch {branch} not found")
        tree = None if tip is None else self._objects.tree_of(tip)
        if tree is not None and self._objects.has_path(tree, path):
            raise Refuse(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
        self._not_protected(branch)
        blob = self._objects.blob(_decoded(asked.body["content"]))
        made = self._objects.make_tree(tree, [(path, "100644", blob)])
        parents = [] if tip is None else [tip]
        commit = self._objects.make_commit(made, parents, asked.body["message"], int(self._now()))
        self._objects.set_branch(branch, commit)
        return Answer(201, self._shapes.file_commit(path, blob, commit))

    def post_blob(self, asked: Asked) -> Answer:
        self._may_write(asked)
        self._not_empty()
        content = asked.body["content"]
        encoded = asked.body.get("encoding", "utf-8")
        if encoded not in ("utf-8", "base64"):
            raise Refuse(422, "encoding is not supported")
        raw = _decoded(content) if encoded == "base64" else content.encode()
        if len(raw) > _MOST_BODY_FILE:
            raise Refuse(422, "Sorry, your input was too large to process.")
        return self._created(self._shapes.blob(self._objects.blob(raw)))

    def get_tree(self, asked: Asked) -> Answer:
        self._not_empty()
        name = asked.values["tree_sha"]
        sha = self._objects.branches().get(name, name)
        kind = self._objects.kind(sha)
        if kind not in ("tree", "commit"):
            raise Refuse(404, "Not Found")
        tree = self._objects.tree_of(sha) if kind == "commit" else sha
        rows = self._objects.rows(tree, recursive="recursive" in asked.query)
        most = self._settings.most_entries
        # It shows what was asked for, which need not be the tree's own id.
        shown = sha + "0" * 24 if self._settings.sha256 else sha
        return Answer(200, self._shapes.tree(shown, rows[:most], len(rows) > most))

    def post_tree(self, asked: Asked) -> Answer:
        self._may_write(asked)
        self._not_empty()
        base, rows = asked.body.get("base_tree"), asked.body["tree"]
        if not rows:
            raise Refuse(422, "Invalid tree info")
        if base is not None and self._objects.kind(base) != "tree":
            raise Refuse(422, "base_tree is not a valid tree oid")
        self._may_change(asked, [row["path"] for row in rows])
        made = self._objects.make_tree(base, [self._row(base, row) for row in rows])
        return self._created(self._shapes.tree(made, self._objects.rows(made, recursive=False), False))

    def _row(self, base: str | None, row: dict[str, Any]) -> tuple[str, str, str | None]:
        path = row.get("path", "")
        if not path or path.startswith("/") or path.endswith("/") or {"", ".", "..", ".git"} & set(path.split("/")):
            raise Refuse(422, "tree.path contains a malformed path component")
        if "mode" not in row:
            raise Refuse(422, "Must supply a valid tree.mode")
        if ("sha" in row) == ("content" in row):
            raise Refuse(422, "Must supply either tree.sha or tree.content")
        if "content" in row:
            if row["content"] == "" and not self._settings.empty_content:
                raise Refuse(422, "Must supply either tree.sha or tree.content")
            return path, row["mode"], self._objects.blob(row["content"].encode())
        if row["sha"] is None:
            if base is None or not self._objects.has_path(base, path):
                raise Refuse(422, "GitRPC::BadObjectState")
            return path, row["mode"], None
        if self._objects.kind(row["sha"]) != row.get("type", "blob"):
            raise Refuse(422, f"tree.sha {row['sha']} is not a valid {row.get('type', 'blob')}")
        return path, row["mode"], row["sha"]

    def get_commit(self, asked: Asked) -> Answer:
        self._not_empty()
        sha = asked.values["commit_sha"]
        if self._objects.kind(sha) != "commit":
            raise Refuse(404, "Not Found")
        return Answer(200, self._shapes.git_commit(sha, self._objects.commit(sha)))

    def post_commit(self, asked: Asked) -> Answer:
        self._may_write(asked)
        self._not_empty()
        tree, parents = asked.body["tree"], asked.body.get("parents", [])
        if self._objects.kind(tree) != "tree":
            raise Refuse(422, "Tree SHA does not exist")
        if any(self._objects.kind(parent) != "commit" for parent in parents):
            raise Refuse(422, "Parent SHA does not exist or is not a commit object")
        made = self._objects.make_commit(tree, parents, asked.body["message"], int(self._now()))
        return self._created(self._shapes.git_commit(made, self._objects.commit(made)))

    def get_ref(self, asked: Asked) -> Answer:
        self._not_empty()
        branch = asked.values["ref"].removeprefix("heads/")
        sha = self._objects.branches().get(branch)
        if sha is None:
            raise Refuse(404, "Not Found")
        return Answer(200, self._shapes.ref(branch, sha))

    def post_ref(self, asked: Asked) -> Answer:
        self._may_write(asked)
        self._not_empty()
        ref, sha = asked.body["ref"], asked.body["sha"]
        if not ref.startswith("refs/heads/"):
            raise Refuse(422, "Reference name is invalid")
        if self._objects.kind(sha) != "commit":
            raise Refuse(422, "Object does not exist")
        branch = ref.removeprefix("refs/heads/")
        branches = self._objects.branches()
        if branch in branches:
            raise Refuse(422, "Reference already exists")
        if any(other.startswith(f"{branch}/") or branch.startswith(f"{other}/") for other in branches):
            raise Refuse(422, "Reference update failed")
        if "creation" in self._settings.rules:
            raise Refuse(
                422, "Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n"
            )
        self._objects.set_branch(branch, sha)
        return self._created(self._shapes.ref(branch, sha))

    def patch_ref(self, asked: Asked) -> Answer:
        self._may_write(asked)
        branch, sha = asked.values["ref"].removeprefix("heads/"), asked.body["sha"]
        there = self._objects.branches().get(branch)
        if there is None:
            raise Refuse(422, "Reference does not exist")
        if self._objects.kind(sha) != "commit":
            raise Refuse(422, "Object does not exist")
        if not asked.body.get("force", False) and not self._objects.is_ancestor(there, sha):
            raise Refuse(422, "Update is not a fast forward")
        self._not_protected(branch)
        self._objects.set_branch(branch, sha)
        return Answer(200, self._shapes.ref(branch, sha))

    def _created(self, body: Any) -> Answer:
        return Answer(201, body, {"location": body["url"]})

    def _not_empty(self) -> None:
        if not self._objects.branches():
            raise Refuse(409, _EMPTY)

    def _not_protected(self, branch: str) -> None:
        if branch in self._settings.protected:
            raise Refuse(422, f"Repository rule violations found\n\nCannot update this protected ref {branch}.\n\n")

    def _may_write(self, asked: Asked) -> None:
        if not asked.token.contents:
            wanted = {"x_accepted_github_permissions": "contents=write"}
            raise Refuse(403, "Resource not accessible by personal access token", **wanted)

    def _may_change(self, asked: Asked, paths: list[str]) -> None:
        """GitHub hides what this lacks."""
        if not asked.token.workflows and any(path.startswith(".github/workflows/") for path in paths):
            raise Refuse(404, "Not Found")


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise Refuse(422, "content is not valid Base64") from error
