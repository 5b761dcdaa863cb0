"""What LiteLLM's table says of models, read without importing it."""

import sys

import pytest

from llm.model_table import UNKNOWN, ModelTable

TABLE = ModelTable()


@pytest.mark.parametrize(
    ("model", "provider", "thinks", "schema"),
    [
        ("claude-sonnet-4-6", "anthropic", True, True),
        ("anthropic/claude-sonnet-4-6", "anthropic", True, True),
        ("claude-haiku-4-5", "anthropic", False, True),
        ("gpt-5", "openai", False, True),
        ("openai/gpt-5", "openai", False, True),
        ("deepseek/deepseek-chat", "deepseek", False, True),
        ("ollama/llama3", "ollama", False, False),
    ],
)
async def test_a_model_is_found_by_its_own_name_or_with_its_provider(
    model: str, provider: str, thinks: bool, schema: bool
) -> None:
    facts = await TABLE.find(model)
    assert (facts.provider, facts.thinks_adaptively, facts.takes_schema) == (provider, thinks, schema)
    assert facts.context_window is not None
    assert facts.max_output is not None


@pytest.mark.parametrize(
    "model", ["my-own-model", "openai/claude-sonnet-4-6", "groq/gpt-5", "sample_spec", "a/b/c", ""]
)
async def test_nothing_is_known_of_others(model: str) -> None:
    assert await TABLE.find(model) == UNKNOWN
    assert await TABLE.context_window(model) is None


async def test_the_operators_context_windows_come_first_and_change_nothing_else() -> None:
    table = ModelTable({"my-own-model": 32_768, "gpt-5": 1_000})
    assert await table.context_window("my-own-model") == 32_768
    assert await table.context_window("gpt-5") == 1_000
    assert (await table.find("gpt-5")).takes_schema


@pytest.mark.parametrize(("name", "known"), [("groq", True), ("hosted_vllm", True), ("bedrock", True), ("grok", False)])
async def test_providers_are_those_that_litellm_has(name: str, known: bool) -> None:
    assert await TABLE.knows_provider(name) is known


async def test_litellm_is_not_imported() -> None:
    await TABLE.find("gpt-5")
    assert "litellm" not in sys.modules
