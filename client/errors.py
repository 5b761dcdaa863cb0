"""The one exception of the client: what the service refused, or that it did not answer."""

from collections.abc import Mapping

import httpx

from client.base import JsonObject

_KNOWN = ("title", "status", "detail", "request_id", "errors")


class ServiceError(Exception):
    """`str(error)` is the service's sentence, `status` the HTTP status (0 when there was no answer that can be read).

    `fields` are further members of the problem document (`winner`, `limit`, ...), `invalid` messages by field,
    `retry_after_s` when the service said so, `request_id` as its log has it.
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        fields: JsonObject | None = None,
        *,
        invalid: Mapping[str, str] | None = None,
        retry_after_s: float | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.fields: JsonObject = fields or {}
        self.invalid: Mapping[str, str] = invalid or {}
        self.retry_after_s = retry_after_s
        self.request_id = request_id


def problem_of(response: httpx.Response) -> ServiceError:
    """What an answer with an error status says; its body has been read."""
    try:
        document = response.json()
    except ValueError:
        document = None
    status = response.status_code
    retry_after_s = _retry_after_s(response)
    if not isinstance(document, dict):
        sentence = f"the service answered with status {status}"
        return ServiceError(status, "Error", sentence, retry_after_s=retry_after_s)
    errors = document.get("errors")
    entries = [entry for entry in errors if isinstance(entry, dict)] if isinstance(errors, list) else []
    return ServiceError(
        status,
        str(document.get("title", "")),
        str(document.get("detail", "")) or f"the service answered with status {status}",
        {name: value for name, value in document.items() if name not in _KNOWN},
        invalid={str(entry.get("field")): str(entry.get("message")) for entry in entries},
        retry_after_s=retry_after_s,
        request_id=str(document.get("request_id", "")),
    )


def unreachable(address: str, error: httpx.TransportError) -> ServiceError:
    """The service did not answer, or not to the end."""
    reason = str(error) or type(error).__name__
    return ServiceError(0, "Unreachable", f"the service at {address} does not answer: {reason}")


def not_autonomy(address: str, what: str) -> ServiceError:
    """Something answered, but not this service."""
    return ServiceError(0, "Not Autonomy", f"{address} is not Autonomy: it answered {what}")


def _retry_after_s(response: httpx.Response) -> float | None:
    """Seconds, as the service gives them; the other form of the header, a date, is not used by it."""
    said = response.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdigit() else None
