"""LiteLLM's exceptions as ours, read by status and headers so that nothing of LiteLLM is imported here."""

import json
import re
import time
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime

from core.errors import ContentFiltered, ContextOverflow, ModelError, ModelTransientError
from core.redaction import REDACTED, Redactor

_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_CONNECTION = frozenset({"APIConnectionError", "Timeout", "ConnectError", "ReadError", "RemoteProtocolError"})
_TOO_LONG = ("prompt is too long", "context_length_exceeded", "context length", "context window", "request_too_large")
_DECLINED = ("content_filter", "content management policy", "violating our usage policy")
_PREFIXES = re.compile(r"^((litellm\.)?\w+(Error|Exception|Timeout)(: | - ))+")
_CUT = 600


def model_error(model: str, error: Exception, secrets: Iterable[str]) -> ModelError:
    """What a person and the layers around need: a sentence without keys, the kind, the status, how long to wait."""
    kind, status = type(error).__name__, getattr(error, "status_code", None)
    raw = str(error)
    message = f"{model}: {_clean(raw, secrets)}"
    if kind == "ContextWindowExceededError" or (status in (400, 413) and _says(raw, _TOO_LONG)):
        return ContextOverflow(message, model=model, provider_status=status)
    if kind == "ContentPolicyViolationError" or (status == 400 and _says(raw, _DECLINED)):
        return ContentFiltered(message, model=model, provider_status=status)
    if kind in _CONNECTION or status in _TRANSIENT:
        wait_s = retry_after_s(_headers(error), time.time())
        return ModelTransientError(message, model=model, provider_status=status, retry_after_s=wait_s)
    return ModelError(message, model=model, provider_status=status)


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds from a Retry-After header (a number or a date) at Unix time `now`; None when there is no sensible one."""
    given = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if re.fullmatch(r"\d{1,6}(\.\d+)?", given):
        return float(given)
    try:
        return max(0.0, parsedate_to_datetime(given).timestamp() - now)
    except ValueError:
        return None


def _headers(error: Exception) -> Mapping[str, str]:
    response = getattr(error, "response", None)
    for candidate in (getattr(error, "litellm_response_headers", None), getattr(response, "headers", None)):
        if candidate:
            return {str(name): str(value) for name, value in dict(candidate).items()}
    return {}


def _says(text: str, phrases: Iterable[str]) -> bool:
    lowered = text.lower()
    return any(phrase in lowered for phrase in phrases)


def _clean(text: str, secrets: Iterable[str]) -> str:
    """One paragraph without LiteLLM's prefixes and the keys we sent: providers like to quote them back."""
    text = _PREFIXES.sub("", text.split(" Original exception: ")[0])
    text = Redactor(secrets).text(_message_in(text) or text)
    text = re.sub(r"[\w\-]*\*{3,}[\w\-*]*", REDACTED, text)  # a key that the provider itself has made partly unreadable
    text = " ".join(text.split())
    return text if len(text) <= _CUT else text[:_CUT] + "…"


def _message_in(text: str) -> str:
    """The sentence of a provider's error in JSON; empty when there is none."""
    found = re.search(r'"message"\s*:\s*("(?:[^"\\]|\\.)+")', text)
    if found is None:
        return ""
    try:
        return str(json.loads(found[1]))
    except ValueError:
        return ""
