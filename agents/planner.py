"""The planner: the plan and the contract that is made from it, checked before anybody builds on them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from agents.answers import AnswerError, FilesAnswer, decode_as, decode_json
from agents.context import AgentContext, AgentResult, Brief
from agents.conversation import Conversation, MalformedAnswer
from agents.openapi_check import find_errors
from agents.plan_check import plan_problems
from agents.plan_schema import compact_schema, rule_kinds
from core.computing import compute
from core.contract_text import operations_of
from core.findings import Finding
from core.loops import Call, digest, repeated_call
from core.ownership import CI_PATHS, ShippedBy
from core.plan import Plan
from core.standard.joining import beyond, complete
from core.types import AgentName, JsonObject

PLAN_PATH = "contract/plan.json"
CONTRACT_PATH = "contract/openapi.json"
MAX_CORRECTIONS = 2


@dataclass(frozen=True)
class Proposal:
    """The plan, and both files as they are committed, the contract whole; or what is wrong, as sentences for the planner."""

    plan: Plan | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


class Planner:
    """Writes the plan, and of the contract what does not follow from it; corrects both until they are valid (bounded)."""

    name = AgentName.PLANNER

    async def run(self, brief: Brief, context: AgentContext) -> AgentResult:
        conversation = Conversation(self.name, brief, context, "files")
        files = await compute(own_files, brief.files) if brief.step == "amend" else {}
        answer = await conversation.files(brief.step, **self._values(brief, files))
        if brief.step == "amend" and not answer.files and not answer.deletes:
            return self._result(conversation, answer)
        files = _answered(files, answer)
        shipped_by = code_host(brief)
        proposal = await compute(read_proposal, files, shipped_by)  # a tenth of a second for a large contract
        calls = [Call(self.name, brief.step, brief.iteration, "", digest(files), changed=True)]
        why = f"after {MAX_CORRECTIONS} corrections"
        for _ in range(MAX_CORRECTIONS):
            if not proposal.problems:
                break
            prompt = digest(proposal.problems, files)
            repeats = repeated_call(calls, prompt)
            if repeats is not None:
                why = repeats.says
                break
            correction = await conversation.files("repair", problem="\n".join(proposal.problems[:20]))
            before, files = files, _answered(files, correction)
            calls.append(Call(self.name, "repair", brief.iteration, prompt, digest(files), files != before))
            proposal = await compute(read_proposal, files, shipped_by)
        if proposal.problems:
            raise MalformedAnswer(
                f"the planner's contract stayed invalid ({why}): {proposal.problems[0]}", agent=self.name.value
            )
        return self._result(conversation, answer, proposal)

    def _values(self, brief: Brief, files: Mapping[str, str]) -> dict[str, object]:
        return {
            "plan_schema": compact_schema(Plan),
            "rule_kinds": rule_kinds(),
            "criteria": brief.criteria,
            "feedback": brief.feedback,
            "by_agents": brief.by_agents,
            "findings": brief.findings,
            "files": files,
        }

    def _result(self, conversation: Conversation, answer: FilesAnswer, proposal: Proposal | None = None) -> AgentResult:
        plan = proposal.plan if proposal else None
        left_out = [path for path in answer.files if path not in (PLAN_PATH, CONTRACT_PATH)]
        findings = tuple(
            Finding(check="paths", severity="low", message=f"{path} is not the planner's") for path in left_out
        )
        return AgentResult(
            self.name,
            summary=(plan.summary if plan else answer.prose)[:300],
            files=proposal.files if proposal else {},
            findings=findings,
            model=conversation.model,
            prompt=conversation.prompt,
            cost_usd=conversation.cost_usd,
        )


def own_files(files: Mapping[str, str]) -> dict[str, str]:
    """The files as the planner wrote them: the plan, and of the contract what does not follow from it, if there is such a thing.

    Raises MalformedAnswer.
    """
    if PLAN_PATH not in files:
        return {}
    own = {PLAN_PATH: files[PLAN_PATH]}
    contract = read_contract(files[CONTRACT_PATH]) if CONTRACT_PATH in files else {}
    more = beyond(read_plan(files[PLAN_PATH]), contract) if contract else {}
    return {**own, CONTRACT_PATH: _json(more)} if more else own


def _answered(files: Mapping[str, str], answer: FilesAnswer) -> dict[str, str]:
    """The planner's files after an answer."""
    now = {**files, **answer.files}
    return {path: text for path, text in now.items() if path in answer.files or path not in answer.deletes}


def code_host(brief: Brief) -> ShippedBy:
    """The code host that the brief names, whose CI the application gets; GitHub's where it names none that has one."""
    named = brief.extra.get("code_host")
    return next((host for host in CI_PATHS if host == named), "github")


def read_proposal(files: Mapping[str, str], shipped_by: ShippedBy = "github") -> Proposal:
    """What the planner's files come to, for an application whose CI is that of `shipped_by`."""
    if PLAN_PATH not in files:
        return Proposal(problems=(f"{PLAN_PATH} is missing",))
    try:
        plan = read_plan(files[PLAN_PATH]).shipped_by(shipped_by)
        given = read_contract(files[CONTRACT_PATH]) if files.get(CONTRACT_PATH, "").strip() else {}
    except MalformedAnswer as error:
        return Proposal(problems=(str(error),))
    if problems := plan_problems(plan):
        return Proposal(problems=tuple(f"{PLAN_PATH}: {problem}" for problem in problems))
    problems = _shape_problems(given)
    contract = {} if problems else complete(plan, given)
    if problems := problems or _openapi_problems(contract):
        return Proposal(problems=tuple(f"{CONTRACT_PATH}: {problem}" for problem in problems))
    return Proposal(plan, {PLAN_PATH: _standard_plan(files[PLAN_PATH], plan), CONTRACT_PATH: _json(contract)})


def _standard_plan(text: str, plan: Plan) -> str:
    """The planner's own text where every reader of JSON takes it for this plan; else the plan is written anew."""
    try:
        if Plan.model_validate_json(text) == plan:
            return text
    except ValidationError:
        pass  # it was mended
    return plan.model_dump_json(indent=2, exclude_unset=True) + "\n"


def _json(document: JsonObject) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def read_plan(text: str) -> Plan:
    """Parse `contract/plan.json`. Raises MalformedAnswer with what is wrong."""
    try:
        return decode_as(text, Plan)
    except AnswerError as error:
        raise MalformedAnswer(f"{PLAN_PATH}: {error}") from error


def read_contract(text: str) -> JsonObject:
    """Parse `contract/openapi.json`. Raises MalformedAnswer."""
    try:
        return decode_json(text)
    except AnswerError as error:
        raise MalformedAnswer(f"{CONTRACT_PATH}: {error}") from error


def _shape_problems(given: JsonObject) -> list[str]:
    """What keeps a document from being joined to another one."""
    parts = {"paths": given.get("paths", {}), "components": given.get("components", {})}
    if isinstance(parts["components"], dict):
        parts["components.schemas"] = parts["components"].get("schemas", {})
    return [f"`{name}` must be an object" for name, part in parts.items() if not isinstance(part, dict)]


def _openapi_problems(contract: JsonObject) -> list[str]:
    if not str(contract.get("openapi", "")).startswith("3.1"):
        return ["`openapi` must be 3.1.x"]
    unnamed = sum("operationId" not in operation for *_, operation in operations_of(contract))
    return [*find_errors(contract), *([f"{unnamed} operations have no operationId"] if unnamed else [])]
