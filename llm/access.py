"""Whether a model can be asked at all: its provider exists, and the key is there if it needs one."""

from collections.abc import Collection, Mapping

from core.providers import KEY_SETTINGS, KEYLESS
from llm.model_table import UNKNOWN, ModelTable
from llm.providers import provider_of


async def problem_with(model: str, table: ModelTable, *, keys: Collection[str], bases: Collection[str]) -> str:
    """What is missing, with what to set; empty when nothing is. `keys` and `bases` are providers whose key or address is set."""
    provider = provider_of(model)
    if provider in KEYLESS or provider in keys or provider in bases:
        return ""
    if provider is not None and provider in KEY_SETTINGS:
        return f"its key is not set: set {KEY_SETTINGS[provider]}"
    # The keys of other providers are for LiteLLM, which reads their own variables.
    if "openai" in bases or await table.find(model) != UNKNOWN:
        return ""
    if provider is not None and await table.knows_provider(provider):
        return ""
    return "its name says no provider that there is: write PROVIDER/NAME, or set OPENAI_API_BASE"


async def problems_with(
    wanted: Mapping[str, str], table: ModelTable, *, keys: Collection[str], bases: Collection[str]
) -> list[str]:
    """A sentence for each model that cannot be asked. `wanted` are models by who is to use them and where that is set."""
    users: dict[str, list[str]] = {}
    for who, model in wanted.items():
        users.setdefault(model, []).append(who)
    found = []
    for model, names in users.items():
        if problem := await problem_with(model, table, keys=keys, bases=bases):
            found.append(f"{model} is wanted by {', '.join(names)}, but {problem}, or choose another model")
    return found
