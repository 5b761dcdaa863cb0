"""Links in messages: each answers one question, once, and looking at it changes nothing."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from api.links import DecisionLinks
from benchmarks.receiver import SECRET, Receiver, receiving
from tests.api.service import Service, asked, run_service, until

PUBLIC = "https://autonomy.example.org/service"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with run_service(tmp_path / "data", public_url=PUBLIC, api_key="k") as opened:
        opened.http.headers["X-API-Key"] = "k"
        yield opened


def path_of(link: str) -> str:
    assert link.startswith(f"{PUBLIC}/decide/")
    return link.removeprefix(PUBLIC)


async def link_to(service: Service) -> tuple[str, str, str]:
    """(path of a link, task id, interrupt id)"""
    task_id, interrupt_id = await asked(service.http)
    links = service.application.api.links
    assert links is not None
    return path_of(links.make(task_id, interrupt_id)), task_id, interrupt_id


async def told(receiver: Receiver, kind: str) -> bool:
    return kind in receiver.kinds()


async def status_of(service: Service, task_id: str, interrupt_id: str) -> str:
    return str((await service.http.get(f"/tasks/{task_id}/interrupts/{interrupt_id}")).json()["status"])


def digest_on(page: str) -> str:
    found = re.search(r'name="expected_digest" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


async def test_looking_changes_nothing_and_the_form_answers_without_a_key(service: Service) -> None:
    path, task_id, interrupt_id = await link_to(service)
    del service.http.headers["X-API-Key"]
    for _ in range(2):
        page = await service.http.get(path)
        assert page.status_code == 200
        assert "Abort the task" in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["referrer-policy"] == "no-referrer"
    service.http.headers["X-API-Key"] = "k"
    assert await status_of(service, task_id, interrupt_id) == "pending"
    del service.http.headers["X-API-Key"]
    answered = await service.http.post(path, data={"action": "abort", "expected_digest": digest_on(page.text)})
    assert "Answered with &#39;abort&#39; via link" in answered.text
    service.http.headers["X-API-Key"] = "k"
    assert await status_of(service, task_id, interrupt_id) == "decided"


async def test_a_link_works_once_and_says_who_was_first(service: Service) -> None:
    path, task_id, interrupt_id = await link_to(service)
    links = service.application.api.links
    assert links is not None
    other = path_of(links.make(task_id, interrupt_id))
    assert (await service.http.post(path, data={"action": "abort"})).status_code == 200
    again = await service.http.post(path, data={"action": "abort"})
    assert (again.status_code, "has been used" in again.text) == (409, True)
    late = await service.http.post(other, data={"action": "retry"})
    assert (late.status_code, "already answered" in late.text) == (409, True)
    shown = await service.http.get(other)
    assert "Answered with" in shown.text
    assert "<form" not in shown.text


async def test_what_is_not_clear_is_said_and_leaves_the_link_good(service: Service) -> None:
    path, _, _ = await link_to(service)
    for data in ({"action": "nonsense"}, {}, {"action": "approve"}, {"action": "abort", "expected_digest": "0" * 64}):
        answer = await service.http.post(path, data=data)
        assert answer.status_code in (409, 422), data
        assert "<form" in answer.text
    assert (await service.http.post(path, data={"action": "abort"})).status_code == 200


async def test_a_token_of_somebody_else_opens_nothing(service: Service) -> None:
    path, task_id, interrupt_id = await link_to(service)
    foreign = path_of(DecisionLinks(Fernet.generate_key(), PUBLIC).make(task_id, interrupt_id))
    for forged in (foreign, f"{path[:-4]}AAAA", "/decide/x"):
        for answer in (await service.http.get(forged), await service.http.post(forged, data={"action": "abort"})):
            assert answer.status_code == 403, answer.text
            assert task_id not in answer.text
    assert await status_of(service, task_id, interrupt_id) == "pending"


async def test_links_of_before_a_restart_still_work(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data", public_url=PUBLIC) as service:
        path, _, _ = await link_to(service)
    assert (tmp_path / "data" / "links.key").stat().st_mode & 0o077 == 0
    async with run_service(tmp_path / "data", public_url=PUBLIC) as service:
        assert (await service.http.post(path, data={"action": "abort"})).status_code == 200


async def test_without_a_public_address_there_are_no_links(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data") as service:
        answer = await service.http.get("/decide/x")
    assert answer.status_code == 403
    assert "PUBLIC_URL" in answer.text


async def test_a_webhook_carries_a_link_that_no_record_holds(tmp_path: Path) -> None:
    with receiving() as receiver:
        changes = {"public_url": PUBLIC, "webhook_url": receiver.url, "webhook_secret": SECRET}
        async with run_service(tmp_path / "data", **changes) as service:
            task_id, _ = await asked(service.http)
            await until(lambda: told(receiver, "interrupt.opened"))
            (opened,) = [message for message in receiver.messages if message.type == "interrupt.opened"]
            effects = (await service.http.get(f"/tasks/{task_id}/effects")).text
            assert "interrupt.opened" in effects
            assert "/decide/" not in effects
            answer = await service.http.post(path_of(str(opened.data["decide_url"])), data={"action": "abort"})
            assert answer.status_code == 200


async def test_a_task_may_have_a_webhook_of_its_own_where_its_host_is_allowed(tmp_path: Path) -> None:
    with receiving() as receiver:
        host = receiver.url.removeprefix("http://").split("/")[0]
        changes = {"webhook_task_hosts": host, "webhook_secret": SECRET}
        async with run_service(tmp_path / "data", **changes) as service:
            await asked(service.http)
            body = {
                "task_description": "a todo list",
                "use_sandbox": False,
                "webhook": {"url": receiver.url, "events": ["interrupt.opened"]},
            }
            answer = await service.http.post("/tasks", json=body)
            assert answer.status_code == 201, answer.text
            await until(lambda: told(receiver, "interrupt.opened"))
            assert [(m.type, m.data["task_id"]) for m in receiver.messages] == [
                ("interrupt.opened", answer.json()["task_id"])
            ]
            for url in ("http://127.0.0.1:1/x", "http://evil.example/", "ftp://x/", "http://u:p@x/"):
                refused = await service.http.post("/tasks", json={**body, "webhook": {"url": url}})
                assert refused.status_code == 422, refused.text
                assert "webhook" in refused.text
        assert receiver.refused == []
