"""What real checks say of each mistake that the offline model can make, alone in an application.

`python -m tests.workflows.fault_findings` writes tests/data/fault_findings.json anew, or of the faults that it is given.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter

from core.findings import MINIMUM_SCORE, CheckResult, Finding
from core.plan import Plan
from core.ports import SandboxProvider
from core.standard.document import openapi
from core.types import AgentName
from llm.offline.builders import whole_part
from llm.offline.faults import FAULTS, Fault
from llm.offline.planning import plan_sentence
from llm.offline.reviewing import review
from starter import files as starter_files
from tests.workflows.checking import local_sandbox
from tools.boxes import Subject
from tools.checks import frontend
from tools.checks.application import check_application
from tools.checks.backend import check_lint
from tools.checks.own_files import check_own_files
from tools.checks.tests import check_tests
from tools.qa import unusable, with_exchanges
from tools.routing import assign_owners

PATH = Path(__file__).parents[1] / "data" / "fault_findings.json"
SENTENCES = (
    "Backend only: events with a capacity, bookings by registered users, no overbooking",
    "Event booking: events with a capacity, bookings by registered users, no overbooking",
    "Backend only: a todo list with user auth and JWT",
)
KEPT = 6
"""Findings that are kept of a mistake; those that name it first."""
_FINDINGS = TypeAdapter(dict[str, tuple[Finding, ...]])


def recorded() -> Mapping[str, tuple[Finding, ...]]:
    """By the name of the mistake, what was found when it was made."""
    return _FINDINGS.validate_json(PATH.read_bytes())


async def findings_of(provider: SandboxProvider, fault: Fault) -> tuple[Finding, ...]:
    """Plant it, ask the checks of its maker, and the reviewer when they find nothing."""
    for sentence in SENTENCES:
        plan = plan_sentence(sentence)
        assert isinstance(plan, Plan), sentence
        if plan.ownership.get(fault.agent) and fault.applies(whole_part(fault.agent, plan), plan):
            break
    else:
        raise AssertionError(f"no sentence has a place for {fault.name}")
    contract = openapi(plan)
    parts = {agent: whole_part(agent, plan) for agent in AgentName if plan.ownership.get(agent) and agent in _MAKERS}
    own = fault.inject(parts[fault.agent], plan)
    files = {path: text for part in parts.values() for path, text in part.items()} | own
    files |= {"contract/plan.json": plan.model_dump_json(), "contract/openapi.json": json.dumps(contract)}
    subject = Subject(provider, "faults", plan, contract, files)
    results = [await check_own_files(provider, "faults", fault.agent, own, files)]
    if not fault.named_by(results[0].findings):
        results = await (_shown(subject) if fault.agent is AgentName.FRONTEND else _served(subject))
    found = [finding for result in results for finding in result.findings]
    if not found:
        beside = starter_files(plan)
        source = {path: text for path, text in own.items() if beside.get(path) != text}
        answer = review(plan, contract, source, "", MINIMUM_SCORE, beside=beside)
        told = TypeAdapter(list[dict[str, object]]).validate_python(answer["findings"])
        found = [Finding.model_validate({**one, "check": "review"}) for one in told]
    owned = assign_owners(plan, found)
    return tuple(sorted(owned, key=lambda finding: not fault.named_by([finding])))


_MAKERS = frozenset({AgentName.BACKEND, AgentName.DATABASE, AgentName.FRONTEND, AgentName.QA, AgentName.DEVOPS})


async def _shown(subject: Subject) -> list[CheckResult]:
    files = await frontend.with_types(subject)
    return [await frontend.check_types(subject, files), await frontend.check_units(subject, files)]


async def _served(subject: Subject) -> list[CheckResult]:
    results, _ = await check_application(subject)
    loaded = {result.name: result for result in results}
    linted = await check_lint(subject)
    if unusable(loaded):
        return [*results, *linted]
    tested, broken, _ = await check_tests(subject)
    loaded["contract"] = with_exchanges(loaded["contract"], broken)
    return [*loaded.values(), tested, *linted]


async def _collect(names: list[str]) -> None:
    known = dict(recorded()) if PATH.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        async with local_sandbox(Path(folder)) as provider:
            for name in names or list(FAULTS):
                found = await findings_of(provider, FAULTS[name])
                short = (finding.model_copy(update={"evidence": ""}) for finding in found[:KEPT])
                known[name] = tuple(short)
                ordered = {fault: known[fault] for fault in FAULTS if fault in known}
                PATH.write_bytes(_FINDINGS.dump_json(ordered, indent=1, exclude_defaults=True) + b"\n")


if __name__ == "__main__":
    asyncio.run(_collect(sys.argv[1:]))
