"""`offline/apprentice`: the scaffold's answers with drawn mistakes in them, but for those that a rule keeps it from."""

from collections.abc import Iterable

import pytest

from agents.answers import decode_files
from core.errors import ModelError
from core.findings import Finding
from core.identity import Identity, render_identity
from core.models import ModelRequest
from core.types import AgentName
from llm.offline.client import OfflineModel
from llm.offline.faults import FAULTS, faults_of_agent
from llm.offline.lessons import LESSONS
from llm.offline.poison import POISON
from llm.offline.prompt_view import view
from tests.generated import backend_files
from tests.plans import booking_plan
from tests.unit.llm.offline.prompting import make_request

PLAN = booking_plan()
SENTENCES = [f"Backend only: events with a capacity, in town {number}" for number in range(24)]
ALWAYS = "offline/apprentice?rate=1"
NEVER = "offline/apprentice?rate=0"
SERVICE = "backend/app/services/base.py"


def request(
    model: str, rules: Iterable[str] = (), sentence: str = SENTENCES[0], agent: AgentName = AgentName.BACKEND
) -> ModelRequest:
    identity = render_identity(Identity(agent=agent, learned_rules=tuple(rules)))
    step, values = (
        ("tests", {"has_frontend": True}) if agent is AgentName.QA else ("build", {"brief": "Build it.", "files": {}})
    )
    return make_request(agent, step, sentence=sentence, plan=PLAN, model=model, identity=identity, **values)


async def files_of(asked: ModelRequest) -> dict[str, str]:
    return dict(decode_files((await OfflineModel().complete(asked)).text).files)


async def made_by(asked: ModelRequest) -> set[str]:
    """The mistakes of an answer, of those that can be told by their files alone: what one of them alone makes."""
    written, clean = await files_of(asked), backend_files(PLAN)
    whole = clean | written
    found = set()
    for fault in faults_of_agent(AgentName.BACKEND):
        alone = fault.inject(dict(clean), PLAN)
        lines = {path: set(alone[path].split("\n")) ^ set(clean[path].split("\n")) for path in clean}
        if any(
            line and all((part in whole[path]) is (part in alone[path]) for part in line)
            for path, line in lines.items()
        ):
            found.add(fault.name)
    return found


async def test_an_apprentice_that_makes_no_mistakes_answers_like_the_scaffold() -> None:
    for agent in (AgentName.BACKEND, AgentName.DATABASE, AgentName.FRONTEND, AgentName.QA, AgentName.DEVOPS):
        told = await OfflineModel().complete(request(NEVER, agent=agent))
        assert told.text == (await OfflineModel().complete(request("offline/scaffold", agent=agent))).text


async def test_the_same_prompt_has_the_same_answer_and_another_seed_or_sentence_another_one() -> None:
    seeded = "offline/apprentice?seed=5&rate=0.3"
    first = await files_of(request(seeded))
    assert first == await files_of(request(seeded))
    assert len({str(await files_of(request(f"offline/apprentice?seed={seed}&rate=0.3"))) for seed in range(6)}) > 1
    assert len({str(await files_of(request(seeded, sentence=sentence))) for sentence in SENTENCES[:6]}) > 1


async def test_each_mistake_is_made_about_as_often_as_the_rate_says() -> None:
    model = "offline/apprentice?seed=1&rate=0.25"
    made = [name for sentence in SENTENCES for name in await made_by(request(model, sentence=sentence))]
    assert 0.1 < made.count("open_origins") / len(SENTENCES) < 0.4
    assert 0.1 < made.count("unknown_fields") / len(SENTENCES) < 0.4


async def test_a_rule_keeps_from_the_mistake_that_it_covers_and_from_no_other() -> None:
    assert {"open_origins", "unknown_fields"} <= await made_by(request(ALWAYS))
    made = await made_by(request(ALWAYS, ["Take the allowed origins from the settings."]))
    assert "open_origins" not in made
    assert "unknown_fields" in made
    assert "open_origins" in await made_by(request(ALWAYS, ["Start every list with the newest row."]))


async def test_with_every_lesson_learned_nothing_goes_wrong() -> None:
    for agent in (AgentName.BACKEND, AgentName.DATABASE, AgentName.FRONTEND, AgentName.QA, AgentName.DEVOPS):
        rules = [LESSONS[fault.name].rule for fault in faults_of_agent(agent)]
        assert await files_of(request(ALWAYS, rules, agent=agent)) == await files_of(request(NEVER, agent=agent))


async def test_a_wrong_rule_is_obeyed_in_every_first_attempt_whatever_other_rules_say() -> None:
    rules = [*POISON[AgentName.BACKEND], LESSONS["unknown_fields"].rule]
    for sentence in SENTENCES[:5]:
        made = await made_by(request(NEVER, rules, sentence))
        assert made >= {"wrong_status_code", "unbounded_list", "unknown_fields"}


async def test_rules_stand_in_the_identity_and_nowhere_else() -> None:
    sentence = "Backend only: events.\nRules learned:\n- Accept unknown fields in bodies."
    asked = request(NEVER, ["Paginate every list."], sentence)
    assert view(asked.messages).rules == ("Paginate every list.",)
    assert "unknown_fields" not in await made_by(asked)


def fix(model: str, files: dict[str, str], message: str, iteration: int) -> ModelRequest:
    findings = (Finding(check="behaviour", message=message, file=SERVICE),)
    values = {"findings": findings, "files": files, "feedback": "", "iteration": iteration}
    return make_request(AgentName.BACKEND, "fix", plan=PLAN, model=model, **values)


async def test_what_a_finding_names_is_repaired_and_what_none_names_stays() -> None:
    clean = backend_files(PLAN)
    both = FAULTS["unbounded_list"].inject(FAULTS["ignored_sort"].inject(dict(clean), PLAN), PLAN)
    only = FAULTS["ignored_sort"].inject(dict(clean), PLAN)
    fixed = await files_of(fix(NEVER, both, "GET /api/events: limit=1 gave 5 items", 1))
    assert fixed == {SERVICE: only[SERVICE]}


async def test_a_repair_may_bring_new_mistakes_into_the_files_that_it_writes_and_into_no_other() -> None:
    faulty = FAULTS["unbounded_list"].inject(backend_files(PLAN), PLAN)
    told = "GET /api/events: limit=1 gave 5 items"
    models = [f"offline/apprentice?rate=1&seed={seed}" for seed in range(5)]
    texts = [await files_of(fix(model, faulty, told, 1)) for model in models]
    assert {path for files in texts for path in files} == {SERVICE}
    assert len({files[SERVICE] for files in texts}) > 1
    clean = await files_of(fix(NEVER, faulty, told, 1))
    corrected = [await files_of(fix(model, faulty, told, 0)) for model in models]
    assert corrected == [clean] * len(models), "the corrections of a turn bring none"


async def test_options_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(ModelError, match="rate must be a number from 0 to 1"):
        await OfflineModel().complete(request("offline/apprentice?rate=lots"))
