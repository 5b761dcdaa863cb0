"""Which agent may write which path, and who is answerable for a file."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from core.types import AgentName

ShippedBy = Literal["github", "gitlab", "bitbucket"]
"""The code host whose CI an application is made for."""


@lru_cache(maxsize=1024)
def _pattern(glob: str) -> re.Pattern[str]:
    out = ""
    rest = glob
    while rest:
        if rest.startswith("**/"):
            out, rest = out + "(?:.*/)?", rest[3:]
        elif rest.startswith("**"):
            out, rest = out + ".*", rest[2:]
        elif rest[0] == "*":
            out, rest = out + "[^/]*", rest[1:]
        elif rest[0] == "?":
            out, rest = out + "[^/]", rest[1:]
        else:
            out, rest = out + re.escape(rest[0]), rest[1:]
    return re.compile(out + r"\Z")


USUAL_OWNERSHIP: Mapping[AgentName, tuple[str, ...]] = {
    AgentName.PLANNER: ("contract/**", "frontend/src/api/schema.d.ts"),
    AgentName.BACKEND: ("backend/app/**", "backend/requirements.txt", "backend/pyproject.toml"),
    AgentName.DATABASE: ("backend/app/db/**", "backend/migrations/**", "backend/alembic.ini"),
    AgentName.FRONTEND: ("frontend/**",),
    AgentName.QA: ("backend/tests/**", "frontend/src/**/*.test.ts", "frontend/src/**/*.test.tsx", "e2e/**"),
    AgentName.DEVOPS: (
        "Dockerfile", "compose.yaml", ".dockerignore", ".env.example", "README.md", ".github/**", "deploy/**",
    ),
}  # fmt: skip
"""The usual layout: who may write which paths, where a plan says nothing else."""
CI_PATHS: Mapping[ShippedBy, str] = {
    "github": ".github/**", "gitlab": ".gitlab-ci.yml", "bitbucket": "bitbucket-pipelines.yml",
}  # fmt: skip
"""What a code host reads its CI from."""
_OF_A_FRONTEND = ("frontend/", "e2e/")


def matches(glob: str, path: str) -> bool:
    """True when `path` fits `glob`: `*` and `?` within one folder, `**` for any depth."""
    return _pattern(glob).match(path) is not None


def owner_of(ownership: Mapping[AgentName, Sequence[str]], path: str) -> AgentName | None:
    """The agent whose globs fit `path`; the longest (most exact) glob wins where several do."""
    best: tuple[int, AgentName] | None = None
    for agent, globs in ownership.items():
        for glob in globs:
            if matches(glob, path) and (best is None or len(glob) > best[0]):
                best = (len(glob), agent)
    return best[1] if best else None


def usual_ownership(agents: Collection[object]) -> dict[AgentName, tuple[str, ...]]:
    """The usual layout for those who take part; without a frontend nobody owns its paths."""
    given = {agent: paths for agent, paths in USUAL_OWNERSHIP.items() if agent in agents}
    if AgentName.FRONTEND in agents:
        return given
    return {
        agent: tuple(path for path in paths if not path.startswith(_OF_A_FRONTEND)) for agent, paths in given.items()
    }


def with_ci_of(code_host: ShippedBy, ownership: Mapping[AgentName, Sequence[str]]) -> dict[AgentName, tuple[str, ...]]:
    """The same map, with the CI files of this code host where it has those of another one."""
    others = set(CI_PATHS.values())
    return {
        agent: tuple(CI_PATHS[code_host] if path in others else path for path in paths)
        for agent, paths in ownership.items()
    }
