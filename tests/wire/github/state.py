"""What the counterpart knows beside git: the repository's settings, tokens, requests, and what people said on them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

OWNER, NAME = "acme", "shop"
REPO = f"{OWNER}/{NAME}"
REPO_ID = 4_711


@dataclass(frozen=True)
class Token:
    """A fine-grained token's rights, or with `scopes` a classic one's."""

    login: str = "octavia"
    contents: bool = True
    pulls: bool = True
    workflows: bool = True
    sees: bool = True
    pushes: bool = True
    scopes: str | None = None


@dataclass
class Settings:
    """Knobs. `rules` are the rulesets' types for branches named as ours; `protected` are branches that only few may move."""

    default_branch: str = "main"
    archived: bool = False
    disabled: bool = False
    renamed_to: str | None = None
    drafts: bool = True
    empty_content: bool = True
    filters_heads: bool = True
    sha256: bool = False
    renamed_branches: dict[str, str] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    protected: frozenset[str] = frozenset()
    most_entries: int = 100_000
    collaborators: frozenset[str] = frozenset({"octavia", "rita", "sam"})
    teams: frozenset[str] = frozenset({"core"})


@dataclass
class Pull:
    """A pull request. `head_sha` is what its branch had last; `from_fork` is another repository's id."""

    number: int
    head: str
    base: str
    title: str
    body: str | None
    draft: bool
    author: str
    created_at: str
    updated_at: str
    head_sha: str
    base_sha: str
    open: bool = True
    merged_at: str | None = None
    labels: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    from_fork: int | None = None


@dataclass(frozen=True)
class Asked:
    """A request that has come through: parts of its path, its query, its body, and whose token it has."""

    values: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    token: Token


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class Refuse(Exception):
    """Answer with GitHub's error of this status and these words."""

    def __init__(self, status: int, message: str, *errors: Mapping[str, Any], **headers: str) -> None:
        super().__init__(message)
        body: dict[str, Any] = {
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(status),
        }
        if errors:
            body["errors"] = [dict(error) for error in errors]
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = Answer(status, body, named)


def iso(when: float) -> str:
    return datetime.fromtimestamp(int(when), UTC).isoformat().replace("+00:00", "Z")
