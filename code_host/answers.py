"""What the answers of code hosts say beside their content: how long to wait, where the next page is, what went wrong."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import httpx

from core.types import Json

_RESETS = ("x-ratelimit-reset", "ratelimit-reset")
_REMAINING = ("x-ratelimit-remaining", "ratelimit-remaining")


def is_rate_limit(answer: httpx.Response) -> bool:
    """429; or 403 that asks to wait, has nothing left of a limit, or names one (GitHub's way)."""
    if answer.status_code == 429:
        return True
    if answer.status_code != 403:
        return False
    spent = any(answer.headers.get(name) == "0" for name in _REMAINING)
    return spent or "retry-after" in answer.headers or "rate limit" in said(answer).lower()


def asked_to_wait_s(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds by Retry-After (seconds, or a date), else until a spent limit is reset (Unix time); None if it does not say."""
    if (after := headers.get("retry-after")) is not None:
        return _seconds(after, now)
    if not any(headers.get(name) == "0" for name in _REMAINING):
        return None
    resets = [headers[name] for name in _RESETS if headers.get(name, "").isdecimal()]
    return max(0.0, float(resets[0]) - now) if resets else None


def _seconds(after: str, now: float) -> float | None:
    if after.isascii() and after.isdigit():
        return float(after)
    try:
        return max(0.0, parsedate_to_datetime(after).timestamp() - now)
    except (ValueError, TypeError):
        return None


def next_link(answer: httpx.Response) -> str | None:
    """The address of the next page by the Link header (RFC 8288)."""
    return answer.links.get("next", {}).get("url")


def said(answer: httpx.Response) -> str:
    """The host's own words in an answer in JSON, with those of its parts; empty where there are none."""
    try:
        return _words(answer.json())
    except ValueError:
        return ""


def _words(found: Json) -> str:
    match found:
        case str():
            return found
        case list():
            return ", ".join(filter(None, map(_words, found)))
        case dict():
            named = [_words(found[name]) for name in ("message", "error", "error_description") if name in found]
            parts = [_words(found[name]) for name in ("errors", "detail", "fields") if name in found]
            words = ": ".join(filter(None, [", ".join(filter(None, named)), *parts]))
            return words or ", ".join(f"{name} {_words(value)}" for name, value in found.items() if _words(value))
    return ""
