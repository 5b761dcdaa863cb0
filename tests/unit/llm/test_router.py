"""Which client serves a model, and with which parameters."""

import pytest

from core.types import AgentName
from llm.parameters import Parameters
from llm.router import RouterClient
from tests.unit.llm.scripted import ScriptedClient, a_request


@pytest.mark.parametrize(
    ("model", "served_by"),
    [
        ("offline/scaffold?price=0.01", "offline"),
        ("mailbox/inbox", "mailbox"),
        ("claude-sonnet-4-6", "remote"),
        ("ollama/qwen3", "remote"),
        ("openrouter/some/model:free", "remote"),
    ],
)
async def test_a_model_is_served_by_the_client_of_its_name(model: str, served_by: str) -> None:
    clients = [ScriptedClient(name) for name in ("offline", "mailbox", "remote")]
    router = RouterClient(offline=clients[0], mailbox=clients[1], remote=clients[2])
    assert (await router.complete(a_request(model=model))).text == served_by
    await router.close()
    assert [client.closed for client in clients] == [1, 1, 1]


async def test_parameters_are_laid_from_provider_to_model_to_agent_to_call() -> None:
    remote = ScriptedClient()
    router = RouterClient(
        offline=ScriptedClient(),
        mailbox=ScriptedClient(),
        remote=remote,
        parameters=Parameters(
            {
                "claude-sonnet": {"a": "model", "b": "model", "c": "model"},
                "claude": {"a": "provider", "p": "provider"},
                "gpt": {"x": 1},
            },
            {AgentName.PLANNER: {"b": "agent", "c": "agent"}, AgentName.QA: {"y": 1}},
        ),
    )
    await router.complete(a_request(params={"c": "call"}))
    assert remote.requests[0].params == {"a": "model", "b": "agent", "c": "call", "p": "provider"}
