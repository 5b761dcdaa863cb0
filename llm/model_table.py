"""What is known of a model beside its price: from LiteLLM's table, read without importing it, and from the operator."""

import asyncio
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from llm.providers import provider_of

_TABLE = "model_prices_and_context_window_backup.json"
_PROVIDERS = "provider_endpoints_support_backup.json"
_IN_THIS_PROCESS = frozenset({"offline", "mailbox", "replay"})
_UNPREFIXED = frozenset({"anthropic", "openai"})
"""Providers whose models stand in the table without the provider's name in front."""


@dataclass(frozen=True)
class TableEntry:
    """Sizes in tokens, None where nobody knows; features only where the table says that the model has them."""

    provider: str | None = None
    context_window: int | None = None
    max_output: int | None = None
    takes_schema: bool = False
    thinks_adaptively: bool = False


UNKNOWN = TableEntry()


class ModelTable:
    """Facts by model name; `own_windows` are the operator's context windows and come before the table's."""

    def __init__(self, own_windows: Mapping[str, int] | None = None) -> None:
        self._own_windows = dict(own_windows or {})
        self._loading = asyncio.Lock()
        self._models: Mapping[str, TableEntry] | None = None
        self._providers: frozenset[str] = frozenset()

    async def find(self, model: str) -> TableEntry:
        """What is known of `model`; UNKNOWN when nothing is. The table is not read for models that no provider serves."""
        own = self._own_windows.get(model)
        facts = UNKNOWN
        if provider_of(model) not in _IN_THIS_PROCESS:
            await self._load()
            facts = self._entry(model)
        return facts if own is None else replace(facts, context_window=own)

    async def context_window(self, model: str) -> int | None:
        """Tokens of input that the model takes; None when nobody knows. Of models without a provider no table is read."""
        if model.startswith(("offline/", "mailbox/", "replay/")):
            return self._own_windows.get(model)
        return (await self.find(model)).context_window

    async def knows_provider(self, name: str) -> bool:
        """Whether LiteLLM has a provider of this name."""
        await self._load()
        return name in self._providers

    def _entry(self, model: str) -> TableEntry:
        assert self._models is not None
        if model in self._models:
            return self._models[model]
        provider, _, name = model.partition("/")
        facts = self._models.get(name, UNKNOWN)
        return facts if provider in _UNPREFIXED and facts.provider == provider_of(model) else UNKNOWN

    async def _load(self) -> None:
        async with self._loading:
            if self._models is None:
                self._models, self._providers = await asyncio.to_thread(_read_table)


def _read_table() -> tuple[dict[str, TableEntry], frozenset[str]]:
    spec = importlib.util.find_spec("litellm")
    if spec is None or spec.origin is None:
        return {}, frozenset()
    folder = Path(spec.origin).parent
    entries = json.loads((folder / _TABLE).read_bytes())
    models = {
        name: _facts(entry) for name, entry in entries.items() if "litellm_provider" in entry and name != "sample_spec"
    }
    named = json.loads((folder / _PROVIDERS).read_bytes())["providers"]
    providers = {facts.provider for facts in models.values() if facts.provider}
    return models, frozenset(providers | set(named))


def _facts(entry: Mapping[str, object]) -> TableEntry:
    provider = entry["litellm_provider"]
    # Without it LiteLLM asks Claude for the answer as a forced tool call, which thinking forbids.
    natively = provider != "anthropic" or entry.get("supports_native_structured_output") is True
    return TableEntry(
        provider=str(provider),
        context_window=_size(entry.get("max_input_tokens")),
        max_output=_size(entry.get("max_output_tokens")),
        takes_schema=entry.get("supports_response_schema") is True and natively,
        thinks_adaptively=entry.get("supports_adaptive_thinking") is True,
    )


def _size(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and value > 0 else None
