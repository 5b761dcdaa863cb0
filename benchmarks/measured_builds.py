"""Measures a few builds for tasks/measured_builds.json: how many tokens each agent is given and writes.

`python -m benchmarks.measured_builds`. The prompts are the real ones, with every check and repair; the answers are the offline
model's. Counted with the tokenizer of GPT-4o and later, which comes with LiteLLM.
"""

import asyncio
import json
import tempfile
from pathlib import Path

from benchmarks.builds import example
from benchmarks.tokenizer import Tokenize, tokenizer
from config import PROJECT, Settings
from core.access import Actor
from core.models import InteractionFilter
from core.tasks import Action, Decision, InterruptFilter, InterruptKind, TaskRequest
from wiring import Application, open_application

TARGET = PROJECT / "tasks" / "measured_builds.json"
BUILDS = ((4, ""), (1, ""), (2, ""), (10, ""), (7, ""), (2, "?fault=missing_404"))
"""Numbers of examples, small to large, and a mistake of backend_agent in one of them, so that a round of repair is in it."""
LIMIT_S = 600.0


def main() -> None:
    tokenize = tokenizer()
    builds = [asyncio.run(_measure(example(number), fault, tokenize)) for number, fault in BUILDS]
    lines = ",\n".join(f"  {json.dumps(build)}" for build in builds)
    about = '"by agent: calls, tokens given, tokens written; offline model, tokenizer o200k_base"'
    TARGET.write_text(f'{{"about": {about},\n "builds": [\n{lines}\n]}}\n')


async def _measure(sentence: str, fault: str, tokenize: Tokenize) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as folder:
        settings = Settings(
            data_dir=Path(folder), autonomy_offline=True, model_backend=f"offline/scaffold{fault}" if fault else None
        )
        async with open_application(settings) as application:
            task = await application.commands.submit(TaskRequest(task_description=sentence, budget_usd=1.0))
            await publish(application, task.task_id)
            calls = await application.api.interactions.list(InteractionFilter(task_id=task.task_id, limit=500))
    agents: dict[str, list[int]] = {}
    for call in calls:
        given = sum(len(tokenize(message.content)) + 4 for message in call.messages)
        sums = agents.setdefault(call.agent.value, [0, 0, 0])
        sums[:] = sums[0] + 1, sums[1] + given, sums[2] + len(tokenize(call.response))
    return {"sentence": sentence, "fault": fault.removeprefix("?fault="), "agents": agents}


async def publish(application: Application, task_id: str) -> None:
    """Approve what is asked about, until the task is completed."""
    async with asyncio.timeout(LIMIT_S):
        while not (await application.commands.get(task_id)).status.final:
            query = InterruptFilter(task_ids=(task_id,), status="pending")
            for question in await application.commands.interrupts(query):
                if question.kind is not InterruptKind.APPROVAL:
                    raise RuntimeError(question.prompt)
                await application.commands.decide(
                    task_id, question.interrupt_id, Decision(action=Action.APPROVE), Actor(via="bench")
                )
            await asyncio.sleep(0.2)
    task = await application.commands.get(task_id)
    if task.status != "completed":
        raise RuntimeError(task.error or "the build failed")


if __name__ == "__main__":
    main()
