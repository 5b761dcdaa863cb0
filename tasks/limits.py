"""Rules that a submission must meet before anything is stored."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from core.budget import MAX_USD, check_cap
from core.errors import InvalidInput, TooLarge
from core.tasks import TaskRequest, TaskWebhook
from graph.workflow import Workflow


@dataclass(frozen=True)
class Limits:
    """`project` is the service's own folder: nothing is written into it on anybody's behalf. Webhooks of tasks may
    only go to `webhook_hosts` (names, with a port where it is not the usual one), so that nobody reaches others through us.
    """

    max_description: int = 4_000
    max_running: int = 5
    max_queued: int = 50
    project: Path = Path()
    webhook_hosts: frozenset[str] = frozenset()

    @property
    def reserve(self) -> int:
        """Places of the queue, its last tenth, for callers of whom nothing waits: one caller alone cannot fill it."""
        return self.max_queued // 10


def check_request(request: TaskRequest, workflows: Mapping[str, Workflow], limits: Limits) -> None:
    """Raises InvalidInput or TooLarge, naming the field and the limit."""
    length = len(request.task_description)
    if length > limits.max_description:
        raise TooLarge(
            f"task_description has {length:,} characters; the limit is {limits.max_description:,}",
            field="task_description",
            limit=limits.max_description,
        )
    try:
        check_cap(request.budget_usd)
    except ValueError as error:
        raise InvalidInput(f"budget_usd {error}", field="budget_usd", limit=MAX_USD) from error
    workflow = workflows.get(request.workflow)
    if workflow is None:
        known = ", ".join(workflows)
        raise InvalidInput(f"workflow {request.workflow!r} is not known; there is: {known}", field="workflow")
    try:
        workflow.options.model_validate(request.options)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(["options", *(str(part) for part in first["loc"])])
        raise InvalidInput(f"{name}: {first['msg']}", field=name) from error
    if request.output_directory is not None:
        check_output_directory(request.output_directory, limits.project)
    if request.webhook is not None:
        check_webhook(request.webhook, limits.webhook_hosts)


def check_webhook(webhook: TaskWebhook, hosts: frozenset[str]) -> None:
    """Raises InvalidInput unless its host is one of `hosts`."""
    host = urlsplit(webhook.url).netloc.lower()
    if host not in hosts:
        allowed = f"; allowed are: {', '.join(sorted(hosts))}" if hosts else "; none is set"
        raise InvalidInput(f"webhook.url: {host[:200]} is not one of WEBHOOK_TASK_HOSTS{allowed}", field="webhook.url")


def check_output_directory(directory: str, project: Path) -> None:
    """Raises InvalidInput unless `directory` is absolute, outside of the project, and a folder that can be written to or made."""

    def refuse(reason: str) -> InvalidInput:
        return InvalidInput(f"output_directory {directory[:200]!r} {reason}", field="output_directory")

    if "\x00" in directory or not directory.strip():
        raise refuse("is empty or has a NUL byte")
    path = Path(directory)
    if not path.is_absolute():
        raise refuse("must be an absolute path")
    try:
        resolved = path.resolve()
        if resolved == project.resolve() or project.resolve() in resolved.parents:
            raise refuse("is inside the service's own folder")
        if path.exists() and not path.is_dir():
            raise refuse("is not a folder")
        nearest = next(parent for parent in (path, *path.parents) if parent.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise refuse("cannot be written to")
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except (OSError, RuntimeError, ValueError) as error:
        raise refuse(f"cannot be used: {error}") from error
