"""Free text read as a decision, by the orchestrator's model."""

from collections.abc import Sequence

from pydantic import ValidationError

from agents.context import AgentContext, Brief
from agents.registry import AGENTS
from core.budget import REPLY_BUDGET_USD, reply_account
from core.errors import BudgetExceeded, InvalidInput
from core.ports import Ledger
from core.tasks import Action, Decision, Interrupt, InterruptKind, Task
from core.types import AgentName, JsonObject

REPLY_TOKENS = 2_000
"""A decision is short; what it might take at most must fit into REPLY_BUDGET_USD several times."""


def asked_account(question: Interrupt) -> str:
    """The ledger account whose cap a question is about: the task's own unless it says another."""
    named = question.payload.get("account")
    return named if isinstance(named, str) else question.task_id


class ReplyReader:
    """Asks the orchestrator what a person's answer means."""

    def __init__(self, context: AgentContext, ledger: Ledger) -> None:
        self._context = context
        self._ledger = ledger

    async def read(self, task: Task, question: Interrupt, message: str, allowed: Sequence[Action]) -> Decision:
        """Raises InvalidInput with a question back when the text is unclear or names no amount."""
        account = reply_account(task.task_id)
        await self._ledger.open(account, REPLY_BUDGET_USD, task.caller)
        spend = await self._ledger.spend(asked_account(question))
        shown: JsonObject = {
            "kind": question.kind.value,
            "prompt": question.prompt,
            "budget_usd": spend.cap_usd,
            "actions": [action.value for action in allowed],
        }
        if question.kind is InterruptKind.BUDGET:
            shown["spent_usd"] = spend.spent_usd  # nowhere else: what a run costs is not what its prompts say
        brief = Brief(
            task_id=task.task_id,
            account=account,
            step="reply",
            sentence=task.request.task_description,
            iteration=task.iteration,
            max_output_tokens=REPLY_TOKENS,
            extra={"question": shown, "reply": message, "allowed": [action.value for action in allowed]},
        )
        name = AgentName.ORCHESTRATOR
        with self._context.tracing.turn(task.task_id, name, brief.step, task.iteration):
            try:
                result = await AGENTS[name].run(brief, self._context)
            except BudgetExceeded as error:
                raise BudgetExceeded(
                    f"your words cannot be read: {error}. Say it by a decision instead, or with `autonomy reply "
                    f"{task.task_id} --budget USD` or `--go-on`",
                    **error.fields,
                ) from error
        return _decision(result.data, message, allowed)


def _decision(data: JsonObject, message: str, allowed: Sequence[Action]) -> Decision:
    action = str(data.get("action", "unclear"))
    said = str(data.get("message") or "")
    if action not in {entry.value for entry in allowed}:
        names = ", ".join(entry.value for entry in allowed)
        raise InvalidInput(said or f"the reply is not clear; it can mean: {names}", field="message")
    budget = data.get("budget_usd") if action == Action.RAISE_BUDGET else None
    try:
        return Decision.model_validate({"action": action, "message": said or message, "budget_usd": budget})
    except ValidationError as error:
        raise InvalidInput(
            f"the reply was read as {action}, but {error.errors()[0]['msg']}", field="message"
        ) from error
