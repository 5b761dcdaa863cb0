"""A whole step of an agent at a provider whose model is too small for its conversation: it ends, or says what is needed."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agents.fitting import FittingClient, Window
from agents.writers import Writer
from core.errors import ContextOverflow
from core.findings import Finding
from core.models import ModelRequest, ModelResponse
from core.ports import ModelClient, OnDelta
from core.types import AgentName
from llm.model_table import ModelTable
from tests.unit.agents.thinking import brief, thinking
from tests.wire.driving import KEY, Client, Counterpart

MAIN, OTHER = "backend/app/main.py", "backend/app/other.py"
FILES = {
    path: "".join(f"{name}_{number} = {number}\n" for number in range(1, 1_900))
    for path, name in ((MAIN, "a"), (OTHER, "b"))
}
EDIT = f"Done.\n\n````edit path={MAIN}\n<<<<<<< SEARCH\na_700 = 700\n=======\na_700 = 0\n>>>>>>> REPLACE\n````\n"
FINDINGS = (Finding(check="contract", message="a_700 must be 0", file=MAIN, line=700, owner=AgentName.BACKEND),)


class Wire:
    """ModelClient over our client's process, which speaks with the counterpart."""

    def __init__(self, client: Client, counterpart: Counterpart) -> None:
        self._client = client
        self._base = f"{counterpart.url}/v1"

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        call = {
            "model": request.model,
            "messages": [(message.role, message.content) for message in request.messages],
            "max_output_tokens": request.max_output_tokens,
            "keys": {"openai": KEY},
            "bases": {"openai": self._base},
        }
        told: dict[str, Any] = await asyncio.to_thread(self._client.send, call)
        if "error" in told:
            assert told["error"] == "ContextOverflow", told
            raise ContextOverflow(told["text"], **told["fields"])
        return ModelResponse.model_validate(told["response"])

    async def close(self) -> None:
        """Others use the process, too."""


async def repair(folder: Path, model: ModelClient, **changes: Any) -> dict[str, str]:
    """The files that the backend's step `fix` ends with, asked of gpt-4."""
    async with thinking(folder, model, "gpt-4") as context:
        result = await Writer(AgentName.BACKEND).run(brief("fix", files=FILES, findings=FINDINGS, **changes), context)
    return dict(result.files)


def fitting(client: Client, counterpart: Counterpart, *, known: bool) -> FittingClient:
    table = ModelTable()

    async def find(agent: AgentName, model: str) -> Window | None:
        own = await table.context_window(model)
        return Window(own, own) if known and own else None

    return FittingClient(Wire(client, counterpart), find, lambda agent: "MODEL_BACKEND")


@pytest.mark.parametrize(("known", "statuses"), [(True, [200]), (False, [400, 200])])
async def test_a_step_that_is_too_large_ends_with_the_repaired_file(
    counterpart: Counterpart, client: Client, tmp_path: Path, known: bool, statuses: list[int]
) -> None:
    counterpart.script("gpt-4", {"text": EDIT})
    files = await repair(tmp_path, fitting(client, counterpart, known=known))
    assert files == {MAIN: FILES[MAIN].replace("a_700 = 700\n", "a_700 = 0\n")}
    assert [entry["status"] for entry in counterpart.log()] == statuses
    sent = counterpart.log()[-1]["body"]["messages"]
    assert "a_700 = 700" in sent[-1]["content"]
    assert "a_100 = 100" not in sent[-1]["content"]


async def test_without_condensing_the_step_fails(counterpart: Counterpart, client: Client, tmp_path: Path) -> None:
    with pytest.raises(ContextOverflow):
        await repair(tmp_path, Wire(client, counterpart))


async def test_a_plan_that_fills_the_window_alone_is_told_with_figures(
    counterpart: Counterpart, client: Client, tmp_path: Path
) -> None:
    contract = {"openapi": "3.1.0", "info": {"description": "x" * 60_000}, "paths": {}}
    with pytest.raises(ContextOverflow, match="gpt-4 takes 8,192 tokens") as told:
        await repair(tmp_path, fitting(client, counterpart, known=True), contract=contract)
    assert "Set MODEL_BACKEND or a fallback to a model that takes more" in str(told.value)
    assert "maximum context length is 8192" in str(told.value)
    assert all(entry["status"] == 400 for entry in counterpart.log()), "nothing was paid"
