"""Which models can be asked with the keys and addresses that are set."""

import pytest

from llm.access import problem_with, problems_with
from llm.model_table import ModelTable

TABLE = ModelTable()


@pytest.mark.parametrize(
    ("model", "keys", "bases"),
    [
        ("offline/scaffold", (), ()),
        ("mailbox/inbox", (), ()),
        ("ollama/qwen3", (), ()),
        ("claude-sonnet-4-6", ("anthropic",), ()),
        ("gpt-5", (), ("openai",)),
        ("my-own-model", (), ("openai",)),
        ("meta-llama/Llama-3.3", (), ("openai",)),
        ("bedrock/anthropic.claude-sonnet-4-6", (), ()),
        ("gemini-2.5-pro", (), ()),
    ],
)
async def test_these_can(model: str, keys: tuple[str, ...], bases: tuple[str, ...]) -> None:
    assert await problem_with(model, TABLE, keys=keys, bases=bases) == ""


@pytest.mark.parametrize(
    ("model", "keys", "fix"),
    [
        ("claude-sonnet-4-6", ("openai",), "set ANTHROPIC_API_KEY"),
        ("gpt-5", ("anthropic",), "set OPENAI_API_KEY"),
        ("groq/llama", (), "set GROQ_API_KEY"),
        ("openrouter/a/b:free", (), "set OPENROUTER_API_KEY"),
        ("frobnicate/x", ("openai",), "write PROVIDER/NAME, or set OPENAI_API_BASE"),
        ("my-own-model", ("openai",), "write PROVIDER/NAME, or set OPENAI_API_BASE"),
    ],
)
async def test_these_cannot_and_it_is_said_what_to_set(model: str, keys: tuple[str, ...], fix: str) -> None:
    assert (await problem_with(model, TABLE, keys=keys, bases=())).endswith(f": {fix}")


async def test_a_problem_names_the_model_who_is_to_use_it_and_the_setting() -> None:
    wanted = {"planner (MODEL_PLANNER)": "groq/x", "qa_agent (MODEL_QA)": "groq/x", "git_agent (MODEL_GIT)": "gpt-5"}
    assert await problems_with(wanted, TABLE, keys=("openai",), bases=()) == [
        "groq/x is wanted by planner (MODEL_PLANNER), qa_agent (MODEL_QA), but its key is not set: "
        "set GROQ_API_KEY, or choose another model"
    ]
