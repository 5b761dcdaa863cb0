"""The service's OpenAPI document: FastAPI's own, with problems under their media type and an example of each main shape."""

from typing import Any

from fastapi import FastAPI

from api.problems import MEDIA_TYPE
from core.types import Json

TASK_ID, INTERRUPT_ID = "3f9c2a7be1d04c55", "3f9c2a7be1d04c55-8a1b2c3d4e5f"
SENTENCE = "Build a REST API for a todo list with user auth and JWT"
PROMPT = "Todo list is ready: 10 checks passed; 160 tests run; 9 of 9 operations covered. Publish it?"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
EXAMPLES: dict[str, dict[str, Json]] = {
    "Decision": {"action": "approve", "expected_digest": DIGEST},
    "Interrupt": {
        "interrupt_id": INTERRUPT_ID,
        "task_id": TASK_ID,
        "kind": "approval",
        "prompt": PROMPT,
        "payload": {"title": "Todo list", "files": 49, "checks": ["pytest: passed"], "cost_usd": 0.0, "cap_usd": 0.5},
        "digest": DIGEST,
        "created_at": 1_800_000_000.0,
        "status": "pending",
        "decision": None,
        "decided_at": None,
        "decided_via": None,
    },
    "TaskView": {
        "task_id": TASK_ID,
        "task_description": SENTENCE,
        "workflow": "build",
        "status": "waiting_for_input",
        "caller": "ada",
        "current_agent": None,
        "pipeline": ["orchestrator", "planner", "backend_agent", "database_agent", "qa_agent", "code_reviewer"],
        "iteration": 0,
        "max_iterations": 3,
        "use_sandbox": True,
        "artifacts": {"backend/app/main.py": "from fastapi import FastAPI\n"},
        "agent_stats": {"planner": {"status": "done", "cost_usd": 0.0, "tokens": 5120, "calls": 1, "files": 2}},
        "agent_timeline": [
            {"ts": 1_800_000_000.0, "agent": "planner", "event": "agent.finished", "summary": "Todo list: keeps todos."}
        ],
        "summary": {"plan": {"title": "Todo list", "covered": ["todos"], "not_covered": []}},
        "pr_url": None,
        "demo_url": None,
        "needs_human_input": True,
        "human_input_prompt": PROMPT,
        "interrupt_id": INTERRUPT_ID,
        "budget_usd": 0.5,
        "total_cost_usd": 0.0,
        "total_tokens": 61_000,
        "forecast": {
            "source": "same_models",
            "tasks": 12,
            "usd": {"low": 0.0, "expected": 0.0, "high": 0.0},
            "tokens": {"low": 48_000, "expected": 60_000, "high": 95_000},
            "unknown_prices": [],
        },
        "output_path": None,
        "error": None,
        "created_at": 1_800_000_000.0,
        "updated_at": 1_800_000_020.0,
    },
}


class DescribedApi(FastAPI):
    """FastAPI with the finished document."""

    def openapi(self) -> dict[str, Any]:
        """The document; made once."""
        if self.openapi_schema is None:
            self.openapi_schema = _finish(super().openapi())
        return self.openapi_schema


def _finish(document: dict[str, Any]) -> dict[str, Any]:
    for item in document["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400 and "application/json" in response["content"]:
                    response["content"] = {MEDIA_TYPE: response["content"].pop("application/json")}
    for name, example in EXAMPLES.items():
        document["components"]["schemas"][name]["examples"] = [example]
    return document
