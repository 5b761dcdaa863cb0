"""An agent that says that a finding is wrong is heard: by the reviewer, by who wrote the test, and at last by a person."""

from pathlib import Path

import pytest

from core.events import Notice, Routed
from core.models import ModelRequest, ModelResponse
from core.ports import OnDelta
from core.tasks import Interrupt, InterruptKind
from llm.offline.client import OfflineModel
from tests.workflows.house import Call, House, Interfere, open_house
from tests.workflows.test_loops import BACK, MAIN, QA, playing

pytestmark = [pytest.mark.sandbox]
WHY = "The health check is in app/api/health.py, which main.py includes with every router."
SAYS = "The contract promises ok, and no other word."
TEST = "backend/tests/test_words.py"
RIGHT = """from tests.client import Api


def test_the_service_is_well(api: Api) -> None:
    assert api.get("/health").body == {"status": "ok"}
"""
WRONG = RIGHT.replace("ok", "fine")


async def settled(house: House, *, use_sandbox: bool = False) -> Interrupt:
    return await house.question((await house.settled((await house.submit(use_sandbox=use_sandbox)).task_id)).task_id)


async def routes(house: House, task_id: str) -> list[Routed]:
    return [entry.event for entry in await house.events(task_id) if isinstance(entry.event, Routed)]


def file(path: str, text: str) -> str:
    return f"Done.\n\n````python path={path}\n{text}````\n"


async def test_a_reviewer_reads_the_objection_and_may_drop_the_finding(tmp_path: Path) -> None:
    play = playing([[(MAIN, "there is no health check")], []], lambda call: WHY)
    async with open_house(tmp_path / "data", play) as house:
        asked = await settled(house)
        assert asked.kind is InterruptKind.APPROVAL, asked.prompt
        heard = f"backend_agent changed nothing in answer to what was found, and says: {WHY}"
        reviews = [call.request.messages[-1].content for call in house.model.calls if call.step == "review"]
        assert [heard in text for text in reviews] == [False, True]
        told = [entry.event.text for entry in await house.events(asked.task_id) if isinstance(entry.event, Notice)]
        assert f"backend_agent left its files as they are: {WHY}" in told


async def test_a_finding_that_stays_goes_to_a_person_with_the_objection(tmp_path: Path) -> None:
    play = playing([[(MAIN, "there is no health check")]], lambda call: WHY)
    async with open_house(tmp_path / "data", play) as house:
        asked = await settled(house)
        assert asked.kind is InterruptKind.ESCALATION
        assert asked.payload["objections"] == [{"agent": "backend_agent", "says": WHY}]


class WithAWrongTest(OfflineModel):
    """qa_agent writes one more test than it otherwise would."""

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        response = await super().complete(request, on_delta)
        first = request.agent is QA and len(request.messages) == 2
        return response.model_copy(update={"text": response.text + file(TEST, WRONG)}) if first else response


def arguing(second_look: str) -> Interfere:
    """qa_agent adds a test that nothing can pass, for which the code is blamed; `second_look` is its answer to the objection."""

    def interfere(call: Call) -> str | None:
        if call.step != "fix" or call.agent not in (BACK, QA):
            return None
        return SAYS if call.agent is BACK else second_look

    return interfere


@pytest.mark.toolchain
async def test_who_wrote_the_test_is_asked_when_the_owner_of_the_code_objects(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", arguing(file(TEST, RIGHT))) as house:
        house.model.inner = WithAWrongTest()
        asked = await settled(house, use_sandbox=True)
        assert asked.kind is InterruptKind.APPROVAL, asked.prompt
        assert [route.to for route in await routes(house, asked.task_id)] == [(BACK,), (QA,)]
        (prompt,) = [
            call.request.messages[-1].content for call in house.model.calls if (call.agent, call.step) == (QA, "fix")
        ]
        assert f"backend_agent says that the test is wrong and not the code: {SAYS}" in prompt
        assert f'<block name="{TEST}"' in prompt
        assert (await house.files(asked.task_id))[TEST] == RIGHT


@pytest.mark.toolchain
async def test_a_test_that_both_stand_by_goes_to_a_person(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data", arguing("The sentence wants another word.")) as house:
        house.model.inner = WithAWrongTest()
        asked = await settled(house, use_sandbox=True)
        assert asked.kind is InterruptKind.ESCALATION
        assert [route.to for route in await routes(house, asked.task_id)] == [(BACK,), (QA,), ()]
        assert asked.payload["objections"] == [{"agent": "qa_agent", "says": "The sentence wants another word."}]
        assert "the last round changed nothing: the files are what they were after the first attempt" in asked.prompt
