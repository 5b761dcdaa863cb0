"""The counterpart itself: who asks, for what, and pages of it."""

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

from tests.wire.bitbucket import commits, requests
from tests.wire.bitbucket.commits import refused
from tests.wire.bitbucket.repository import Repository
from tests.wire.repository import GitStore
from tests.wire.rest_server import Answer, Asked, Refused, RestServer

SECRET = "ATCTT3xFfGN0123456789"
_ALLOWED = {
    "GET": {"repository", "repository:write", "pullrequest", "pullrequest:write"},
    "POST": {"pullrequest:write"},
}


class BitbucketServer(RestServer):
    """One repository, `team/todo`; the token SECRET may write, as it is or with the user `me@example.org`."""

    prefix = "/2.0"
    full_name = "team/todo"

    def __init__(self, folder: Path, web: str = "") -> None:
        """`web` is the address of its pages; that of the counterpart, which has none, where it is empty."""
        super().__init__()
        self.repository = Repository(GitStore(folder / f"{self.full_name}.git"), self.full_name, web)
        self.secret = SECRET

    async def start(self) -> None:
        await super().start()
        self.repository.web = self.repository.web or self.url.removesuffix(self.prefix)

    def answer(self, asked: Asked) -> Answer:
        basic = base64.b64encode(f"me@example.org:{self.secret}".encode()).decode()
        if asked.headers.get("authorization") not in (f"Bearer {self.secret}", f"Basic {basic}"):
            raise Refused(
                401, {"type": "error", "error": {"message": "Token is invalid or not supported for this endpoint."}}
            )
        scopes = self.repository.scopes
        told = (
            {}
            if scopes is None
            else {"x-oauth-scopes": ", ".join(scopes), "x-credential-type": "repository_access_token"}
        )
        try:
            if scopes is not None and not _ALLOWED[asked.method] & set(scopes):
                detail = {"required": sorted(_ALLOWED[asked.method]), "granted": list(scopes)}
                words = "Your credentials lack one or more required privilege scopes."
                raise refused(403, words, detail=detail)
            answer = self._answer(asked)
        except Refused as refusal:
            answer = refusal.answer
        return Answer(answer.status, answer.body, {**told, **answer.headers})

    def _answer(self, asked: Asked) -> Answer:
        workspace, _, slug = self.full_name.partition("/")
        match asked.method, asked.parts:
            case "GET", ("workspaces", name, "members") if name == workspace:
                if not self.repository.members_visible:
                    raise refused(403, "Your credentials lack one or more required privilege scopes.")
                return self._paged(asked, requests.members(self.repository, asked.one("q")), 100)
            case _, ("repositories", name, repo, *rest):
                if (name, repo) != (workspace, slug) or not self.repository.may_read:
                    words = "You may not have access to this repository or it no longer exists in this workspace."
                    raise refused(404, words)
                return self._of_repository(asked, tuple(rest))
        raise refused(404, "Resource not found")

    def _of_repository(self, asked: Asked, rest: tuple[str, ...]) -> Answer:
        store = self.repository.store
        match asked.method, rest:
            case "GET", ():
                main = {"type": "branch", "name": "main"} if store.branches else None
                return Answer(200, {"type": "repository", "full_name": self.full_name, "mainbranch": main})
            case "GET", ("refs", "branches"):
                return self._branches(asked)
            case "GET", ("commit", short):
                return Answer(200, commits.shown(self.repository, self._commit(short)))
            case "GET", ("diffstat", spec):
                rows = commits.diffstat(self.repository, unquote(spec), topic=asked.one("topic") == "true")
                return self._paged(asked, rows, 500, otherwise=500)
            case "GET", ("src", commit, *path):
                return self._src(asked, self._commit(commit), unquote("/".join(path)))
            case "POST", ("src",):
                return commits.make_commit(self.repository, asked, f"{self.url}/{'/'.join(asked.parts[:3])}")
            case _, ("pullrequests", *more):
                return self._pullrequests(asked, tuple(more))
        raise refused(404, "Resource not found")

    def _pullrequests(self, asked: Asked, rest: tuple[str, ...]) -> Answer:
        repository = self.repository
        match asked.method, rest:
            case "POST", ():
                return requests.make_request(repository, json.loads(asked.content))
            case "GET", ():
                found = requests.matching(repository, asked.one("q"))
                return self._paged(asked, [requests.shown(repository, one, whole=False) for one in found], 50)
            case "GET", (number,):
                return Answer(200, requests.shown(repository, repository.request(int(number)), whole=True))
            case "GET", (number, "comments"):
                return self._paged(asked, repository.request(int(number)).comments, 100)
        raise refused(404, "Resource not found")

    def _branches(self, asked: Asked) -> Answer:
        found = re.fullmatch(r'name = "([^"]+)"', asked.one("q"))
        if found is None:
            raise refused(400, "Invalid query")
        rows = [
            {"type": "branch", "name": name, "target": commits.shown(self.repository, commit)}
            for name, commit in self.repository.store.branches.items()
            if name == found[1]
        ]
        return self._paged(asked, rows, 100)

    def _commit(self, short: str) -> str:
        found = self.repository.resolve(short)
        if found is None:
            raise refused(404, f"Commit not found: {short}")
        return found

    def _src(self, asked: Asked, commit: str, path: str) -> Answer:
        """A file as it is, or by `format=meta`; a folder's entries, as deep as `max_depth` says."""
        store = self.repository.store
        files = store.files(commit)
        if path in files:
            file = files[path]
            if asked.one("format") == "meta":
                return Answer(200, commits.entry(commit, path, file.mode, len(store.content(file.blob))))
            return Answer(200, store.content(file.blob), {"etag": f'"{file.blob[::-1]}"'})
        if path and not path.endswith("/"):
            raise refused(404, f"No such file or directory: {path}")
        depth = int(asked.one("max_depth", "1")) + path.count("/")
        rows: list[tuple[str, int | None]] = [(folder, None) for folder in store.folders(commit)]
        rows += [(name, file.mode) for name, file in files.items()]
        inside = [row for row in rows if row[0].startswith(path) and row[0].count("/") < depth]
        inside.sort(key=lambda row: (row[0].count("/"), row[0]))
        return self._paged(asked, [commits.entry(commit, name, mode) for name, mode in inside], 100)

    def _paged(self, asked: Asked, rows: list[Any], most: int, otherwise: int = 10) -> Answer:
        count, page = int(asked.one("pagelen", str(otherwise))), int(asked.one("page", "1"))
        if not 1 <= count <= most:
            raise refused(400, "Invalid pagelen")
        body: dict[str, Any] = {"pagelen": count, "page": page, "size": len(rows)}
        body["values"] = rows[(page - 1) * count : page * count]
        if len(rows) > page * count:
            query: Mapping[str, str] = dict(asked.query) | {"page": str(page + 1)}
            body["next"] = f"{self.url}/{'/'.join(asked.parts)}?{urlencode(query)}"
        return Answer(200, body)
