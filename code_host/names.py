"""Which keys and branch names a draft may have."""

import re

from core.errors import InvalidInput
from core.publication import PullRequestDraft

_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BRANCH = re.compile(
    r"(?=.{1,200}$)(?!.*(\.\.|\.lock(/|$)|\.(/|$)))[A-Za-z0-9_][\w.-]*(/[A-Za-z0-9_][\w.-]*)*", re.ASCII
)


def check_draft(draft: PullRequestDraft) -> None:
    """Raises InvalidInput when the key or a branch has no plain name, or the two branches cannot stand beside each other."""
    check_key(draft.key)
    for name in (draft.branch, draft.base):
        if not _BRANCH.fullmatch(name):
            raise InvalidInput(f"branch {name[:80]!r} is not a plain branch name")
    if f"{draft.branch}/".startswith(f"{draft.base}/") or f"{draft.base}/".startswith(f"{draft.branch}/"):
        raise InvalidInput(f"branch {draft.branch} cannot stand beside its base {draft.base}")


def check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise InvalidInput(f"key {key[:80]!r} must be 1 to 64 letters, digits, `_` or `-`")
