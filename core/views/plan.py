"""The contract and the briefs, from the planner's files in a task's workspace."""

import json
from collections.abc import Mapping

from pydantic import TypeAdapter, ValidationError

from core.errors import Damaged, NotFound
from core.plan import Plan
from core.task_views import AgentBrief, TaskPlan
from core.tasks import Task
from core.types import AgentName, JsonObject

PLAN_PATH, CONTRACT_PATH = "contract/plan.json", "contract/openapi.json"
_OBJECT: TypeAdapter[JsonObject] = TypeAdapter(JsonObject)


def task_plan(task: Task, files: Mapping[str, str]) -> TaskPlan:
    """From the texts of `PLAN_PATH` and `CONTRACT_PATH`. Raises NotFound while one is missing, Damaged for another shape."""
    if PLAN_PATH not in files or CONTRACT_PATH not in files:
        raise NotFound(missing(task))
    try:
        plan = Plan.model_validate_json(files[PLAN_PATH])
        document, openapi = (_OBJECT.validate_python(json.loads(files[path])) for path in (PLAN_PATH, CONTRACT_PATH))
    except (ValidationError, ValueError) as error:
        raise Damaged(f"the plan of task {task.task_id} cannot be read: {str(error)[:200]}") from error
    return TaskPlan(
        title=plan.title,
        summary=plan.summary,
        covered=plan.covered,
        not_covered=plan.not_covered,
        briefs=tuple(_brief(agent, plan, task) for agent in AgentName),
        openapi=openapi,
        plan=document,
    )


def missing(task: Task) -> str:
    """What to say while there is no plan."""
    if task.status.final:
        return f"task {task.task_id} ended before it had a plan"
    return f"task {task.task_id} has no plan yet: the planner has not finished"


def _brief(agent: AgentName, plan: Plan, task: Task) -> AgentBrief:
    entry = next((entry for entry in plan.agents if entry.agent is agent), None)
    takes_part = entry is not None or agent in task.pipeline
    return AgentBrief(
        agent=agent,
        brief=entry.brief if entry else "",
        owns=plan.ownership.get(agent, ()),
        takes_part=takes_part,
        why=entry.why if entry else "takes part in every task" if takes_part else "the plan has nothing for it to do",
    )
