"""Our client of model providers as a process of its own, driven by lines of JSON: one line a call, one line its outcome.

One process for all tests: importing LiteLLM costs seconds of CPU and leaves threads and settings behind.
"""

import asyncio
import json
import os
import sys
import time
import traceback
from typing import Any

import httpx
from pydantic import BaseModel, Field

from core.errors import ModelError
from core.models import Message, ModelRequest
from core.types import AgentName, Json
from llm.fallback import FallbackClient
from llm.litellm_client import LiteLLMClient
from llm.model_table import ModelTable
from llm.parameters import Parameters
from llm.retrying import RetryingClient, RetryPolicy
from llm.router import RouterClient
from tests.stopwatch import stopwatch
from tests.unit.llm.scripted import ScriptedClient

OUTSIDE: list[str] = []
"""Where this process has tried to connect to beyond this machine."""


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if host not in ("127.0.0.1", "localhost"):
        OUTSIDE.append(str(host))


class Call(BaseModel):
    """What is asked of which client. Without `retries` and `fallback` it is LiteLLMClient behind the router alone.

    `cancel_when_asked` is the address of a counterpart's log: the call is cancelled when its request is in there.
    """

    model: str
    messages: list[tuple[str, str]]
    agent: AgentName = AgentName.DEVOPS
    params: dict[str, Json] = Field(default_factory=dict)
    answer_schema: dict[str, Json] | None = None
    max_output_tokens: int = 5_000
    keys: dict[str, str] = Field(default_factory=dict)
    bases: dict[str, str] = Field(default_factory=dict)
    options: dict[str, int | float | bool] = Field(default_factory=dict)
    windows: dict[str, int] = Field(default_factory=dict)
    model_params: dict[str, dict[str, Json]] = Field(default_factory=dict)
    agent_params: dict[AgentName, dict[str, Json]] = Field(default_factory=dict)
    retries: dict[str, int | float] | None = None
    fallback: str | dict[AgentName, str] = ""
    cancel_when_asked: str = ""
    cancel_at_delta: bool = False

    def request(self) -> ModelRequest:
        return ModelRequest(
            task_id="t",
            agent=self.agent,
            model=self.model,
            messages=tuple(Message.model_validate({"role": role, "content": text}) for role, text in self.messages),
            answer_format="json" if self.answer_schema else "text",
            answer_schema=self.answer_schema,
            prompt_name="planner/plan",
            prompt_hash="h",
            max_output_tokens=self.max_output_tokens,
            params=self.params,
        )


class Clients:
    """Makes clients once for equal settings, as the service does."""

    def __init__(self) -> None:
        self._made: dict[str, LiteLLMClient] = {}
        self.table = ModelTable()

    def of(self, call: Call) -> FallbackClient:
        table = ModelTable(call.windows) if call.windows else self.table
        settings = repr((call.keys, call.bases, call.options, call.windows))
        if settings not in self._made:
            options: dict[str, Any] = call.options
            self._made[settings] = LiteLLMClient(api_keys=call.keys, api_bases=call.bases, table=table, **options)
        router = RouterClient(
            offline=ScriptedClient(),
            mailbox=ScriptedClient(),
            remote=self._made[settings],
            parameters=Parameters(call.model_params, call.agent_params),
        )
        policy: dict[str, Any] = call.retries or {"max_retries": 0}
        retrying = RetryingClient(router, RetryPolicy(**policy))
        return FallbackClient(retrying, call.fallback, context_window=table.context_window)

    async def close(self) -> None:
        for client in self._made.values():
            await client.close()


async def until_asked(log: str) -> None:
    """Until the counterpart whose log is at this address has got a request."""
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        while not (await http.get(log)).json():  # noqa: ASYNC110  # it happens in the counterpart
            await asyncio.sleep(0.02)


async def outcome(clients: Clients, call: Call) -> dict[str, Any]:
    deltas: list[str] = []
    begun = asyncio.Event()

    def hear(text: str) -> None:
        deltas.append(text)
        begun.set()

    started, cancelling_s = time.monotonic(), 0.0
    cancelled_at: float | None = None
    asking = asyncio.create_task(clients.of(call).complete(call.request(), hear))
    with stopwatch() as spent:
        if call.cancel_at_delta or call.cancel_when_asked:
            moment = begun.wait() if call.cancel_at_delta else until_asked(call.cancel_when_asked)
            beginning = asyncio.create_task(moment)
            await asyncio.wait([beginning, asking], return_when=asyncio.FIRST_COMPLETED)
            beginning.cancel()
            cancelled_at = spent()
            asking.cancel()
        try:
            response = await asking
        except ModelError as error:
            result: dict[str, Any] = {"error": type(error).__name__, "text": str(error), "fields": error.fields}
        except asyncio.CancelledError:
            result = {"error": "cancelled"}
        else:
            result = {"response": response.model_dump(mode="json")}
        if cancelled_at is not None:
            cancelling_s = spent() - cancelled_at
    seconds = time.monotonic() - started
    return {**result, "deltas": deltas, "seconds": seconds, "cancelling_s": cancelling_s}


async def main() -> None:
    clients = Clients()
    sys.addaudithook(_note)
    loaded_early = "litellm" in sys.modules
    while line := await asyncio.to_thread(sys.stdin.readline):
        given = json.loads(line)
        if given == "about":
            told: dict[str, Any] = {
                "loaded_early": loaded_early,
                "environment": {name: value for name, value in os.environ.items() if name.startswith("LITELLM")},
                "outside": OUTSIDE,
                "cpu_s": time.process_time(),
            }
        else:
            try:
                told = await outcome(clients, Call.model_validate(given))
            except Exception:
                told = {"crash": traceback.format_exc()}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
    await clients.close()
    os._exit(0)  # taking LiteLLM's modules apart would cost another second


if __name__ == "__main__":
    asyncio.run(main())
