"""The counterpart as a server on loopback: who may ask, what goes wrong on demand, and whether all is as GitHub describes it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from core.ports import Clock
from tests.wire.github import description
from tests.wire.github.git_routes import GitRoutes
from tests.wire.github.objects import Objects
from tests.wire.github.pull_routes import PullRoutes
from tests.wire.github.shapes import Shapes
from tests.wire.github.state import REPO, REPO_ID, Answer, Asked, Pull, Refuse, Settings, Token
from tests.wire.http import Connection, Request, serve

TOKEN = "github_pat_counterpart"
_REPO = "/repos/{owner}/{repo}"
Handler = Callable[[Asked], Answer]


@dataclass(frozen=True)
class Fault:
    """What happens at a request instead of an answer, or beside it: `after` it was done, or `before` that.

    Without a status the connection is reset.
    """

    when: Literal["before", "after"] = "before"
    status: int | None = None
    message: str = "Server Error"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """A request that came: its operation and what it was answered with (None: the connection was cut)."""

    method: str
    path: str
    status: int | None

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class GitHub:
    """`faults` are by the number of the request (from 1, since `reset`); `meanwhile` is called once before an operation."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._clock = clock
        self.settings = Settings()
        self.tokens = {TOKEN: Token()}
        self.objects = Objects(folder / f"{REPO}.git")
        self.url = ""
        self.log: list[Entry] = []
        self.problems: list[str] = []
        self.faults: dict[int, Fault] = {}
        self.meanwhile: dict[tuple[str, str], Callable[[], object]] = {}
        self._numbers = 0
        self._serving: set[asyncio.Task[Any]] = set()

    def start(self, url: str) -> None:
        self.url = url
        shapes = Shapes(url, self.objects.path.as_uri())
        git = GitRoutes(self.objects, self.settings, shapes, self._clock.now)
        self._pulls = PullRoutes(self.objects, self.settings, shapes, self._clock.now)
        self._routes = _routes(git, self._pulls)

    @property
    def pulls(self) -> list[Pull]:
        return self._pulls.pulls

    def commit(self, files: Mapping[str, str | None], branch: str = "main", message: str = "By a person") -> str:
        return self.objects.commit_files(branch, files, message, int(self._clock.now()))

    def reset(self) -> None:
        """Forget what was asked, and let nothing go wrong."""
        self.log.clear()
        self.faults.clear()
        self._numbers = 0

    async def handle(self, request: Request, connection: Connection) -> None:
        serving = asyncio.current_task()
        assert serving is not None
        self._serving.add(serving)
        self._numbers += 1
        fault = self.faults.pop(self._numbers, None)
        path, _, query = request.path.partition("?")
        answer = Refuse(fault.status or 500, fault.message).answer if fault else None
        if fault is None or fault.when == "after":
            done = self._answer(request, path, dict(parse_qsl(query, keep_blank_values=True)))
            answer = answer or done
        assert answer is not None
        cut = fault is not None and fault.status is None
        self.log.append(Entry(request.method, path, None if cut else answer.status))
        if cut:
            await connection.reset()
            return
        headers = self._headers(answer, path, query) | dict(fault.headers if fault else {})
        await connection.respond(answer.status, headers, answer.body)

    async def finish(self) -> None:
        """Wait until the clients have closed their connections."""
        if self._serving:
            _, open_still = await asyncio.wait(self._serving, timeout=10)
            assert not open_still, "every client has closed its connections"
        self.objects.close()

    def _answer(self, request: Request, path: str, query: dict[str, str]) -> Answer:
        numbered = f"/repositories/{REPO_ID}"
        of = description.operation(request.method, path.replace(numbered, f"/repos/{REPO}", 1))
        if of is None:
            self.problems.append(f"{request.method} {path}: there is no such operation")
            return Refuse(404, "Not Found").answer
        body = json.loads(request.body) if request.body else None
        wrong = description.request_problems(of, query, body) + _header_problems(request)
        try:
            if wrong:
                raise Refuse(422, "Invalid request.")
            answer = self._act(of, query, body, request, path.startswith(numbered))
        except Refuse as refused:
            answer = refused.answer
        wrong += [f"answer: {problem}" for problem in description.answer_problems(of, answer.status, answer.body)]
        self.problems += [f"{request.method} {path}: {problem}" for problem in wrong]
        return answer

    def _act(
        self, of: description.Operation, query: dict[str, str], body: Any, request: Request, numbered: bool
    ) -> Answer:
        token = self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if token is None:
            raise Refuse(401, "Bad credentials")
        name = f"{of.values['owner']}/{of.values['repo']}"
        moved = self.settings.renamed_to
        if not token.sees or name.lower() not in (REPO, (moved or REPO).lower()):
            raise Refuse(404, "Not Found")
        if moved and name == REPO and not numbered:
            location = f"{self.url}/repositories/{REPO_ID}{request.path.removeprefix(f'/repos/{REPO}')}"
            raise Refuse(301 if request.method == "GET" else 307, "Moved Permanently", location=location)
        if request.method != "GET" and self.settings.archived:
            raise Refuse(403, "Repository was archived so is read-only.")
        act = self._routes[of.method, of.template]
        if (happens := self.meanwhile.pop((of.method, of.template.removeprefix(_REPO)), None)) is not None:
            happens()
        return act(Asked(of.values, query, body, token))

    def _headers(self, answer: Answer, path: str, query: str) -> dict[str, str]:
        headers = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "4999", "x-ratelimit-reset": "1760003600"}
        headers |= dict(answer.headers)
        if (page := headers.pop("link-next", None)) is not None:
            following = urlencode(dict(parse_qsl(query)) | {"page": page})
            headers["link"] = f'<{self.url}{path}?{following}>; rel="next"'
        return headers


def _routes(git: GitRoutes, pulls: PullRoutes) -> dict[tuple[str, str], Handler]:
    return {
        ("get", _REPO): git.repository,
        ("get", f"{_REPO}/branches/{{branch}}"): git.branch,
        ("put", f"{_REPO}/contents/{{path}}"): git.put_contents,
        ("post", f"{_REPO}/git/blobs"): git.post_blob,
        ("post", f"{_REPO}/git/commits"): git.post_commit,
        ("get", f"{_REPO}/git/commits/{{commit_sha}}"): git.get_commit,
        ("get", f"{_REPO}/git/ref/{{ref}}"): git.get_ref,
        ("post", f"{_REPO}/git/refs"): git.post_ref,
        ("patch", f"{_REPO}/git/refs/{{ref}}"): git.patch_ref,
        ("post", f"{_REPO}/git/trees"): git.post_tree,
        ("get", f"{_REPO}/git/trees/{{tree_sha}}"): git.get_tree,
        ("get", f"{_REPO}/rules/branches/{{branch}}"): git.rules,
        ("get", f"{_REPO}/issues/{{issue_number}}/comments"): pulls.comments,
        ("post", f"{_REPO}/issues/{{issue_number}}/labels"): pulls.label,
        ("get", f"{_REPO}/pulls"): pulls.listed,
        ("post", f"{_REPO}/pulls"): pulls.create,
        ("get", f"{_REPO}/pulls/{{pull_number}}"): pulls.show,
        ("patch", f"{_REPO}/pulls/{{pull_number}}"): pulls.change,
        ("get", f"{_REPO}/pulls/{{pull_number}}/comments"): pulls.remarks,
        ("post", f"{_REPO}/pulls/{{pull_number}}/requested_reviewers"): pulls.ask_reviewers,
        ("get", f"{_REPO}/pulls/{{pull_number}}/reviews"): pulls.reviews,
    }


def _header_problems(request: Request) -> list[str]:
    wanted = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
    wrong = [name for name, value in wanted.items() if request.headers.get(name) != value]
    wrong += [] if request.headers.get("user-agent") else ["user-agent"]
    return [f"header {name} is missing or not as documented" for name in wrong]


@asynccontextmanager
async def running_github(folder: Path, clock: Clock) -> AsyncIterator[GitHub]:
    """A counterpart that answers while the block lasts. At its end, whatever was not as described is an error."""
    github = GitHub(folder, clock)
    server = await serve(github.handle)
    github.start(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield github
    finally:
        server.close()
        await github.finish()
    assert not github.problems, f"not as GitHub describes it: {github.problems}"
