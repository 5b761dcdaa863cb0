"""What new tasks must fit: the limits of the settings, and models that can be asked."""

import logging
from collections.abc import Callable, Sequence

from config import PROJECT, Settings
from core.errors import Refused
from tasks.limits import Limits

log = logging.getLogger(__name__)


def refusing(problems: Sequence[str]) -> Callable[[], None]:
    """What refuses new tasks while models cannot be asked; what is stored can still be looked at."""
    for problem in problems:
        log.warning("%s; new tasks are refused", problem)

    def check() -> None:
        if problems:
            raise Refused("; ".join(problems))

    return check


def limits_of(settings: Settings) -> Limits:
    return Limits(
        max_description=settings.max_task_description_length,
        max_running=settings.max_concurrent_tasks,
        max_queued=settings.max_queued_tasks,
        project=PROJECT,
        webhook_hosts=settings.webhook_task_hosts,
    )
