"""The step `reflect`: general rules out of what came back, none without reason, and wrong rules named."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from agents.answers import decode_json
from core.blocks import render_block
from core.errors import ModelError
from core.findings import Finding
from core.learning import ObservedFinding, ReflectionAnswer
from core.models import Message, ModelRequest
from core.types import AgentName
from llm.offline.client import OfflineModel
from llm.offline.faults import FAULTS
from llm.offline.lessons import LESSONS, covered_by
from llm.offline.poison import POISON
from tests.workflows.fault_findings import recorded

STATUS = "POST /api/events: the contract promises status 201, the application documents 200, 401, 422"
LIMIT = "GET /api/events: limit=1 gave 5 items"
INDEX = "The migrations do not make the tables of the models; to do: add index ix_notes_owner_id on notes"


def seen(*messages: str, tasks: int = 2) -> list[ObservedFinding]:
    return [
        ObservedFinding(finding_id=f"f{number}", check="contract", severity="high", message=message, tasks=tasks)
        for number, message in enumerate(messages, 1)
    ]


def observed(findings: Sequence[Finding]) -> list[ObservedFinding]:
    return [
        ObservedFinding(
            finding_id=f"f{number}", check=finding.check, severity=finding.severity, category=finding.category,
            message=finding.message, tasks=1, example=finding.file or "",
        )
        for number, finding in enumerate(findings, 1)
    ]  # fmt: skip


async def reflect(
    findings: Sequence[ObservedFinding],
    rules: Sequence[str] = (),
    agent: AgentName = AgentName.BACKEND,
    model: str = "offline/scaffold",
) -> ReflectionAnswer:
    standing = [{"id": f"r{number}", "text": text, "uses": 3, "rate": 0.5} for number, text in enumerate(rules, 1)]
    return await ask(json.dumps([one.model_dump() for one in findings]), json.dumps(standing), agent, model)


async def ask(findings: str, rules: str, agent: AgentName, model: str) -> ReflectionAnswer:
    blocks = f"{render_block('observed', findings)}\n{render_block('rules', rules, 'document')}"
    message = Message(role="user", content=f"Agent: {agent}\n\nStep: reflect\n{blocks}\n")
    asked: dict[str, Any] = {"task_id": "t1", "agent": agent, "model": model, "messages": (message,)}
    asked |= {
        "prompt_name": f"{agent}/reflect",
        "prompt_hash": "0",
        "answer_format": "json",
        "max_output_tokens": 40_000,
    }
    told = await OfflineModel().complete(ModelRequest.model_validate(asked))
    return ReflectionAnswer.model_validate(decode_json(told.text))


@pytest.mark.parametrize("kind", FAULTS)
async def test_what_was_really_found_of_a_mistake_leads_to_a_rule_that_keeps_from_it(kind: str) -> None:
    answer = await reflect(observed(recorded()[kind]), agent=FAULTS[kind].agent)
    assert kind in {covered for rule in answer.rules for covered in covered_by(rule.text)}
    assert len(answer.rules) <= 3
    assert all(rule.because for rule in answer.rules)


async def test_each_lesson_is_one_rule_that_names_all_of_its_findings() -> None:
    answer = await reflect(seen(STATUS, LIMIT, LIMIT.replace("events", "notes")))
    found = {rule.text: rule.because for rule in answer.rules}
    assert found == {
        LESSONS["wrong_status_code"].rule: ("f1",),
        LESSONS["unbounded_list"].rule: ("f2", "f3"),
    }
    assert answer.rules[0].why == "contract said so in 2 tasks."


async def test_what_a_standing_rule_says_already_is_not_proposed_again() -> None:
    answer = await reflect(seen(STATUS, LIMIT), ["Creating a resource answers with status 201."])
    assert [rule.text for rule in answer.rules] == [LESSONS["unbounded_list"].rule]
    assert answer.obsolete == ()


async def test_a_standing_rule_that_the_findings_speak_against_is_obsolete_and_no_other() -> None:
    rules = [*POISON[AgentName.BACKEND], "Creating a resource answers with status 201."]
    answer = await reflect(seen(STATUS, LIMIT), rules)
    assert answer.obsolete == ("r1", "r2")
    assert [rule.text for rule in answer.rules] == [LESSONS["unbounded_list"].rule]


async def test_what_teaches_nothing_that_is_known_leads_to_no_rule() -> None:
    answer = await reflect(seen("Something is wrong", "The page could look nicer"))
    assert answer == ReflectionAnswer()
    assert await reflect([]) == ReflectionAnswer()


async def test_an_agent_learns_only_what_its_own_work_can_get_wrong() -> None:
    assert (await reflect(seen(INDEX))).rules == ()
    answer = await reflect(seen(INDEX), agent=AgentName.DATABASE)
    assert [rule.text for rule in answer.rules] == [LESSONS["forgotten_index"].rule]
    for agent in (AgentName.PLANNER, AgentName.REVIEWER, AgentName.GIT, AgentName.ORCHESTRATOR):
        assert await reflect(seen(INDEX, STATUS), agent=agent) == ReflectionAnswer()


async def test_the_apprentice_reflects_like_the_scaffold() -> None:
    findings = seen(STATUS, LIMIT)
    assert await reflect(findings, model="offline/apprentice?seed=3") == await reflect(findings)


@pytest.mark.parametrize(("findings", "rules", "named"), [("{", "[]", "observed"), ("[]", '[{"id": 1}]', "rules")])
async def test_blocks_that_cannot_be_read_are_named(findings: str, rules: str, named: str) -> None:
    with pytest.raises(ModelError, match=f"cannot read the block '{named}' of backend_agent"):
        await ask(findings, rules, AgentName.BACKEND, "offline/scaffold")
