"""Tasks are not taken while a model of theirs cannot be asked at all."""

from pathlib import Path

import pytest

from tests.api.service import run_service

BODY = {"task_description": "a todo list", "use_sandbox": False}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"model_qa": "groq/llama"},
            "groq/llama is wanted by qa_agent (MODEL_QA), but its key is not set: set GROQ_API_KEY",
        ),
        (
            {"model_qa": "frobnicate/x"},
            "frobnicate/x is wanted by qa_agent (MODEL_QA), but its name says no provider",
        ),
        ({"openai_api_key": "k"}, "set ANTHROPIC_API_KEY"),
        ({"model_fallback": "gpt-5"}, "gpt-5 is wanted by MODEL_FALLBACK, but"),
    ],
)
async def test_a_task_is_refused_with_who_needs_what_and_everything_else_goes_on(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    async with run_service(tmp_path / "data", autonomy_offline=False, **changes) as service:
        refused = await service.http.post("/tasks", json=BODY)
        assert refused.status_code == 503
        assert said in refused.json()["detail"]
        assert (await service.http.get("/tasks")).json()["items"] == []
        assert (await service.http.get("/health")).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {
            "model_qa": "groq/llama",
            "groq_api_key": "k",
            "anthropic_api_key": "k",
            "model_orchestrator": "offline/scaffold",
        },
        {"model_qa": "my-own-model", "openai_api_base": "http://127.0.0.1:9/v1"},
        {"model_qa": "groq/llama", "autonomy_offline": True},
        {"model_qa": "groq/llama", "model_llm_params": {"groq/": {"api_key": "k"}}},
    ],
)
async def test_a_task_is_taken_when_every_model_can_be_asked(tmp_path: Path, changes: dict[str, object]) -> None:
    async with run_service(tmp_path / "data", **{"autonomy_offline": False, **changes}) as service:
        service.model.at_work.clear()  # the orchestrator's model is the first that is asked, and none but it
        taken = await service.http.post("/tasks", json=BODY)
        assert taken.status_code == 201, taken.text
