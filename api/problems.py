"""Every error as problem+json (RFC 9457): a title, a sentence, the field and the limit where there are some."""

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from core.errors import AutonomyError
from core.types import JsonObject

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
_TITLES = {400: "Bad request", 404: "Not found", 405: "Method not allowed", 415: "Unsupported media type"}


class FieldError(BaseModel):
    field: str
    message: str


class Problem(BaseModel):
    """What went wrong, for programs and for people."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"examples": [{"title": "Not found", "status": 404, "detail": "there is no task abc"}]},
    )

    title: str
    status: int
    detail: str
    request_id: str = ""
    errors: list[FieldError] = Field(default_factory=list)


_DESCRIPTIONS = {
    400: "The body cannot be read",
    401: "X-API-Key is missing or wrong",
    402: "Reading the reply does not fit under its budget; send a decision instead",
    403: "The role of the key is not enough",
    404: "There is no such thing",
    405: "The path does not take this method",
    409: "Already answered, not asked, or changed meanwhile; `winner` says who was first",
    413: "Over the size limit",
    422: "A value is not acceptable; `errors` names the field",
    429: "Too many tasks, or too many requests of this key; Retry-After says when to come back",
    502: "The model could not be reached",
    503: "Refused on this machine; the sentence says how to fix it",
    507: "The disk is full, or nearly; nothing was stored",
}


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI `responses` of an operation that can answer with these statuses."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _DESCRIPTIONS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def respond(
    request: Request, status: int, title: str, detail: str, extra: Mapping[str, Any] | None = None
) -> JSONResponse:
    """One problem document, with the id under which the service's log knows the request."""
    body = {"title": title, "status": status, "detail": detail, "request_id": request_id(request), **(extra or {})}
    headers = {}
    retry_after = (extra or {}).get("retry_after_s")
    if isinstance(retry_after, int | float):
        headers["Retry-After"] = str(max(1, round(retry_after)))
    if status == 401:
        headers["WWW-Authenticate"] = "ApiKey"
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def request_id(request: Request) -> str:
    return str(request.scope.get("autonomy.request_id", ""))


def add_problem_handlers(app: FastAPI) -> None:
    """Turn expected errors into problems; anything else is a bug: logged, and answered without its details."""

    @app.exception_handler(AutonomyError)
    async def expected(request: Request, error: AutonomyError) -> JSONResponse:
        fields: JsonObject = error.fields
        return respond(request, error.status, error.title, str(error), fields)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {"field": _field(entry["loc"]), "message": _sentence(str(entry["msg"]))} for entry in error.errors()[:20]
        ]
        first = errors[0] if errors else {"field": "body", "message": "invalid"}
        return respond(request, 422, "Invalid input", f"{first['field']}: {first['message']}", {"errors": errors})

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        return respond(request, error.status_code, _TITLES.get(error.status_code, "Error"), str(error.detail))

    @app.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> JSONResponse:
        log.error("request %s failed by a bug", request_id(request), exc_info=error)
        return respond(
            request, 500, "Internal error", "internal error; the service's log has the details under this request_id"
        )


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")[:300]


def _field(location: tuple[int | str, ...]) -> str:
    parts = [str(part) for part in location if part not in ("body", "query", "path", "header")]
    return ".".join(parts) or "body"
