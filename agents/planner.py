"""The planner: the contract and the plan, checked before anybody builds on them."""

import json
from dataclasses import replace

from pydantic import ValidationError

from agents.answers import AnswerError, FilesAnswer, decode_as, decode_json, is_json_object
from agents.context import AgentContext, AgentResult, Brief
from agents.conversation import Conversation, MalformedAnswer
from agents.openapi_check import find_errors
from agents.plan_schema import compact_schema, rule_kinds
from core.computing import compute
from core.contract_text import operations_of
from core.findings import Finding
from core.loops import Call, digest, repeated_call
from core.plan import RULE_KINDS, Plan, RuleSpec
from core.types import BUILDERS, AgentName, JsonObject

PLAN_PATH = "contract/plan.json"
CONTRACT_PATH = "contract/openapi.json"
MAX_CORRECTIONS = 2


class Planner:
    """Writes plan and contract, and corrects them until they are valid (bounded)."""

    name = AgentName.PLANNER

    async def run(self, brief: Brief, context: AgentContext) -> AgentResult:
        conversation = Conversation(self.name, brief, context, "files")
        answer = await conversation.files(brief.step, **self._values(brief))
        if brief.step == "amend" and not answer.files:
            return self._result(conversation, answer, None)
        answer = await compute(standard_json, answer)
        problems = await compute(check_contract, answer)  # a tenth of a second for a large contract
        calls = [Call(self.name, brief.step, brief.iteration, "", digest(answer.files), changed=True)]
        why = f"after {MAX_CORRECTIONS} corrections"
        for _ in range(MAX_CORRECTIONS):
            if not problems:
                break
            prompt = digest(problems, answer.files)
            repeats = repeated_call(calls, prompt)
            if repeats is not None:
                why = repeats.says
                break
            correction = await conversation.files("repair", problem="\n".join(problems[:20]))
            merged = FilesAnswer({**answer.files, **correction.files}, prose=answer.prose)
            before, answer = answer, await compute(standard_json, merged)
            changed = answer.files != before.files
            calls.append(Call(self.name, "repair", brief.iteration, prompt, digest(answer.files), changed))
            problems = await compute(check_contract, answer)
        if problems:
            raise MalformedAnswer(
                f"the planner's contract stayed invalid ({why}): {problems[0]}", agent=self.name.value
            )
        return self._result(conversation, answer, read_plan(answer.files[PLAN_PATH]))

    def _values(self, brief: Brief) -> dict[str, object]:
        return {
            "plan_schema": compact_schema(Plan),
            "rule_kinds": rule_kinds(),
            "criteria": brief.criteria,
            "feedback": brief.feedback,
            "findings": brief.findings,
            "files": {path: brief.files[path] for path in (PLAN_PATH, CONTRACT_PATH) if path in brief.files},
        }

    def _result(self, conversation: Conversation, answer: FilesAnswer, plan: Plan | None) -> AgentResult:
        files = {} if plan is None else {path: answer.files[path] for path in (PLAN_PATH, CONTRACT_PATH)}
        left_out = [path for path in answer.files if path not in (PLAN_PATH, CONTRACT_PATH)]
        findings = tuple(
            Finding(check="paths", severity="low", message=f"{path} is not the planner's") for path in left_out
        )
        summary = plan.summary if plan else answer.prose
        return AgentResult(
            self.name,
            summary=summary[:300],
            files=files,
            findings=findings,
            model=conversation.model,
            prompt=conversation.prompt,
            cost_usd=conversation.cost_usd,
        )


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


def standard_json(answer: FilesAnswer) -> FilesAnswer:
    """The answer with plan and contract in JSON that every reader takes: what was only mended is written anew."""
    files = dict(answer.files)
    try:
        if PLAN_PATH in files and not _is_standard_plan(files[PLAN_PATH]):
            plan = read_plan(files[PLAN_PATH])
            files[PLAN_PATH] = plan.model_dump_json(indent=2, exclude_unset=True) + "\n"
        if CONTRACT_PATH in files and not is_json_object(files[CONTRACT_PATH]):
            files[CONTRACT_PATH] = json.dumps(read_contract(files[CONTRACT_PATH]), ensure_ascii=False, indent=2) + "\n"
    except MalformedAnswer:
        return answer  # the check that follows says what is wrong
    return replace(answer, files=files)


def _is_standard_plan(text: str) -> bool:
    try:
        Plan.model_validate_json(text)
    except ValidationError:
        return False
    return True


def check_contract(answer: FilesAnswer) -> list[str]:
    """Everything that is wrong with the planner's files, as sentences for the planner; empty when they are right."""
    missing = [path for path in (PLAN_PATH, CONTRACT_PATH) if path not in answer.files]
    if missing:
        return [f"{path} is missing" for path in missing]
    try:
        plan, contract = read_plan(answer.files[PLAN_PATH]), read_contract(answer.files[CONTRACT_PATH])
    except MalformedAnswer as error:
        return [str(error)]
    return [*_openapi_problems(contract), *_plan_problems(plan)]


def _openapi_problems(contract: JsonObject) -> list[str]:
    if not str(contract.get("openapi", "")).startswith("3.1"):
        return [f"{CONTRACT_PATH}: `openapi` must be 3.1.x"]
    problems = [f"{CONTRACT_PATH}: {error}" for error in find_errors(contract)]
    found = [operation for *_, operation in operations_of(contract)]
    ids = [name for operation in found if isinstance(name := operation.get("operationId"), str)]
    unnamed = len(found) - len(ids)
    problems += [f"{CONTRACT_PATH}: {unnamed} operations have no operationId"] if unnamed else []
    problems += [
        f"{CONTRACT_PATH}: operationId {name} occurs twice" for name in {str(i) for i in ids if ids.count(i) > 1}
    ]
    return problems or ([] if ids else [f"{CONTRACT_PATH}: there is no operation"])


def _plan_problems(plan: Plan) -> list[str]:
    taking_part = {entry.agent for entry in plan.agents}
    needed = {AgentName.BACKEND, AgentName.DATABASE, AgentName.QA}
    problems = [f"{PLAN_PATH}: {agent} must take part" for agent in sorted(needed - taking_part)]
    writers = {*BUILDERS, AgentName.QA, AgentName.DEVOPS} & taking_part
    problems += [
        f"{PLAN_PATH}: {agent} has no paths in `ownership`"
        for agent in sorted(writers)
        if not plan.ownership.get(agent)
    ]
    return problems + [problem for rule in plan.rules for problem in _rule_problems(rule)]


def _rule_problems(rule: RuleSpec) -> list[str]:
    """Params that a known kind cannot do without. Rules of other kinds are their statements."""
    kind = RULE_KINDS.get(rule.kind)
    missing = [name for name in kind.params if name not in (*rule.params, *kind.optional)] if kind else []
    return [f"{PLAN_PATH}: rule {rule.id} of kind {rule.kind} lacks the params {', '.join(missing)}"] if missing else []
