"""Mistakes of devops_agent in the image."""

from core.plan import Plan
from core.types import AgentName
from llm.offline.faults.fault import Fault, Files, fault_of, replaced, without

_IMAGE = "Dockerfile"


def _root_image(files: Files, plan: Plan) -> Files | None:
    """What runs in the container may do everything in it."""
    return without(files, _IMAGE, r"^USER .*\n")


def _unwatched_image(files: Files, plan: Plan) -> Files | None:
    """Nothing asks whether the application still answers."""
    return without(files, _IMAGE, r"^HEALTHCHECK (?:.*\\\n)*.*\n")


def _moving_base(files: Files, plan: Plan) -> Files | None:
    """Tomorrow the same file makes another image."""
    base = "FROM python:3.11.14-slim-bookworm AS packages\n"
    return replaced(files, _IMAGE, (base, "FROM python:latest AS packages\n"))


_DEVOPS = AgentName.DEVOPS
FAULTS: tuple[Fault, ...] = (
    fault_of(_DEVOPS, _root_image, r"runs as root"),
    fault_of(_DEVOPS, _unwatched_image, r"no HEALTHCHECK"),
    fault_of(_DEVOPS, _moving_base, r"is `latest`|\bDL300[67]\b"),
)
"""In the order in which they are made."""
