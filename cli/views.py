"""What the commands read of the API's answers. Unknown fields are left out, so that a newer server can be driven too."""

from pydantic import BaseModel, ConfigDict

from core.forecast import Forecast
from core.tasks import ForkOrigin
from core.types import Json, TaskStatus


class View(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class TaskState(View):
    """`GET /tasks/{id}` without the bodies of its files."""

    task_id: str
    task_description: str
    status: TaskStatus
    iteration: int
    summary: dict[str, Json] | None = None
    pr_url: str | None = None
    human_input_prompt: str | None = None
    interrupt_id: str | None = None
    budget_usd: float
    total_cost_usd: float
    total_tokens: int = 0
    forecast: Forecast | None = None
    output_path: str | None = None
    error: str | None = None
    forked_from: ForkOrigin | None = None
    created_at: float
    updated_at: float


class TaskList(View):
    items: tuple[TaskState, ...]
    next: str | None = None


class Published(View):
    """`GET /tasks/{id}/pull_request`."""

    number: int
    url: str
    branch: str
    base: str
    commit: str
    title: str
    body: str
    diff_stat: str = ""
    clone_url: str = ""


class HealthState(View):
    version: str
