"""The counterpart itself: who asks, for what, and pages of it."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

from tests.wire.gitlab import commits, requests
from tests.wire.gitlab.project import Project, Token
from tests.wire.repository import GitStore
from tests.wire.rest_server import Answer, Asked, Refused, RestServer

SECRET = "glpat-0123456789abcdefghij"


class GitLabServer(RestServer):
    """One project, `group/sub/todo`; the token SECRET is that of `autonomy-bot`, a maintainer."""

    prefix = "/api/v4"
    path = "group/sub/todo"

    def __init__(self, folder: Path, web: str = "") -> None:
        """`web` is the address of its pages; that of the counterpart, which has none, where it is empty."""
        super().__init__()
        self.project = Project(GitStore(folder / f"{self.path}.git"), self.path, web)
        self.project.tokens[SECRET] = Token(self.project.user("autonomy-bot", 40))

    async def start(self) -> None:
        await super().start()
        self.project.web = self.project.web or self.url.removesuffix(self.prefix)

    def answer(self, asked: Asked) -> Answer:
        token = self._token(asked)
        if asked.method not in ("GET", "HEAD") and "api" not in token.scopes:
            raise _insufficient(asked)
        match asked.method, asked.parts:
            case "GET", ("version",):
                return Answer(200, {"version": "18.7.1-ee", "revision": "abcdef12345"})
            case "GET", ("user",):
                return Answer(200, token.user.shown(self.project.web))
            case "GET", ("personal_access_tokens", "self"):
                return Answer(200, {"id": 5, "name": "autonomy", "revoked": False, "active": True, "expires_at": "2027-01-01"}
                              | {"scopes": list(token.scopes), "user_id": token.user.id})  # fmt: skip
            case "GET", ("users",):
                return self._paged(asked, requests.users(self.project, asked))
            case _, ("projects", name, *rest):
                return self._of_project(asked, token, unquote(name), tuple(rest))
        raise Refused(404, {"error": "404 Not Found"})

    def _of_project(self, asked: Asked, token: Token, name: str, rest: tuple[str, ...]) -> Answer:
        project = self.project
        visible = project.public or project.level(token.user) > 0
        if name not in (project.path, str(project.id)) or not visible:
            raise Refused(404, {"message": "404 Project Not Found"})
        if rest[:1] in (("repository",), ("merge_requests",)) and project.features[rest[0]] == "disabled":
            raise Refused(403, {"message": "403 Forbidden"})
        match asked.method, rest:
            case "GET", ():
                return Answer(200, self._shown(token))
            case "GET", ("members", "all", number):
                return self._member(int(number))
            case "GET", ("repository", "branches", branch):
                return self._branch(unquote(branch))
            case "GET", ("repository", "commits", sha):
                if project.store.commit_of(sha) is None:
                    raise Refused(404, {"message": "404 Commit Not Found"})
                return Answer(200, commits.shown(project, sha))
            case "GET", ("repository", "tree"):
                return self._tree(asked)
            case "GET", ("repository", "compare"):
                return self._compare(asked)
            case "POST", ("repository", "commits"):
                return commits.make_commit(project, token, json.loads(asked.content))
            case "GET", ("merge_requests",):
                return self._paged(asked, requests.list_requests(project, asked))
            case "POST", ("merge_requests",):
                return requests.make_request(project, token, json.loads(asked.content))
            case "GET", ("merge_requests", iid, what):
                return self._of_request(asked, int(iid), what)
        raise Refused(404, {"error": "404 Not Found"})

    def _of_request(self, asked: Asked, iid: int, what: str) -> Answer:
        found = [request for request in self.project.requests if request.iid == iid]
        if not found:
            raise Refused(404, {"message": "404 Not found"})
        if what == "notes":
            oldest_first = asked.one("sort", "desc") == "asc"
            return self._paged(asked, found[0].notes if oldest_first else found[0].notes[::-1])
        if what == "approvals":
            return Answer(200, requests.approvals(self.project, found[0]))
        assert what == "reviewers"
        return self._paged(asked, requests.reviewers(self.project, found[0]))

    def _token(self, asked: Asked) -> Token:
        given = asked.headers.get("authorization", "").removeprefix("Bearer ")
        token = self.project.tokens.get(asked.headers.get("private-token", given))
        if token is None:
            raise Refused(401, {"message": "401 Unauthorized"})
        if not {"api", "read_api"} & set(token.scopes) and asked.parts != ("personal_access_tokens", "self"):
            raise _insufficient(asked)
        return token

    def _shown(self, token: Token) -> dict[str, Any]:
        project, store = self.project, self.project.store
        access = [
            None if level is None else {"access_level": level, "notification_level": 3}
            for level in (project.levels.get(token.user.id), project.group_levels.get(token.user.id))
        ]
        return {
            "id": project.id,
            "path_with_namespace": project.path,
            "default_branch": "main",
            "visibility": "public" if project.public else "private",
            "web_url": f"{project.web}/{project.path}",
            "http_url_to_repo": f"{project.web}/{project.path}.git",
            "empty_repo": not store.branches,
            "archived": project.archived,
            "repository_access_level": project.features["repository"],
            "merge_requests_access_level": project.features["merge_requests"],
            "permissions": {"project_access": access[0], "group_access": access[1]},
        }

    def _member(self, number: int) -> Answer:
        for user in self.project.users.values():
            if user.id == number and (level := self.project.level(user)):
                return Answer(200, user.shown(self.project.web) | {"access_level": level, "expires_at": None})
        raise Refused(404, {"message": "404 Not found"})

    def _branch(self, name: str) -> Answer:
        commit = self.project.store.branches.get(name)
        if commit is None:
            raise Refused(404, {"message": "404 Branch Not Found"})
        flags = {"merged": False, "protected": False, "default": name == "main", "can_push": True}
        return Answer(200, {"name": name, "commit": commits.shown(self.project, commit), **flags})

    def _tree(self, asked: Asked) -> Answer:
        store = self.project.store
        commit = store.commit_of(asked.one("ref", "main"))
        if commit is None:
            raise Refused(404, {"message": "404 Tree Not Found"})
        rows = [(path, "tree", 0o040000, tree) for path, tree in store.folders(commit).items()]
        kinds = {0o160000: "commit"}
        rows += [
            (path, kinds.get(file.mode, "blob"), file.mode, file.blob) for path, file in store.files(commit).items()
        ]
        if asked.one("recursive") != "true":
            rows = [row for row in rows if "/" not in row[0]]
        entries = [
            {"id": found, "name": path.rsplit("/", 1)[-1], "type": kind, "path": path, "mode": f"{mode:06o}"}
            for path, kind, mode, found in sorted(rows, key=lambda row: (row[1] != "tree", row[0]))
        ]
        return self._keyset(asked, entries)

    def _compare(self, asked: Asked) -> Answer:
        store = self.project.store
        start, end = store.commit_of(asked.one("from")), store.commit_of(asked.one("to"))
        if start is None or end is None:
            raise Refused(404, {"message": "404 Ref Not Found"})
        diffs = [
            {"old_path": path, "new_path": path, "diff": diff, "renamed_file": False}
            for path, diff in store.differences(store.merge_base(start, end), end).items()
        ]
        return Answer(200, {"commit": commits.shown(self.project, end), "diffs": diffs, "compare_timeout": False})

    def _keyset(self, asked: Asked, entries: list[dict[str, Any]]) -> Answer:
        assert asked.one("pagination") == "keyset"
        count = min(100, int(asked.one("per_page", "20")))
        marks = [entry["path"].encode().hex() for entry in entries]
        start = 1 + marks.index(asked.one("page_token")) if asked.one("page_token") else 0
        rest = entries[start + count :]
        query = dict(asked.query) | {"page_token": marks[min(len(marks), start + count) - 1]} if rest else {}
        return Answer(200, entries[start : start + count], self._next(asked, query))

    def _paged(self, asked: Asked, rows: list[Any]) -> Answer:
        count, page = min(100, int(asked.one("per_page", "20"))), int(asked.one("page", "1"))
        more = len(rows) > page * count
        query = dict(asked.query) | {"page": str(page + 1)} if more else {}
        return Answer(200, rows[(page - 1) * count : page * count], self._next(asked, query))

    def _next(self, asked: Asked, query: dict[str, str]) -> dict[str, str]:
        address = f"{self.url}/{'/'.join(asked.parts)}?{urlencode(query)}"
        return {"link": f'<{address}>; rel="next"'} if query else {}


def _insufficient(asked: Asked) -> Refused:
    words = "The request requires higher privileges than provided by the access token."
    return Refused(403, {"error": "insufficient_scope", "error_description": words, "scope": "api read_api"})
