"""The question about money, and what a person's answer to it does."""

from core.budget import Scope, Spend, scope_of
from core.events import Notice
from core.forecast import Rest
from core.tasks import Action, Decision
from core.types import Json, JsonObject
from graph.context import GraphContext
from graph.state import AgentState

_NEAREST_FIRST = tuple(Scope)


async def budget_question(state: AgentState, context: GraphContext) -> JsonObject:
    """`prompt` and `payload` for agents that are stopped for money alone; of several caps the task's own is asked about first."""
    blocked, task_id = state.get("blocked", {}), state["task_id"]
    why = min(blocked.values(), key=lambda entry: _NEAREST_FIRST.index(scope_of(_account(entry, task_id))))
    account = _account(why, task_id)
    spend, own = await context.ledger.spend(account), await context.ledger.spend(task_id)
    needed = sum(float(str(entry.get("needed_usd") or 0)) for entry in blocked.values())
    rest = await context.forecasts.rest(await context.tasks.get(task_id), own.spent_usd)
    actions = [Action.RAISE_BUDGET, Action.ABORT]
    if scope_of(account) is not Scope.TASK or spend.overrun_usd or why.get("unknown_price"):
        actions.insert(1, Action.RETRY)
    figures = _figures(spend, needed, ", ".join(blocked), float(str(why.get("kept_usd") or 0)))
    payload: JsonObject = {
        "actions": [action.value for action in actions],
        "agents": list(blocked),
        "reasons": {agent: entry.get("message") for agent, entry in blocked.items()},
        "account": account,
        "scope": scope_of(account).value,
        "cap_usd": spend.cap_usd,
        "spent_usd": spend.spent_usd,
        "reserved_usd": spend.reserved_usd,
        "needed_usd": needed,
        "kept_usd": why.get("kept_usd") or 0,
        "task_cap_usd": own.cap_usd,
        "task_spent_usd": own.spent_usd,
        "opens_at": why.get("ends_at"),
        "rest": rest.model_dump(mode="json"),
    }
    return {"prompt": f"{_reason(why, account, spend, figures)} {_to_the_end(rest)}".strip(), "payload": payload}


def _account(entry: JsonObject, task_id: str) -> str:
    return str(entry.get("account") or task_id)


def _figures(spend: Spend, needed: float, who: str, kept: float) -> str:
    left = f", ${kept:.2f} kept for reading replies" if kept else ""
    return (
        f"${spend.spent_usd:.4f} spent, ${spend.reserved_usd:.4f} set aside{left}, and the next call of {who} may need "
        f"${needed:.4f}"
    )


def _reason(why: JsonObject, account: str, spend: Spend, figures: str) -> str:
    """What has stopped the task, and what can be said to it."""
    either = "Go on with the budget as it is, with a higher one, or abort?"
    if spend.overrun_usd:
        return (
            f"Providers charged ${spend.overrun_usd:.4f} more than was set aside as the most that their calls could cost, so "
            f"the task has stopped: {figures}, of ${spend.cap_usd or 0:.2f}. {either}"
        )
    if why.get("unknown_price"):
        message = str(why.get("message"))
        return f"{message[:1].upper()}{message[1:]}. {either}"
    scope = scope_of(account)
    if scope is Scope.TASK:
        return f"The budget of ${spend.cap_usd or 0:.2f} is reached: {figures}. How much may the task spend in all?"
    whose = "all tasks together" if scope is Scope.DAY else f"the tasks of {account.rsplit(':', 1)[-1]}"
    return (
        f"The budget of ${spend.cap_usd or 0:.2f} a day for {whose} is reached: {figures}. It opens again at "
        f"{why.get('opens')}. Raise it for today (to how much in all?), go on when the next day has begun, or abort?"
    )


def _to_the_end(rest: Rest) -> str:
    if rest.usd is None or not rest.usd.high:
        return ""
    return f"To its end the task may need ${rest.usd.low:.2f} to ${rest.usd.high:.2f} more ({rest.basis})."


async def take_word(context: GraphContext, task_id: str, question: JsonObject, decision: Decision) -> None:
    """Raise the cap that was asked about, or let calls go on at what it is. A day's cap is raised for that day alone."""
    payload = question["payload"]
    assert isinstance(payload, dict), "every question is posed with a payload"
    account = _account(payload, task_id)
    raised = decision.budget_usd if decision.action is Action.RAISE_BUDGET else None
    if scope_of(account) is Scope.TASK:
        cap = (await context.ledger.spend(account)).cap_usd if raised is None else raised
        await context.ledger.set_cap(account, cap or 0.0)
        await context.emit(task_id, budget_usd=cap)
    elif raised is not None:
        await context.ledger.set_cap(account, raised)
        await context.emit(task_id, Notice(text=_raised(account, raised, payload.get("opens_at"), context.clock.now())))


def _raised(account: str, cap_usd: float, ends_at: Json, now: float) -> str:
    _, day, *caller = account.split(":", 2)
    whose = f" for {caller[0]}" if caller else ""
    if isinstance(ends_at, int | float) and now >= ends_at:
        return f"the budget of {day}{whose} was raised, but that day is over: the task goes on with the usual one of the new day"
    return f"the budget of {day}{whose} is ${cap_usd:.2f} now; that of other days stays as it is"
