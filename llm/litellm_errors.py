"""LiteLLM's exceptions as ours, read by status and headers so that nothing of LiteLLM is imported here."""

import re
import time
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime

from core.errors import ModelError, ModelTransientError
from core.redaction import Redactor

_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
_CONNECTION = frozenset({"APIConnectionError", "Timeout", "ConnectError", "ReadError", "RemoteProtocolError"})
_CUT = 600


def model_error(model: str, error: Exception, secrets: Iterable[str]) -> ModelError:
    """What a person and the retry layer need: a sentence without keys, the status, how long to wait."""
    status = getattr(error, "status_code", None)
    message = f"{model}: {_clean(str(error), secrets)}"
    if type(error).__name__ in _CONNECTION or status in _TRANSIENT:
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


def _clean(text: str, secrets: Iterable[str]) -> str:
    """One paragraph without LiteLLM's prefixes and the keys we sent: providers like to quote them back."""
    text = re.sub(r"^litellm\.\w+: (\w+: )?(\w+Exception - )?", "", text)
    text = " ".join(Redactor(secrets).text(text).split())
    return text if len(text) <= _CUT else text[:_CUT] + "…"
