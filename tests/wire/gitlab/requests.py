"""Merge requests: listed, searched, made, and what is said on them."""

import re
from typing import Any

from tests.wire.gitlab.project import MergeRequest, Project, Token, User, stamp
from tests.wire.rest_server import Answer, Asked, Refused

_FILTERS = {"state", "source_branch", "in", "search", "order_by", "sort", "per_page", "page"}
_FIELDS = {"source_branch", "target_branch", "title", "description", "labels", "reviewer_ids"}


def list_requests(project: Project, asked: Asked) -> list[Any]:
    assert not dict(asked.query).keys() - _FILTERS, "GitLab would not take notice of it"
    found = [request for request in project.requests if _wanted(request, asked)]
    found.sort(key=lambda request: (request.created, request.iid), reverse=asked.one("sort", "desc") == "desc")
    return [shown(project, request) for request in found]


def make_request(project: Project, token: Token, body: Any) -> Answer:
    missing = [name for name in ("title", "source_branch", "target_branch") if not body.get(name)]
    if missing:
        raise Refused(400, {"error": ", ".join(f"{name} is missing" for name in missing)})
    assert not body.keys() - _FIELDS, "GitLab would not take notice of it"
    if project.archived or project.level(token.user) < 30:
        raise Refused(403, {"message": "403 Forbidden"})
    _check(project, body)
    made = MergeRequest(
        iid=1 + len(project.requests),
        author=token.user,
        title=body["title"],
        description=body.get("description", "").strip(),
        source_branch=body["source_branch"],
        target_branch=body["target_branch"],
        sha=None,
        source_project_id=project.id,
        created=project.store.now,
        labels=[label.strip() for label in body.get("labels", "").split(",") if label.strip()],
    )
    known = {user.id for user in project.users.values()}
    made.reviewers = {number: "unreviewed" for number in body.get("reviewer_ids", []) if number in known}
    project.requests.append(made)
    return Answer(201, shown(project, made))


def shown(project: Project, request: MergeRequest) -> dict[str, Any]:
    web = project.web
    people = {user.id: user for user in project.users.values()}
    head = project.store.branches.get(request.source_branch) if request.state == "opened" else None
    return {
        "id": 1000 + request.iid,
        "iid": request.iid,
        "project_id": project.id,
        "title": request.title,
        "description": request.description,
        "state": request.state,
        "created_at": stamp(request.created),
        "updated_at": stamp(request.created),
        "target_branch": request.target_branch,
        "source_branch": request.source_branch,
        "author": request.author.shown(web),
        "assignees": [],
        "assignee": None,
        "reviewers": [people[number].shown(web) for number in request.reviewers],
        "source_project_id": request.source_project_id,
        "target_project_id": project.id,
        "labels": request.labels,
        "draft": request.title.startswith(("Draft:", "[Draft]", "(Draft)")),
        "merge_status": "unchecked",
        "detailed_merge_status": "unchecked",
        "sha": head or request.sha,
        "web_url": f"{web}/{project.path}/-/merge_requests/{request.iid}",
        "squash": False,
        "has_conflicts": False,
    }


def approvals(project: Project, request: MergeRequest) -> dict[str, Any]:
    people = {user.id: user for user in project.users.values()}
    given = [{"user": people[number].shown(project.web)} for number in request.approved_by]
    return {"user_has_approved": False, "user_can_approve": True, "approved": bool(given), "approved_by": given}


def reviewers(project: Project, request: MergeRequest) -> list[Any]:
    people = {user.id: user for user in project.users.values()}
    return [
        {"user": people[number].shown(project.web), "state": state, "created_at": stamp(request.created)}
        for number, state in request.reviewers.items()
    ]


def users(project: Project, asked: Asked) -> list[Any]:
    wanted = asked.one("username").lower()
    found: list[User] = [user for user in project.users.values() if user.username.lower() == wanted]
    return [user.shown(project.web) for user in found]


def _check(project: Project, body: Any) -> None:
    source, target = body["source_branch"], body["target_branch"]
    if len(body["title"]) > 255:
        raise Refused(400, {"message": {"title": ["is too long (maximum is 255 characters)"]}})
    if source == target:
        raise Refused(422, {"message": ["You can't use same project/branch for source and target"]})
    for kind, name in (("Source", source), ("Target", target)):
        if name not in project.store.branches:
            raise Refused(422, {"message": [f'{kind} branch "{name}" does not exist']})
    for other in project.requests:
        own = other.source_project_id == project.id
        if own and (other.source_branch, other.target_branch, other.state) == (source, target, "opened"):
            words = f"Another open merge request already exists for this source branch: !{other.iid}"
            raise Refused(409, {"message": [words]})


def _wanted(request: MergeRequest, asked: Asked) -> bool:
    if asked.one("state", "all") not in ("all", request.state):
        return False
    if asked.one("source_branch") not in ("", request.source_branch):
        return False
    return _found(request.description, asked.one("search"))


def _found(text: str, search: str) -> bool:
    """Whether it has all words and phrases (in quotation marks) of three characters and more; else it must be nothing else."""
    phrases = [first or second for first, second in re.findall(r'(?<=\A)"([^"]+)"|(?<= )"([^"]+)"', search)]
    words = re.sub(r'"[^"]+"', "", search).split()
    terms = [term for term in (*words, *phrases) if len(term) >= 3]
    if not terms:
        return search in ("", text.lower())
    return all(term.lower() in text.lower() for term in terms)
