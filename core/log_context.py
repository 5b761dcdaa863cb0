"""What the running code is about: the task and the request that every log line on the way names."""

from contextvars import ContextVar

TASK_ID: ContextVar[str] = ContextVar("autonomy_task_id", default="")
REQUEST_ID: ContextVar[str] = ContextVar("autonomy_request_id", default="")
