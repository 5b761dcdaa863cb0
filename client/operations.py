"""What can be asked about tasks, in the words that both clients have. Each function describes a request and sends nothing."""

import re
import time

import httpx

from client import requests
from client.base import JsonObject
from client.models import (
    Action,
    Checkpoint,
    Decision,
    Diff,
    Effect,
    Fork,
    Interrupt,
    Page,
    PullRequest,
    Task,
    TaskStatus,
    TaskWebhook,
)
from client.requests import Call, Pages, Steps, one, path_of, query, stated

LONGEST_WAIT_S = 60.0
"""How long the service holds one answer; longer waits are made of several."""
SOON_S = 1.0
PARTS = "agent_stats,timeline,summary"
PAGE = 200


def submit(
    task_description: str,
    *,
    workflow: str | None = None,
    max_iterations: int | None = None,
    use_sandbox: bool | None = None,
    output_directory: str | None = None,
    budget_usd: float | None = None,
    options: JsonObject | None = None,
    webhook: TaskWebhook | None = None,
    idempotency_key: str | None = None,
) -> Call[Task]:
    """Submit a task; what is left out has the service's defaults. The same key with the same words is one task."""
    body = stated(
        task_description=task_description,
        workflow=workflow,
        max_iterations=max_iterations,
        use_sandbox=use_sandbox,
        output_directory=output_directory,
        budget_usd=budget_usd,
        options=options,
        webhook=None if webhook is None else webhook.model_dump(mode="json", exclude_none=True),
    )
    return Call("POST", "/tasks", one(Task), body=body, headers=requests.keyed(idempotency_key))


def task(task_id: str, *, wait_s: float = 0, include: str = PARTS) -> Call[Task]:
    """A task. `wait_s` (to 60) holds the answer until it has ended or asks; `include` names parts, `artifacts` too."""
    params = query(wait=wait_s or None) | {"include": include}
    path = path_of("/tasks/{task_id}", task_id=task_id)
    return Call("GET", path, one(Task), params=params, answer_s=requests.ANSWER_S + wait_s)


def tasks(
    *,
    status: TaskStatus | None = None,
    q: str = "",
    workflow: str | None = None,
    caller: str | None = None,
    before: str | None = None,
    page_size: int = 50,
) -> Pages[Task]:
    """All tasks, the newest first, fetched as they are asked for: those with a text `q` in sentence or id.

    `before` is the task to go on below.
    """

    def page(below: str | None) -> Call[httpx.Response]:
        params = query(status=status, q=q, workflow=workflow, caller=caller, before=below, limit=page_size)
        return Call("GET", "/tasks", requests.whole, params=params)

    def read(response: httpx.Response) -> tuple[tuple[Task, ...], Call[httpx.Response] | None]:
        found = one(Page[Task])(response)
        return found.items, None if found.next is None else page(str(found.next))

    return Pages(page(before), read)


def wait(task_id: str, *, timeout_s: float | None = None) -> Steps[Task]:
    """Wait until the task asks something or has ended (`task.at_rest`), at most `timeout_s`; the task as it then is."""
    until = None if timeout_s is None else time.monotonic() + timeout_s
    while True:
        left_s = LONGEST_WAIT_S if until is None else max(0.0, min(LONGEST_WAIT_S, until - time.monotonic()))
        asked = time.monotonic()
        found: Task = yield task(task_id, wait_s=round(left_s, 1))
        if found.at_rest or (until is not None and time.monotonic() >= until):
            return found
        if time.monotonic() - asked < SOON_S:  # a service that is closing answers at once
            yield SOON_S if until is None else min(SOON_S, until - time.monotonic())


def interrupts(
    *,
    status: str | None = None,
    kind: str | None = None,
    task_id: str | None = None,
    newest_first: bool = False,
    payload: bool = True,
    page_size: int = 100,
) -> Pages[Interrupt]:
    """Questions, the oldest first: pending, decided, cancelled, or all; of a kind, of a task, or of all.

    Without `payload` not what was shown.
    """

    def page(params: dict[str, str]) -> Call[httpx.Response]:
        return Call("GET", "/interrupts", requests.whole, params=params)

    params = query(
        status=status,
        kind=kind,
        task_id=task_id,
        sort="newest" if newest_first else None,
        include="payload" if payload else None,
        limit=page_size,
    )

    def read(response: httpx.Response) -> tuple[tuple[Interrupt, ...], Call[httpx.Response] | None]:
        items = one(tuple[Interrupt, ...])(response)
        more = re.search(r'<([^>]*)>; rel="next"', response.headers.get("link", ""))
        after = httpx.URL(more[1]).params.get("after") if more else None
        return items, None if after is None else page(params | {"after": after})

    return Pages(page(params), read)


def interrupt(task_id: str, interrupt_id: str) -> Call[Interrupt]:
    """One question, with everything that was shown."""
    path = path_of("/tasks/{task_id}/interrupts/{interrupt_id}", task_id=task_id, interrupt_id=interrupt_id)
    return Call("GET", path, one(Interrupt))


def decide(
    task_id: str,
    interrupt_id: str,
    action: Action | str,
    *,
    message: str = "",
    budget_usd: float | None = None,
    expected_digest: str | None = None,
    idempotency_key: str | None = None,
) -> Call[Interrupt]:
    """Decide one question. With the digest of what was shown a decision about anything else is refused (409)."""
    path = path_of("/tasks/{task_id}/interrupts/{interrupt_id}/decision", task_id=task_id, interrupt_id=interrupt_id)
    body = stated(action=str(action), message=message, budget_usd=budget_usd, expected_digest=expected_digest)
    return Call("POST", path, one(Interrupt), body=body, headers=requests.keyed(idempotency_key))


def reply(task_id: str, message: str, *, interrupt_id: str | None = None) -> Call[Interrupt]:
    """Answer in free text, which a model reads: 422 asks back. Never repeated by itself, since reading costs money."""
    path = path_of("/tasks/{task_id}/reply", task_id=task_id)
    body = stated(message=message, interrupt_id=interrupt_id)
    return Call("POST", path, one(Interrupt), body=body, answer_s=requests.REPLY_S, repeatable=False)


def read_reply(task_id: str, interrupt_id: str, message: str) -> Call[Decision]:
    """What a reply in these words would decide; nothing is decided. Never repeated by itself, since reading costs money."""
    path = path_of("/tasks/{task_id}/interrupts/{interrupt_id}/reading", task_id=task_id, interrupt_id=interrupt_id)
    body = stated(message=message)
    return Call("POST", path, one(Decision), body=body, answer_s=requests.REPLY_S, repeatable=False)


def cancel(task_id: str) -> Call[Task]:
    """End a task; its files and history stay. 409 when it has ended already, so never repeated by itself."""
    return Call("DELETE", path_of("/tasks/{task_id}", task_id=task_id), one(Task), repeatable=False)


def checkpoints(task_id: str) -> Call[tuple[Checkpoint, ...]]:
    """The points of a task's run, oldest first."""
    return Call("GET", path_of("/tasks/{task_id}/checkpoints", task_id=task_id), one(tuple[Checkpoint, ...]))


def fork(
    task_id: str,
    *,
    checkpoint_id: str | None = None,
    feedback: str = "",
    budget_usd: float | None = None,
    max_iterations: int | None = None,
    continue_request: bool | None = None,
    idempotency_key: str | None = None,
) -> Call[Fork]:
    """Go on from a checkpoint (the newest when None) as a new task; `continue_request` publishes onto the same pull request."""
    body = stated(
        checkpoint_id=checkpoint_id,
        feedback=feedback,
        budget_usd=budget_usd,
        max_iterations=max_iterations,
        continue_request=continue_request,
    )
    path = path_of("/tasks/{task_id}/fork", task_id=task_id)
    return Call("POST", path, one(Fork), body=body, headers=requests.keyed(idempotency_key))


def effects(task_id: str) -> Call[tuple[Effect, ...]]:
    """What the task did outside, and what it is about to do."""
    return Call("GET", path_of("/tasks/{task_id}/effects", task_id=task_id), one(tuple[Effect, ...]))


def artifacts(task_id: str) -> Call[dict[str, str]]:
    """The task's files as they are now: text by path."""

    def read(response: httpx.Response) -> dict[str, str]:
        return one(Task)(response).artifacts or {}

    path = path_of("/tasks/{task_id}", task_id=task_id)
    return Call("GET", path, read, params={"include": "artifacts"})


def artifact(task_id: str, path: str, *, ref: str | None = None) -> Call[str]:
    """The text of one file, as it is now or at the commit `ref`."""

    def read(response: httpx.Response) -> str:
        if not response.headers.get("content-type", "").startswith("text/plain"):
            raise ValueError("without text")
        return response.content.decode("utf-8")

    where = path_of("/tasks/{task_id}/artifacts/{path}", task_id=task_id, path=path)
    return Call("GET", where, read, params=query(ref=ref))


def archive(task_id: str) -> Call[bytes]:
    """All files of the task as they are now, as a tar.gz."""

    def read(response: httpx.Response) -> bytes:
        if response.headers.get("content-type") != "application/gzip":
            raise ValueError("without an archive")
        return response.content

    return Call("GET", path_of("/tasks/{task_id}/artifacts.tar.gz", task_id=task_id), read)


def diff(task_id: str, *, base: str | None = None, head: str | None = None) -> Call[Diff]:
    """What changed from the commit `base` (nothing when None) to `head` (the latest when None)."""
    path = path_of("/tasks/{task_id}/diff", task_id=task_id)
    return Call("GET", path, one(Diff), params=query(base=base, head=head))


def pull_request(task_id: str) -> Call[PullRequest | None]:
    """What was published for the task; None before that."""

    def read(response: httpx.Response) -> PullRequest | None:
        return None if response.status_code == 404 else one(PullRequest)(response)

    path = path_of("/tasks/{task_id}/pull_request", task_id=task_id)
    return Call("GET", path, read, absent_is_answer=True)
