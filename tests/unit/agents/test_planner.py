"""The planner writes what does not follow from its plan; what is committed is whole."""

import json
from pathlib import Path
from typing import Any

import pytest

from agents.conversation import MalformedAnswer
from agents.planner import CONTRACT_PATH, PLAN_PATH, Planner, read_proposal
from core.contract_text import operations_of
from core.plan import Plan
from core.standard.document import openapi
from core.types import JsonObject
from llm.offline.answers import render_files
from tests.plans import links_plan
from tests.unit.agents.thinking import Sayings, brief, thinking

PLAN = links_plan()
WRITTEN = PLAN.model_dump_json(indent=2) + "\n"
DONE: JsonObject = {"description": "Done"}
REPEATED = "at its root: Operation ID 'health' for 'get' in '/a' is not unique"
STARS: JsonObject = {"paths": {"/api/stars": {"get": {"operationId": "count_stars", "responses": {"200": DONE}}}}}


def committed(contract: JsonObject) -> str:
    return json.dumps(contract, indent=2, ensure_ascii=False) + "\n"


def ids(contract: Any) -> set[str]:
    return {str(operation["operationId"]) for *_, operation in operations_of(contract)}


async def test_a_plan_alone_is_the_standard_contract(tmp_path: Path) -> None:
    model = Sayings([render_files("Planned.", {PLAN_PATH: WRITTEN})])
    async with thinking(tmp_path, model) as context:
        result = await Planner().run(brief("plan", plan=None, contract=None), context)
    assert result.files == {PLAN_PATH: WRITTEN, CONTRACT_PATH: committed(openapi(PLAN))}


async def test_a_plan_that_was_only_mended_is_committed_in_standard_json(tmp_path: Path) -> None:
    written = PLAN.model_dump_json(exclude_defaults=True, indent=1).replace('"type": "url"', '"type": "URL"')
    assert '"URL"' in written
    answer = {PLAN_PATH: written.removesuffix("}") + ",}", CONTRACT_PATH: repr(openapi(PLAN))}
    model = Sayings([render_files("Planned.", answer)])
    async with thinking(tmp_path, model) as context:
        result = await Planner().run(brief("plan", plan=None, contract=None), context)
    assert len(model.requests) == 1
    assert Plan.model_validate_json(result.files[PLAN_PATH]) == PLAN
    assert json.loads(result.files[CONTRACT_PATH]) == openapi(PLAN)


@pytest.mark.parametrize(
    ("named", "host"),
    [("gitlab", "gitlab"), ("bitbucket", "bitbucket"), ("github", "github"), ("local", "github"), (None, "github")],
)
async def test_the_plan_is_made_for_the_code_host_that_the_brief_names(
    tmp_path: Path, named: str | None, host: str
) -> None:
    said = PLAN.shipped_by("bitbucket").model_dump_json()  # what a model says of it does not count
    async with thinking(tmp_path, Sayings([render_files("Planned.", {PLAN_PATH: said})])) as context:
        result = await Planner().run(
            brief("plan", plan=None, contract=None, extra={"code_host": named} if named else {}), context
        )
    plan = Plan.model_validate_json(result.files[PLAN_PATH])
    assert plan.code_host == host
    assert plan == PLAN.shipped_by(plan.code_host)


async def test_what_does_not_hold_together_is_asked_for_again_and_what_is_right_need_not_be_said_twice(
    tmp_path: Path,
) -> None:
    lost: JsonObject = {"$ref": "#/components/schemas/Lost"}
    broken = json.loads(json.dumps(STARS))
    broken["paths"]["/api/stars"]["get"]["responses"]["200"]["content"] = {"application/json": {"schema": lost}}
    model = Sayings(
        [
            render_files("Planned.", {PLAN_PATH: WRITTEN, CONTRACT_PATH: committed(broken)}),
            render_files("Mended.", {CONTRACT_PATH: committed(STARS)}),
        ]
    )
    async with thinking(tmp_path, model) as context:
        result = await Planner().run(brief("plan", plan=None, contract=None), context)
    assert "the reference /components/schemas/Lost does not resolve" in model.requests[1].messages[-1].content
    assert ids(json.loads(result.files[CONTRACT_PATH])) == {*ids(openapi(PLAN)), "count_stars"}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"paths": []}, "`paths` must be an object"),
        ({"components": "none"}, "`components` must be an object"),
        ({"components": {"schemas": []}}, "`components.schemas` must be an object"),
        ({"openapi": "3.0.3"}, "`openapi` must be 3.1.x"),
        ({"paths": {"/a": {"get": {"responses": {"200": DONE}}}}}, "1 operations have no operationId"),
        ({"paths": {"/a": {"get": {"operationId": "health", "responses": {"200": DONE}}}}}, REPEATED),
    ],
)  # fmt: skip
def test_a_contract_that_cannot_be_one_is_told_why(given: JsonObject, problem: str) -> None:
    files = {PLAN_PATH: WRITTEN, CONTRACT_PATH: json.dumps(given)}
    assert read_proposal(files).problems == (f"{CONTRACT_PATH}: {problem}",)


def test_an_empty_file_adds_nothing() -> None:
    assert read_proposal({PLAN_PATH: WRITTEN, CONTRACT_PATH: "\n"}) == read_proposal({PLAN_PATH: WRITTEN})


async def test_a_plan_that_contradicts_itself_stays_invalid_after_its_corrections(tmp_path: Path) -> None:
    wrong = WRITTEN.replace('"search": [', '"search": ["colour", ')
    assert wrong != WRITTEN
    model = Sayings([render_files(f"Take {number}.", {PLAN_PATH: wrong + " " * number}) for number in range(3)])
    async with thinking(tmp_path, model) as context:
        with pytest.raises(MalformedAnswer, match="search names colour, which is no field of it"):
            await Planner().run(brief("plan", plan=None, contract=None), context)


async def test_a_change_is_shown_what_goes_beyond_the_plan_and_keeps_it(tmp_path: Path) -> None:
    entity = PLAN.entities[0]
    files = {
        PLAN_PATH: WRITTEN,
        CONTRACT_PATH: committed({**openapi(PLAN), "paths": {**_paths(PLAN), **_paths_of(STARS)}}),
    }
    edit = (
        f"Renamed.\n\n````edit path={PLAN_PATH}\n<<<<<<< SEARCH\n"
        f'      "label": "{entity.label}",\n=======\n      "label": "Short link",\n>>>>>>> REPLACE\n````\n'
    )
    model = Sayings([edit])
    async with thinking(tmp_path, model) as context:
        result = await Planner().run(brief("amend", plan=PLAN, files=files, feedback="call it short link"), context)
    asked = model.requests[0].messages[-1].content
    assert "/api/stars" in asked
    assert "/api/links" not in asked.split(f"{CONTRACT_PATH}")[1].split("</block>")[0]
    contract = json.loads(result.files[CONTRACT_PATH])
    assert ids(contract) == {*ids(openapi(PLAN)), "count_stars"}
    assert contract["paths"]["/api/links"]["post"]["summary"] == "Create a new short link"


async def test_what_went_beyond_the_plan_may_be_deleted(tmp_path: Path) -> None:
    files = {
        PLAN_PATH: WRITTEN,
        CONTRACT_PATH: committed({**openapi(PLAN), "paths": {**_paths(PLAN), **_paths_of(STARS)}}),
    }
    model = Sayings([f"Nobody counts stars.\n\n````delete path={CONTRACT_PATH}\n````\n"])
    async with thinking(tmp_path, model) as context:
        result = await Planner().run(brief("amend", plan=PLAN, files=files, feedback="no stars"), context)
    assert json.loads(result.files[CONTRACT_PATH]) == openapi(PLAN)


def _paths(plan: Plan) -> JsonObject:
    return _paths_of(openapi(plan))


def _paths_of(contract: JsonObject) -> JsonObject:
    paths = contract["paths"]
    assert isinstance(paths, dict)
    return paths
