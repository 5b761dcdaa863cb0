"""Webhooks of code hosts: no key, but a signature that proves who is calling, and each delivery counts once."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request

from api.access import Services
from api.hooks import READERS, News
from api.problems import problem_responses
from api.schemas import HookTaken
from api.services import ApiServices
from core.effects import EffectKey, EffectStatus
from core.errors import NotFound
from core.events import Notice

router = APIRouter(tags=["hooks"])
Host = Annotated[Literal["github", "gitlab"], Path(description="which code host calls")]


@router.post("/hooks/{host}", status_code=202, responses=problem_responses(401, 404, 422))
async def take_hook(given: Services, request: Request, host: Host) -> HookTaken:
    """Something has happened on the code host. Reviews and comments are looked at at once; failed checks are told of."""
    secret = given.hook_secrets.get(host)
    if not secret:
        raise NotFound(f"webhooks of {host} are not switched on: set {host.upper()}_WEBHOOK_SECRET")
    news = READERS[host](request.headers, await request.body(), secret)
    return HookTaken(taken=news is not None and await _take(given, host, news))


async def _take(given: ApiServices, host: str, news: News) -> bool:
    """False when it is about no task of ours, or was taken before."""
    try:
        await given.commands.get(news.key)
    except NotFound:
        return False
    key = EffectKey(task_id=news.key, node="hook", iteration=0, kind=f"{host}:{news.delivery}")
    if (await given.effects.begin(key, {"kind": news.kind})).status is EffectStatus.DONE:
        return False
    notices = (Notice(level="warning", text=news.text),) if news.text else ()
    if news.kind == "said" and given.request_news is not None:
        given.request_news.look_soon(news.key)
    await given.effects.finish(key, {}, notices)
    return True
