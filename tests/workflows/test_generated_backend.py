"""Generated backends in the sandbox: they keep their contract, pass their own tests, and those tests notice what is gone."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import pytest

from core.findings import Finding
from core.plan import Plan
from core.ports import SandboxProvider
from core.standard.document import openapi
from core.types import AgentName, JsonObject
from llm.offline.faults import FAULTS
from llm.offline.lessons import LESSONS
from tests import plans
from tests.generated import backend_files, backend_tests, database_files
from tests.unit.llm.offline.awkward import awkward_plan
from tests.unit.llm.offline.nasty import nasty_entities_plan, nasty_fields_plan
from tests.unit.llm.offline.rare_rules import poll_plan, studio_plan, wordy_plan
from tests.workflows.checking import local_sandbox
from tests.workflows.fault_findings import recorded
from tests.workflows.mutants import COMMAND, Mutant, backend, mutants, survives
from tests.workflows.openapi_diff import differences
from tools.boxes import Subject
from tools.checks.application import check_application
from tools.checks.backend import check_lint
from tools.checks.tests import check_tests
from tools.routing import assign_owners

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]
PLANS = (*plans.ALL, awkward_plan, poll_plan, studio_plan, wordy_plan, nasty_fields_plan, nasty_entities_plan)
TESTED = (plans.todo_plan, plans.issue_plan, studio_plan, awkward_plan, poll_plan, nasty_fields_plan)
"""Together these have every kind of field and nearly every kind of rule; others are tested where whole tasks are."""
Make = Callable[[], Plan]
GENERATE = {
    AgentName.BACKEND: backend_files, AgentName.DATABASE: database_files, AgentName.QA: backend_tests,
}  # fmt: skip
DOCUMENT = "cd backend && python -c 'import json; from app.main import app; print(json.dumps(app.openapi()))'"
SCHEMATHESIS = """
cd backend
export PASSWORD_MEMORY_KIB=64 SECRET_KEY=only-for-tests-only-for-tests-only-for-tests
alembic upgrade head
uvicorn app.main:app --port 8011 --log-level error & server=$!
python -c "
import time, urllib.request
for _ in range(600):
    try:
        urllib.request.urlopen('http://127.0.0.1:8011/health'); break
    except OSError: time.sleep(0.1)
"
schemathesis run contract.json --url http://127.0.0.1:8011 --checks all --mode all --max-examples 10 --seed 7 \\
    --max-redirects 0 --exclude-checks $EXCEPT > run.txt 2>&1
result=$?
tail -60 run.txt
kill $server
exit $result
"""


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[SandboxProvider]:
    async with local_sandbox(tmp_path) as found:
        yield found


@pytest.mark.parametrize("make", PLANS, ids=lambda make: make.__name__)
async def test_the_application_documents_exactly_its_contract(provider: SandboxProvider, make: Make) -> None:
    plan = make()
    sandbox = await provider.open("contract", "python", backend(plan))
    result = await sandbox.run(["sh", "-c", DOCUMENT])
    assert result.ok, result.output
    documented: JsonObject = json.loads(result.output)
    assert differences(openapi(plan), documented) == []


@pytest.mark.parametrize("make", TESTED, ids=lambda make: make.__name__)
async def test_the_application_passes_its_own_tests(provider: SandboxProvider, make: Make) -> None:
    sandbox = await provider.open("tests", "python", backend(make()) | backend_tests(make()))
    result = await sandbox.run(["sh", "-c", COMMAND])
    assert result.ok, result.output[-4000:]
    assert "warning" not in result.output


async def test_schemathesis_finds_nothing(provider: SandboxProvider) -> None:
    """Positive acceptance is left out: an id that no row has fits the contract, and is 422 by the rules of the house."""
    plan = plans.library_plan()
    files = backend(plan) | {"backend/contract.json": json.dumps(openapi(plan))}
    sandbox = await provider.open("fuzz", "python", files)
    result = await sandbox.run(["sh", "-c", SCHEMATHESIS], env={"EXCEPT": "positive_data_acceptance"})
    assert result.ok, result.output[-6000:]
    assert re.search(r"(\d{3,}) generated, \1 passed", result.output)


async def test_a_sample_of_what_can_be_taken_out_is_noticed(provider: SandboxProvider) -> None:
    """One of each sort of check; `python -m tests.workflows.mutants` takes out everything, one by one."""
    plan = plans.todo_plan()
    files = backend(plan)
    sandbox = await provider.open("mutants", "python", files | backend_tests(plan))
    last: dict[str, Mutant] = {mutant.kind: mutant for mutant in mutants(files)}
    chosen = {
        kind: last[kind] for kind in ("handler", "token of a route", "own rows only", "error", "check", "constraint")
    }
    unnoticed = [
        f"{mutant.kind} at {mutant.place}"
        for mutant in chosen.values()
        if await survives(sandbox, mutant, files[mutant.path])
    ]
    assert unnoticed == []


# what is planted together, and the cheapest check that can see it
PLANTED = [
    (("broken_import",), "application"), (("failing_migration",), "application"), (("wrong_status_code",), "application"),
    (("renamed_field",), "application"), (("missing_authorization",), "application"), (("n_plus_one",), "application"),
    (("unbounded_list",), "application"), (("lost_filter",), "application"), (("sql_by_string",), "lint"),
    (("secret_in_code",), "lint"), (("missing_404",), "tests"), (("broken_test",), "tests"),
    (("missing_validation", "wrong_default"), "tests"), (("forgotten_rule", "unchecked_reference"), "tests"),
    (("unknown_fields", "ignored_sort", "boundless_page"), "application"), (("wrong_total", "open_origins"), "tests"),
    (("forgotten_index", "lost_column", "nullable_column", "missing_unique", "half_downgrade"), "application"),
    (("wrong_refusal",), "tests"),
]  # fmt: skip


@pytest.mark.parametrize(("names", "check"), PLANTED, ids=["-".join(names) for names, _ in PLANTED])
async def test_a_planted_mistake_is_found_by_name_and_goes_to_its_owner(
    provider: SandboxProvider, names: tuple[str, ...], check: str
) -> None:
    faults = [FAULTS[name] for name in names]
    agent = faults[0].agent
    made = [make() for make in PLANS]
    plan = next(plan for plan in made if all(fault.applies(GENERATE[agent](plan), plan) for fault in faults))
    shown = tuple(entry for entry in plan.agents if entry.agent is not AgentName.FRONTEND)
    plan = plan.model_copy(update={"agents": shown})
    parts = {name: generate(plan) for name, generate in GENERATE.items()}
    for fault in faults:
        parts[agent] = fault.inject(parts[agent], plan)
    contract = openapi(plan)
    files = {"contract/openapi.json": json.dumps(contract), "contract/plan.json": plan.model_dump_json()}
    files |= {path: text for part in parts.values() for path, text in part.items()}
    found = await _findings(Subject(provider, "faults", plan, contract, files), check)
    owned = [finding for finding in assign_owners(plan, tuple(found)) if finding.owner is agent]
    for fault in faults:
        naming = [finding for finding in owned if fault.named_by([finding])]
        assert naming, [(finding.owner, finding.file, finding.message) for finding in found]
        assert any(LESSONS[fault.name].taught_by(finding.message) for finding in owned)
        kept = {finding.check for finding in recorded()[fault.name]}
        assert {finding.check for finding in naming} & kept, "tests/data/fault_findings.json is out of date"


async def _findings(subject: Subject, check: str) -> Iterable[Finding]:
    match check:
        case "application":
            results, _ = await check_application(subject)
        case "lint":
            results = await check_lint(subject)
        case _:
            results = [(await check_tests(subject))[0]]
    return [finding for result in results for finding in result.findings]


def test_every_backend_mistake_is_looked_for() -> None:
    planted = {name for names, _ in PLANTED for name in names}
    assert planted == {name for name, fault in FAULTS.items() if fault.agent in GENERATE}
