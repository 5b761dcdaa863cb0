"""What code hosts call us with: who is calling is proved first, then the little that matters is read from it."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import InvalidInput, Unauthorized

_BRANCH = re.compile(r"\A(?:refs/heads/)?autonomy/[\w./-]*-([0-9a-f]{16})\Z")
_MARKER = re.compile(r"<!-- autonomy: ([0-9a-f]{16}) -->")
_SAFE_ID = re.compile(r"[A-Za-z0-9_.:-]{1,100}\Z")
_BAD_CHECKS = frozenset({"failure", "timed_out", "action_required", "failed"})
Headers = Mapping[str, str]


@dataclass(frozen=True)
class News:
    """`key` is the task whose request it is about, `delivery` the host's own id of this call."""

    kind: Literal["said", "check_failed", "pushed"]
    key: str
    delivery: str
    text: str = ""


def read_github(headers: Headers, body: bytes, secret: str) -> News | None:
    """None for what is of no interest. Raises Unauthorized, InvalidInput."""
    signed = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signed.encode(), headers.get("x-hub-signature-256", "").encode()):
        raise Unauthorized("the signature of this webhook is missing or wrong: check GITHUB_WEBHOOK_SECRET")
    read = _GITHUB.get(headers.get("x-github-event", ""))
    return read(_document(body), _delivery(headers, "x-github-delivery")) if read else None


def read_gitlab(headers: Headers, body: bytes, secret: str) -> News | None:
    """None for what is of no interest. Raises Unauthorized, InvalidInput."""
    if not hmac.compare_digest(secret.encode(), headers.get("x-gitlab-token", "").encode()):
        raise Unauthorized("the token of this webhook is missing or wrong: check GITLAB_WEBHOOK_SECRET")
    read = _GITLAB.get(headers.get("x-gitlab-event", ""))
    return read(_document(body), _delivery(headers, "x-gitlab-event-uuid")) if read else None


READERS: Mapping[str, Callable[[Headers, bytes, str], News | None]] = {"github": read_github, "gitlab": read_gitlab}


def _delivery(headers: Headers, name: str) -> str:
    found = headers.get(name, "")
    if not _SAFE_ID.match(found):
        raise InvalidInput(f"the header {name} must hold the id of this delivery", field=name)
    return found


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise InvalidInput("the body of a webhook must be JSON: choose application/json as its content type") from error
    if not isinstance(document, dict):
        raise InvalidInput("the body of a webhook must be a JSON object")
    return document


def _at(node: Any, *path: str) -> Any:
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    return node


def _key(*texts: Any, marker: Any = None) -> str | None:
    """The task that a branch is named after, or that a description is marked with."""
    for text in texts:
        if isinstance(text, str) and (found := _BRANCH.match(text)):
            return found[1]
    found = _MARKER.search(marker) if isinstance(marker, str) else None
    return found[1] if found else None


def _github_review(document: dict[str, Any], delivery: str) -> News | None:
    request = _at(document, "pull_request")
    key = _key(_at(request, "head", "ref"), marker=_at(request, "body"))
    return News("said", key, delivery) if key else None


def _github_comment(document: dict[str, Any], delivery: str) -> News | None:
    key = _key(marker=_at(document, "issue", "body"))
    return News("said", key, delivery) if key else None


def _github_check(document: dict[str, Any], delivery: str) -> News | None:
    check = _at(document, "check_run")
    requests = _at(check, "pull_requests")
    refs = [_at(each, "head", "ref") for each in requests] if isinstance(requests, list) else []
    key = _key(*refs, _at(check, "check_suite", "head_branch"))
    if key is None or _at(check, "conclusion") not in _BAD_CHECKS:
        return None
    return News("check_failed", key, delivery, _check_words(_at(check, "name"), _at(check, "html_url")))


def _github_push(document: dict[str, Any], delivery: str) -> News | None:
    key = _key(_at(document, "ref"))
    return _pushed(key, delivery, _at(document, "head_commit", "message"), _at(document, "pusher", "name"))


def _gitlab_said(document: dict[str, Any], delivery: str) -> News | None:
    attributes = _at(document, "object_attributes")
    key = _key(_at(document, "merge_request", "source_branch"), _at(attributes, "source_branch"))
    return News("said", key, delivery) if key else None


def _gitlab_pipeline(document: dict[str, Any], delivery: str) -> News | None:
    attributes = _at(document, "object_attributes")
    key = _key(_at(document, "merge_request", "source_branch"), _at(attributes, "ref"))
    if key is None or _at(attributes, "status") not in _BAD_CHECKS:
        return None
    return News("check_failed", key, delivery, _check_words("pipeline", _at(attributes, "url")))


def _gitlab_push(document: dict[str, Any], delivery: str) -> News | None:
    commits = _at(document, "commits")
    last = commits[-1] if isinstance(commits, list) and commits else None
    return _pushed(_key(_at(document, "ref")), delivery, _at(last, "message"), _at(document, "user_username"))


def _pushed(key: str | None, delivery: str, message: Any, who: Any) -> News | None:
    """What we push ourselves says so in its message."""
    if key is None or not isinstance(message, str) or "\nAutonomy-Task: " in message:
        return None
    return News("pushed", key, delivery, f"{str(who)[:100]} has pushed to the branch of the pull request")


def _check_words(name: Any, url: Any) -> str:
    where = f": {str(url)[:500]}" if url else ""
    return f"the check {str(name)[:200]} has failed on the pull request{where}"


Read = Callable[[dict[str, Any], str], News | None]
_GITHUB: Mapping[str, Read] = {
    "pull_request_review": _github_review,
    "pull_request_review_comment": _github_review,
    "issue_comment": _github_comment,
    "check_run": _github_check,
    "push": _github_push,
}
_GITLAB: Mapping[str, Read] = {
    "Note Hook": _gitlab_said,
    "Merge Request Hook": _gitlab_said,
    "Pipeline Hook": _gitlab_pipeline,
    "Push Hook": _gitlab_push,
}
