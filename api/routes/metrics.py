"""What Prometheus asks for."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.access import Services, identify_also_by_bearer
from api.problems import problem_responses

router = APIRouter(tags=["service"], dependencies=[Depends(identify_also_by_bearer)])
_TEXT = {"schema": {"type": "string"}}
_FORMATS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": _TEXT, "application/openmetrics-text": _TEXT}, "description": "the figures"}
}


@router.get("/metrics", response_class=Response, responses={**_FORMATS, **problem_responses(401)})
async def get_metrics(given: Services, request: Request) -> Response:
    """Figures for Prometheus, as text or as OpenMetrics. The key may also come as `Authorization: Bearer`."""
    body, media_type = await given.scrape(request.headers.get("accept", ""))
    return Response(body, media_type=media_type)
