"""The page behind a link in a message: looking at it changes nothing, its form answers the question once."""

import json
from functools import cache
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from pydantic import ValidationError
from starlette.responses import HTMLResponse

from api.access import Services
from api.claims import PATH, Claim
from api.services import ApiServices
from core.access import Actor
from core.effects import EffectKey, EffectStatus
from core.errors import AutonomyError, Conflict, Forbidden, InvalidInput
from core.questions import allowed_actions
from core.tasks import Action, Decision, Interrupt, InterruptFilter

router = APIRouter(include_in_schema=False)
Token = Annotated[str, InPath(pattern=r"^[A-Za-z0-9_=-]{1,1000}$")]
ACTOR = Actor(via="link")
WORDS = {
    Action.APPROVE: "Approve",
    Action.CHANGES: "Ask for changes",
    Action.RAISE_BUDGET: "Raise the budget",
    Action.RETRY: "Retry",
    Action.ABORT: "Abort the task",
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
}
MOST_SHOWN = 50_000


@router.get(f"{PATH}/{{token}}")
async def show_question(given: Services, token: Token) -> HTMLResponse:
    """The question, and how it can be answered."""
    try:
        question = await _question(given, _claim(given, token))
    except AutonomyError as error:
        return _page(None, str(error), status=error.status)
    return _page(question, "" if question.status == "pending" else _outcome(question))


@router.post(f"{PATH}/{{token}}")
async def answer_question(given: Services, request: Request, token: Token) -> HTMLResponse:
    """Answer it. Whoever comes second is told who was first."""
    question: Interrupt | None = None
    try:
        claim = _claim(given, token)
        question = await _question(given, claim)
        decided = await _answer(given, claim, _decision(await request.body()))
    except AutonomyError as error:
        return _page(question, str(error), status=error.status)
    return _page(decided, _outcome(decided), asks=False)


async def _answer(given: ApiServices, claim: Claim, decision: Decision) -> Interrupt:
    used = EffectKey(task_id=claim.task_id, node="link", iteration=0, kind=claim.nonce)
    if (await given.effects.begin(used, {})).status is EffectStatus.DONE:
        raise Conflict("this link has been used")
    decided = await given.commands.decide(
        claim.task_id, claim.interrupt_id, decision, ACTOR, idempotency_key=f"link:{claim.nonce}"
    )
    await given.effects.finish(used, {"action": decision.action.value})
    return decided


def _claim(given: ApiServices, token: str) -> Claim:
    if given.links is None:
        raise Forbidden("this service makes no links: PUBLIC_URL is not set")
    return given.links.read(token)


async def _question(given: ApiServices, claim: Claim) -> Interrupt:
    asked = await given.commands.interrupts(InterruptFilter(task_ids=(claim.task_id,)))
    found = next((question for question in asked if question.interrupt_id == claim.interrupt_id), None)
    if found is None:
        raise Conflict("this question is not there any more")
    return found


def _decision(body: bytes) -> Decision:
    fields = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace"), max_num_fields=10).items()}
    try:
        return Decision.model_validate({name: value for name, value in fields.items() if value})
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error


def _outcome(question: Interrupt) -> str:
    if question.status == "pending":
        return f"Your approval is recorded; {question.needed - len(question.votes)} more is needed."
    if question.decision is None:
        return "This question is closed, because its task is over."
    by = f" by {question.decided_by}" if question.decided_by else ""
    return f"Answered with {question.decision.action.value!r}{by} via {question.decided_via}."


def _page(question: Interrupt | None, said: str, *, asks: bool = True, status: int = 200) -> HTMLResponse:
    actions = allowed_actions(question) if question and asks and question.status == "pending" else ()
    text = _template().render(
        heading=f"Task {question.task_id}" if question else "Autonomy",
        said=said,
        question=question,
        actions=actions,
        words=WORDS,
        takes_words=bool({Action.CHANGES, Action.RETRY} & set(actions)),
        takes_amount=Action.RAISE_BUDGET in actions,
        shown=json.dumps(question.payload, indent=1, ensure_ascii=False)[:MOST_SHOWN] if question else "",
    )
    return HTMLResponse(text, status, HEADERS)


@cache
def _template() -> Template:
    folder = Path(__file__).resolve().parent.parent / "templates"
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("decide.html.j2")
