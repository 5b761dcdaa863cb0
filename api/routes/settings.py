"""How the service is set up, and whether each of its parts works."""

from fastapi import APIRouter, Depends

from api.access import Services, needs
from api.problems import problem_responses
from core.access import Role
from core.analytics import PartChecks, SettingView

router = APIRouter(tags=["service"])


@router.get("/config", responses=problem_responses(401))
async def get_config(given: Services) -> list[SettingView]:
    """Every setting as it is in effect, secrets left out, with where it comes from."""
    return list(given.settings)


@router.post("/health/check", dependencies=[Depends(needs(Role.ADMIN))], responses=problem_responses(401, 403))
async def check_health(given: Services) -> PartChecks:
    """Try every part for real: storage, sandbox, code host, chat, models, E2B. No model is asked.

    Where generated code runs in E2B, the sandbox is a machine there, for some seconds of its price.
    """
    return await given.check_parts()
