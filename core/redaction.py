"""Takes secrets out of texts: those that are configured, whatever looks like a key, and values under a name that says so."""

import json
import re
from collections.abc import Iterable, Iterator

from core.types import Json

REDACTED = "[redacted]"
SHORTEST_SECRET = 4
"""Characters. Taking out less would take ordinary words apart and hide nothing."""
_LOOKS_LIKE_A_KEY = re.compile(
    r"""
    (?<![A-Za-z0-9_-]) (?:
        sk-(?:ant|or|proj|admin|svcacct)-[\w*-]{10,}
      | (?:sk|key|gsk|xai|hf|r8|gh[oprsu]|github_pat|glpat|pplx|whsec|xox[abpr])[_-](?=[\w*-]{0,200}[\d*])[\w*-]{12,}
      | AIza[\w*-]{20,}
      | AKIA[0-9A-Z]{16}
    )
    | -----BEGIN\ [A-Z ]{0,20}PRIVATE\ KEY-----.{0,10000}?-----END\ [A-Z ]{0,20}PRIVATE\ KEY-----
    """,
    re.VERBOSE | re.DOTALL,
)
"""Prefixes of providers and code hosts. A digit or a mask is asked for where names in code and style sheets begin alike."""
_SECRET_NAME = re.compile(
    r"(^|[-_.])(api-?key|key|secrets?|token|password|passwd|authorization|credentials?|cookie)$|apikey$", re.I
)


def is_secret_name(name: str) -> bool:
    """Whether what has this name is a secret: `api_key`, `Authorization`, `aws_secret_access_key`; not `max_tokens`."""
    return _SECRET_NAME.search(name) is not None


def named_secrets(value: Json) -> Iterator[str]:
    """Every text under a secret's name in nested JSON; of `Bearer abc` also `abc`."""
    if isinstance(value, list):
        for item in value:
            yield from named_secrets(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if is_secret_name(name) and isinstance(item, str) and item:
                yield from {item, item.split()[-1]} if item.strip() else ()
            else:
                yield from named_secrets(item)


class Redactor:
    """Replaces secrets by `[redacted]`: the ones given, also as JSON writes them, and what looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        long_enough = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]
        as_written = {form for secret in long_enough for form in (secret, json.dumps(secret)[1:-1])}
        self._secrets = sorted(as_written, key=len, reverse=True)

    def text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        return _LOOKS_LIKE_A_KEY.sub(REDACTED, text)

    def json(self, value: Json) -> Json:
        """The same value with every text in it redacted, and texts under a secret's name left out."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.json(item) for item in value]
        if isinstance(value, dict):
            return {
                self.text(name): REDACTED
                if is_secret_name(name) and isinstance(item, str) and item
                else self.json(item)
                for name, item in value.items()
            }
        return value
