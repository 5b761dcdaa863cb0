"""A typed client of Autonomy's HTTP API, for programs that wait and for programs that do other things meanwhile."""

from client.asynchronous import AsyncAutonomyClient
from client.blocking import AutonomyClient
from client.errors import ServiceError
from client.models import Action, Interrupt, Task, TaskStatus
from client.retrying import Retries

__all__ = [
    "Action",
    "AsyncAutonomyClient",
    "AutonomyClient",
    "Interrupt",
    "Retries",
    "ServiceError",
    "Task",
    "TaskStatus",
]
