"""The local counterpart of OpenAI's API as a process, the product's gateway in front of it, and LiteLLM alone beside that."""

import asyncio
import importlib
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from config import PROJECT, Settings
from core.computing import short_turns
from core.ports import ModelClient
from llm.litellm_module import import_litellm
from llm.offline.client import OfflineModel
from llm.prices import PriceBook
from llm.roomy import RoomyClient
from memory.room import DiskRoom
from notifiers.log import LogNotifier
from observability.counters import ProcessCounters
from tasks.notifying import Channel, tell_live
from wiring.models import make_models
from wiring.stores import Stores, SystemClock, Watch, open_stores, open_tracing

MODEL = "gpt-4o-mini"
KEY = "sk-bench-0123456789abcdef"


@dataclass(frozen=True)
class Provider:
    """A running counterpart."""

    url: str
    http: httpx.Client

    def answer(self, text: str, *, times: int, pieces: int = 4, pause_s: float = 0.0) -> None:
        """The next `times` requests are answered with `text`, in so many pieces, each after a pause."""
        step = {"text": text, "pieces": pieces, "pause_s": pause_s}
        self.http.post("/_reset")
        self.http.post("/_script", json={"model": MODEL, "steps": [step] * times})


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Until the block ends. Its CPU is its own, and not in any figure."""
    command = [sys.executable, "-m", "tests.wire.provider", "--key", KEY]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = f"http://127.0.0.1:{int(process.stdout.readline())}"
            with httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
                yield Provider(url, http)
        finally:
            process.kill()


@dataclass(frozen=True)
class Service:
    """What the service puts around a model call, made by its own wiring over files of their own."""

    settings: Settings
    stores: Stores
    watch: Watch
    model: ModelClient
    prices: PriceBook
    data: Path


@asynccontextmanager
async def running_service(url: str) -> AsyncIterator[Service]:
    """Stores, watchers of events and the gateway as `open_application` has them; every agent's model is MODEL."""
    async with AsyncExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="autonomy-bench-")))
        stack.enter_context(short_turns())
        models = {
            f"model_{name}": MODEL for name in ("orchestrator", "planner", "backend", "database", "frontend", "qa")
        }
        settings = Settings.model_validate(
            {"data_dir": data, "openai_api_base": f"{url}/v1", "openai_api_key": KEY, **models}
        )
        clock = SystemClock()
        stores = await open_stores(stack, settings, clock)
        watch = Watch(ProcessCounters(), open_tracing(settings))
        watching = [
            asyncio.create_task(watch.counters.time_delivery(stores.events.subscribe(), clock)),
            asyncio.create_task(tell_live(Channel("log", LogNotifier()), stores.events)),
        ]
        stack.callback(lambda: [task.cancel() for task in watching])
        made = make_models(settings, stores, watch, clock, OfflineModel())
        model = RoomyClient(made.gateway, DiskRoom(data, settings.min_free_disk_mb << 20).check)
        stack.push_async_callback(model.close)
        yield Service(settings, stores, watch, model, made.prices, data)


class BareLiteLLM:
    """`litellm.acompletion(stream=True)`, and its pieces put together."""

    def __init__(self, url: str) -> None:
        self._litellm: Any = import_litellm()
        self._access = {"api_base": f"{url}/v1", "api_key": KEY}
        main: Any = importlib.import_module("litellm.main")
        streams: Any = importlib.import_module("litellm.litellm_core_utils.streaming_handler")
        asyncify: Any = importlib.import_module("litellm.litellm_core_utils.asyncify")
        metadata: Any = importlib.import_module("litellm.litellm_core_utils.llm_response_utils.response_metadata")
        self._shipped = (
            (self._litellm, "stream_chunk_builder", main.stream_chunk_builder),
            (streams, "asyncify", asyncify.asyncify),
            (self._litellm.utils, "update_response_metadata", metadata.update_response_metadata),
        )

    @contextmanager
    def as_shipped(self) -> Iterator[None]:
        """While it lasts, LiteLLM does what llm/litellm_module.py keeps it from."""
        with ExitStack() as stack:
            for module, name, shipped in self._shipped:
                stack.enter_context(patch.object(module, name, shipped))
            yield

    async def ask(self, messages: Sequence[Mapping[str, str]]) -> str:
        stream = await self._litellm.acompletion(
            model=f"openai/{MODEL}", messages=list(messages), stream=True, **self._access
        )
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])


async def cpu_s(work: Awaitable[object]) -> float:
    """CPU of all threads of this process while `work` is done."""
    began = time.process_time()
    await work
    return time.process_time() - began
