"""Webhooks of code hosts: who calls is proved, each delivery counts once, and only what is of interest has an effect."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.events import Notice
from tests.api.service import Service, asked, run_service
from tests.api.test_bad_input import expect

SECRET = "hush"
MARK = "What it is.\n\n<!-- autonomy: {} -->"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """With a key, which webhooks do not have."""
    changes = {"github_webhook_secret": SECRET, "gitlab_webhook_secret": SECRET, "api_key": "k"}
    async with run_service(tmp_path / "data", **changes) as opened:
        yield opened


async def task_of(service: Service) -> str:
    service.http.headers["X-API-Key"] = "k"
    task_id, _ = await asked(service.http)
    del service.http.headers["X-API-Key"]
    return task_id


async def github(
    service: Service, event: str, document: Any, delivery: str = "d-1", secret: str = SECRET
) -> httpx.Response:
    body = json.dumps(document).encode()
    headers = {
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        "Content-Type": "application/json",
    }
    return await service.http.post("/hooks/github", content=body, headers=headers)


async def gitlab(
    service: Service, event: str, document: Any, delivery: str = "d-1", secret: str = SECRET
) -> httpx.Response:
    headers = {"X-Gitlab-Event": event, "X-Gitlab-Event-UUID": delivery, "X-Gitlab-Token": secret}
    return await service.http.post("/hooks/gitlab", json=document, headers=headers)


async def notices(service: Service, task_id: str) -> list[str]:
    stored = await service.application.api.events.read(task_id=task_id)
    return [each.event.text for each in stored if isinstance(each.event, Notice) and each.event.level == "warning"]


def branch(task_id: str) -> str:
    return f"autonomy/todo-list-{task_id}"


async def test_a_failed_check_is_told_of_once_however_often_it_is_delivered(service: Service) -> None:
    task_id = await task_of(service)
    check = {
        "name": "tests",
        "conclusion": "failure",
        "html_url": "https://ci/1",
        "pull_requests": [],
        "check_suite": {},
    }
    check["check_suite"] = {"head_branch": branch(task_id)}
    first = await github(service, "check_run", {"check_run": check})
    assert (first.status_code, first.json()) == (202, {"taken": True})
    assert (await github(service, "check_run", {"check_run": check})).json() == {"taken": False}
    assert await notices(service, task_id) == ["the check tests has failed on the pull request: https://ci/1"]
    fine = {"check_run": {**check, "conclusion": "success"}}
    assert (await github(service, "check_run", fine, "d-2")).json() == {"taken": False}
    pipeline = {"object_attributes": {"ref": branch(task_id), "status": "failed", "url": "https://ci/2"}}
    assert (await gitlab(service, "Pipeline Hook", pipeline)).json() == {"taken": True}
    assert len(await notices(service, task_id)) == 2


async def test_a_push_by_somebody_else_is_told_of_and_our_own_is_not(service: Service) -> None:
    task_id = await task_of(service)
    ref = f"refs/heads/{branch(task_id)}"
    ours = {"ref": ref, "head_commit": {"message": f"Add it\n\nAutonomy-Task: {task_id}\n"}, "pusher": {"name": "bot"}}
    assert (await github(service, "push", ours)).json() == {"taken": False}
    theirs = {"ref": ref, "head_commit": {"message": "mine"}, "pusher": {"name": "rita"}}
    assert (await github(service, "push", theirs, "d-2")).json() == {"taken": True}
    gitlab_push = {"ref": ref, "commits": [{"message": "mine"}], "user_username": "sam"}
    assert (await gitlab(service, "Push Hook", gitlab_push, "d-3")).json() == {"taken": True}
    assert [text.split()[0] for text in await notices(service, task_id)] == ["rita", "sam"]
    other = {"ref": "refs/heads/main", "head_commit": {"message": "x"}, "pusher": {"name": "rita"}}
    assert (await github(service, "push", other, "d-4")).json() == {"taken": False}


async def test_what_was_said_on_a_request_is_known_by_its_branch_or_its_mark(service: Service) -> None:
    task_id = await task_of(service)
    review = {"pull_request": {"head": {"ref": branch(task_id)}, "body": None}}
    comment = {"issue": {"body": MARK.format(task_id)}}
    note = {"merge_request": {"source_branch": branch(task_id)}, "object_attributes": {}}
    assert (await github(service, "pull_request_review", review, "a")).json() == {"taken": True}
    assert (await github(service, "issue_comment", comment, "b")).json() == {"taken": True}
    assert (await gitlab(service, "Note Hook", note, "c")).json() == {"taken": True}
    unknown = {"issue": {"body": MARK.format("f" * 16)}}
    assert (await github(service, "issue_comment", unknown, "d")).json() == {"taken": False}


async def test_who_cannot_prove_to_be_the_host_is_refused(service: Service) -> None:
    document = {"issue": {"body": MARK.format("f" * 16)}}
    expect(await github(service, "issue_comment", document, secret="wrong"), 401, "GITHUB_WEBHOOK_SECRET")
    expect(await gitlab(service, "Note Hook", document, secret="wrong"), 401, "GITLAB_WEBHOOK_SECRET")
    unsigned = await service.http.post("/hooks/github", json=document, headers={"X-GitHub-Event": "issue_comment"})
    expect(unsigned, 401, "signature")


@pytest.mark.parametrize("document", [[], "text", 7, {"issue": []}, {"issue": {"body": 7}}, {"pull_request": "x"}])
async def test_a_document_of_any_shape_does_no_harm(service: Service, document: Any) -> None:
    for event in ("issue_comment", "pull_request_review", "check_run", "push", "unheard_of"):
        assert (await github(service, event, document)).status_code in (202, 422)
    for event in ("Note Hook", "Pipeline Hook", "Push Hook"):
        assert (await gitlab(service, event, document)).status_code in (202, 422)


async def test_a_delivery_needs_an_id_and_json(service: Service) -> None:
    expect(await github(service, "push", {"ref": "x"}, delivery="a b"), 422, "x-github-delivery")
    body = b"payload=%7B%7D"
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": "d", "X-Hub-Signature-256": signature}
    expect(await service.http.post("/hooks/github", content=body, headers=headers), 422, "application/json")


async def test_hooks_that_are_not_switched_on_are_not_there(tmp_path: Path) -> None:
    async with run_service(tmp_path / "other") as service:
        expect(await service.http.post("/hooks/github", json={}), 404, "GITHUB_WEBHOOK_SECRET")
        assert (await service.http.post("/hooks/elsewhere", json={})).status_code == 422
