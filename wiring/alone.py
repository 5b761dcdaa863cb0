"""One agent works alone on what everybody else would have written: the offline model's work, which is right."""

import contextlib
import json
from collections.abc import Collection, Mapping
from dataclasses import replace

from agents.context import Brief
from agents.deciders import read_review
from agents.planner import CONTRACT_PATH, PLAN_PATH, read_contract, read_proposal
from agents.registry import AGENTS
from core.computing import compute
from core.errors import InvalidInput
from core.findings import QaReport, Review
from core.plan import Plan
from core.ports import SandboxProvider
from core.types import AgentName
from evals.arms import Turn, Work
from evals.datasets import Edit
from graph.build.judging import describe_evidence, open_findings
from llm.offline.builders import whole_part
from llm.offline.planning import plan_sentence
from starter import files as starter_files
from tools.qa import run_qa
from tools.routing import assign_owners
from wiring.application import Application


async def take_turn(application: Application, boxes: SandboxProvider, turn: Turn) -> Work:
    """The agent mends what the edits spoilt, or writes its part; then all checks run on the whole."""
    given, plan = await compute(given_files, turn.sentence, None if turn.edits else turn.agent)
    files = spoilt(given, turn.edits)
    step = "fix" if turn.edits else "tests" if turn.agent is AgentName.QA else "build"
    brief = Brief(
        task_id=turn.task_id,
        step=step,
        sentence=turn.sentence,
        plan=plan,
        contract=json.loads(files[CONTRACT_PATH]),
        files=files,
        findings=tuple(finding.model_copy(update={"owner": turn.agent}) for finding in turn.findings),
    )
    thinking = application.thinking
    result = await AGENTS[turn.agent].run(brief, thinking)
    after = {path: text for path, text in {**files, **result.files}.items() if path not in result.deletes}
    contract = read_contract(after[CONTRACT_PATH])
    report = await run_qa(boxes, turn.task_id, plan, contract, after, tracing=thinking.tracing)
    judged = await _review(application, brief, after, report) if turn.reviewed else None
    return Work(after, report, assign_owners(plan, open_findings(report, judged)))


async def _review(application: Application, brief: Brief, files: Mapping[str, str], report: QaReport) -> Review:
    asked = replace(brief, step="review", files=files, findings=(), extra={"evidence": describe_evidence(report)})
    return read_review((await AGENTS[AgentName.REVIEWER].run(asked, application.thinking)).data)


def given_files(sentence: str, left_out: AgentName | None) -> tuple[dict[str, str], Plan]:
    """The files of an application of this sentence, but for those of one agent beside the starter's; and its plan."""
    made = plan_sentence(sentence)
    if isinstance(made, str):
        raise InvalidInput(f"sentence: there is no plan for it: {made}", field="sentence")
    proposal = read_proposal({PLAN_PATH: made.model_dump_json()})
    if proposal.plan is None:
        raise InvalidInput(f"sentence: there is no plan for it: {proposal.problems[0]}", field="sentence")
    files, plan = dict(proposal.files), proposal.plan
    files |= starter_files(plan)
    for entry in plan.agents:
        if entry.agent is not left_out:
            with contextlib.suppress(KeyError):  # who decides writes nothing
                files |= whole_part(entry.agent, plan)
    return files, plan


def spoilt(files: Mapping[str, str], edits: Collection[Edit]) -> dict[str, str]:
    """Raises InvalidInput where an edit finds no place."""
    changed = dict(files)
    for edit in edits:
        if edit.old not in changed.get(edit.path, ""):
            raise InvalidInput(f"edits: {edit.path} does not hold {edit.old!r}", field="edits")
        changed[edit.path] = changed[edit.path].replace(edit.old, edit.new)
    return changed
