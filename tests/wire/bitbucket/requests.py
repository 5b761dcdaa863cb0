"""Pull requests, as Bitbucket has been seen to answer: lists leave people out, and to open one twice changes the first."""

import re
from typing import Any

from tests.wire.bitbucket.commits import refused
from tests.wire.bitbucket.repository import PullRequest, Repository, stamp
from tests.wire.rest_server import Answer

_FIELDS = {"title", "description", "source", "destination", "draft", "reviewers", "close_source_branch"}
_QUERY = re.compile(r'([a-z._]+) (=|~) "((?:[^"\\]|\\.)*)"')
_FILTERS = {"source.branch.name", "destination.branch.name", "title", "state"}


def shown(repository: Repository, request: PullRequest, *, whole: bool) -> dict[str, Any]:
    """Hashes of commits are cut short here."""
    web = repository.web
    branches = repository.store.branches
    head = branches.get(request.branch, request.commit) if request.state == "OPEN" else request.commit
    here = {"type": "repository", "full_name": repository.full_name}
    source = {"type": "repository", "full_name": request.source_repository}
    body = {
        "type": "pullrequest",
        "id": request.id,
        "title": request.title,
        "description": request.description,
        "summary": {"type": "rendered", "raw": request.description, "markup": "markdown"},
        "state": request.state,
        "draft": request.draft,
        "author": request.author.shown(),
        "source": {"branch": {"name": request.branch}, "commit": _short(head), "repository": source},
        "destination": {"branch": {"name": request.base}, "commit": _short(branches[request.base]), "repository": here},
        "created_on": stamp(repository.store.now),
        "updated_on": stamp(repository.store.now),
        "links": {"html": {"href": f"{web}/{repository.full_name}/pull-requests/{request.id}"}},
        "comment_count": len(request.comments),
    }
    if whole:
        people = {user.uuid: user for user in repository.users.values()}
        body["reviewers"] = [people[uuid].shown() for uuid in request.reviewers]
        body["participants"] = request.participants
    return body


def matching(repository: Repository, query: str) -> list[PullRequest]:
    """With a query every state is found; without one, open requests."""
    if not query:
        return [request for request in repository.requests if request.state == "OPEN"]
    found = _QUERY.fullmatch(query)
    if found is None or found[1] not in _FILTERS:
        raise refused(400, f"Invalid query: {query}")
    name, operator, value = found[1], found[2], re.sub(r"\\(.)", r"\1", found[3])
    texts = {"source.branch.name": "branch", "destination.branch.name": "base", "title": "title", "state": "state"}
    requests = [(request, str(getattr(request, texts[name]))) for request in repository.requests]
    if operator == "=":
        return [request for request, text in requests if text == value]
    return [request for request, text in requests if value.lower() in text.lower()]


def make_request(repository: Repository, body: Any) -> Answer:
    assert not body.keys() - _FIELDS, "Bitbucket would not take notice of it"
    author = repository.user("autonomy", "app_user")
    title, branch = body.get("title"), body["source"]["branch"]["name"]
    base = body.get("destination", {"branch": {"name": "main"}})["branch"]["name"]
    if not title or len(title) > 255:
        raise refused(400, "title: This field is required.", fields={"title": ["This field is required."]})
    for kind, name in (("source", branch), ("destination", base)):
        if name not in repository.store.branches:
            words = [f"branch not found: {name}"]
            raise refused(400, f"{kind}: {words[0]}", fields={kind: words})
    if repository.store.branches[branch] in repository.store.history(repository.store.branches[base]):
        raise refused(400, "There are no changes to be pulled")
    reviewers = _reviewers(repository, body.get("reviewers", []), author.uuid)
    changes = {"title": title, "description": body.get("description", ""), "reviewers": reviewers}
    there = [one for one in repository.requests if (one.branch, one.base, one.state) == (branch, base, "OPEN")]
    made = there[0] if there else PullRequest(
        id=1 + len(repository.requests), author=author, branch=branch, base=base,
        source_repository=repository.full_name, title="", description="", draft=bool(body.get("draft")),
    )  # fmt: skip
    for name, value in changes.items():
        setattr(made, name, value)
    if not there:
        repository.requests.append(made)
    return Answer(201, shown(repository, made, whole=True))


def members(repository: Repository, query: str) -> list[dict[str, Any]]:
    found = _QUERY.fullmatch(query)
    if found is None or found[1] not in ("user.nickname", "user.account_id") or found[2] != "=":
        raise refused(400, f"Invalid query: {query}")
    name = re.sub(r"\\(.)", r"\1", found[3])
    people = [user for user in repository.users.values() if user.kind == "user" and user.nickname == name]
    return [{"type": "workspace_membership", "user": user.shown()} for user in people]


def _reviewers(repository: Repository, given: list[dict[str, str]], author: str) -> list[str]:
    known = {user.uuid: user for user in repository.users.values()}
    known |= {str(user.shown()["account_id"]): user for user in repository.users.values()}
    found = []
    for reviewer in given:
        user = known.get(reviewer.get("uuid") or reviewer.get("account_id") or "")
        if user is None:
            words = ["Malformed reviewers list"]
            raise refused(400, f"reviewers: {words[0]}", fields={"reviewers": words})
        if user.uuid == author:
            words = [f"{user.nickname} is the author and cannot be included as a reviewer."]
            raise refused(400, f"reviewers: {words[0]}", fields={"reviewers": words})
        found.append(user.uuid)
    return found


def _short(commit: str) -> dict[str, str]:
    return {"type": "commit", "hash": commit[:12]}
