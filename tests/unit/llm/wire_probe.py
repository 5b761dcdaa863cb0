"""Runs LiteLLMClient against an OpenAI-compatible server on loopback and prints what came of it as JSON.

A program of its own, because importing LiteLLM costs seconds of CPU and leaves threads and settings behind.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator

from core.errors import ModelError
from core.models import Message, ModelRequest
from llm.litellm_client import LiteLLMClient

KEY = "sk-canary-0123456789abcdef"
USAGE = {
    "prompt_tokens": 1_000,
    "completion_tokens": 7,
    "total_tokens": 1_007,
    "prompt_tokens_details": {"cached_tokens": 600},
}


def piece(text: str | None = None, finish: str | None = None, usage: object = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
    body = {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [] if usage else [choice],
        "usage": usage,
    }
    return f"data: {json.dumps(body)}\n\n".encode()


async def answer(model: str) -> AsyncIterator[bytes]:
    yield piece("Hello, ")
    yield piece("world")
    if model == "cut":
        return
    yield piece(finish="length" if model == "long" else "stop")
    yield piece(usage=USAGE)
    yield b"data: [DONE]\n\n"


class Provider:
    """The server: 429 with Retry-After for `busy`, 401 that quotes the key for `locked`, streams for the rest."""

    def __init__(self) -> None:
        self.requests: list[dict[str, object]] = []
        self.closed_early = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length:")[1].split("\r\n")[0])
        body = json.loads(await reader.readexactly(length))
        self.requests.append(body)
        await self._respond(body["model"], writer)
        if body["model"] == "stalls" and await asyncio.wait_for(reader.read(1), 20) == b"":
            self.closed_early.set()
        writer.close()

    async def _respond(self, model: str, writer: asyncio.StreamWriter) -> None:
        if model in ("busy", "locked"):
            status, extra = ("429 Too Many", "retry-after: 17\r\n") if model == "busy" else ("401 Unauthorized", "")
            body = json.dumps({"error": {"message": f"no: {KEY}", "type": "x", "code": "x"}}).encode()
            writer.write(
                f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{extra}content-length: {len(body)}\r\n"
                "connection: close\r\n\r\n".encode()
                + body
            )
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        if model == "stalls":
            writer.write(piece("Hello, "))
            await writer.drain()
            return
        async for part in answer(model):
            writer.write(part)
            await writer.drain()


def request(model: str, **params: object) -> ModelRequest:
    fields = {
        "task_id": "t",
        "agent": "planner",
        "model": model,
        "messages": (Message(role="system", content="You plan."), Message(role="user", content="Plan.")),
        "prompt_name": "planner/plan",
        "prompt_hash": "h",
        "max_output_tokens": 50,
        "params": params,
    }
    return ModelRequest.model_validate(fields)


async def outcome(client: LiteLLMClient, model: str, **params: object) -> dict[str, object]:
    deltas: list[str] = []
    started = time.monotonic()
    try:
        response = await client.complete(request(model, **params), deltas.append)
    except ModelError as error:
        result: dict[str, object] = {"error": type(error).__name__, "text": str(error), "fields": error.fields}
    else:
        result = {"response": response.model_dump(mode="json")}
    return {**result, "deltas": deltas, "seconds": time.monotonic() - started}


async def main() -> None:
    provider = Provider()
    server = await asyncio.start_server(provider.serve, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    loaded_early = "litellm" in sys.modules
    client = LiteLLMClient(api_keys={"openai": KEY}, api_bases={"openai": base}, stall_timeout_s=60)
    results: dict[str, object] = {"loaded_early": loaded_early}
    for model in ("fine", "long", "cut", "busy", "locked"):
        before = len(provider.requests)
        results[model] = {**await outcome(client, f"openai/{model}", temperature=0.5)}
        results[f"{model}_requests"] = len(provider.requests) - before
    results["bare"] = await outcome(client, "my-own-model")
    results["sent"] = provider.requests[0]
    hasty = LiteLLMClient(api_keys={"openai": KEY}, api_bases={"openai": base}, stall_timeout_s=0.5)
    await hasty._module()
    results["stalls"] = await outcome(hasty, "openai/stalls")
    await asyncio.wait_for(provider.closed_early.wait(), 10)
    results["closed_early"] = True
    results["refused_param"] = await outcome(client, "openai/fine", n=3)
    await client.close()
    server.close()
    results["env"] = os.environ.get("LITELLM_LOCAL_MODEL_COST_MAP")
    sys.stdout.write(json.dumps(results))


if __name__ == "__main__":
    asyncio.run(main())
