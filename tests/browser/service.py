"""What tests do at the service beside the browser: submit, wait, answer, read the log."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

SENTENCE = "Build a REST API for a todo list with user auth and JWT"
FAULTY = "offline/scaffold?fault=missing_404&price=0.001"
"""Forgets a 404 in its first attempt, and costs a tenth of a cent a call: two rounds, and money to count."""
FINAL = ("completed", "failed", "cancelled")


@dataclass(frozen=True)
class Api:
    """`http` speaks as a program does, not as the dashboard: its decisions are those of somebody else."""

    http: httpx.AsyncClient

    async def get(self, path: str, **params: str | int) -> Any:
        answer = await self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def submit(self, sentence: str = SENTENCE, **fields: object) -> str:
        """Submit a task that runs nothing that was generated; its id."""
        body = {"task_description": sentence, "use_sandbox": False, **fields}
        answer = await self.http.post("/tasks", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["task_id"])

    async def settled(self, task_id: str, seconds: int = 300, *, after: Any = None) -> Any:
        """The task once it has ended or asks. `after`: asks something else than this question, whose answer is on its way."""
        deadline = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < deadline:
            task = await self.get(f"/tasks/{task_id}", wait=20, include="summary")
            answered = after is None or task["interrupt_id"] != after["interrupt_id"]
            if task["status"] in FINAL or (task["needs_human_input"] and answered):
                return task
            await asyncio.sleep(0.05)  # a question that stands ends the wait of the request above at once
        raise TimeoutError(f"task {task_id} is still {task['status']}")

    async def asking(self, sentence: str = SENTENCE, **fields: object) -> tuple[str, Any]:
        """A new task that asks: (its id, its question)."""
        task_id = await self.submit(sentence, **fields)
        return task_id, await self.question(task_id)

    async def question(self, task_id: str, *, after: Any = None) -> Any:
        task = await self.settled(task_id, after=after)
        assert task["needs_human_input"], task["status"]
        return await self.get(f"/tasks/{task_id}/interrupts/{task['interrupt_id']}")

    async def decide(self, question: Any, action: str, **fields: object) -> httpx.Response:
        path = f"/tasks/{question['task_id']}/interrupts/{question['interrupt_id']}/decision"
        return await self.http.post(path, json={"action": action, "expected_digest": question["digest"], **fields})

    async def events(self, task_id: str) -> list[Any]:
        """Everything that is stored of a task, oldest first."""
        found: list[Any] = []
        after = 0
        while page := (await self.get(f"/tasks/{task_id}/events/page", after=after, limit=500))["items"]:
            found.extend(page)
            after = page[-1]["position"]
        return found
