"""What the tools answer with: as much of a task as a model needs, and of a question everything that was shown."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from client.models import Interrupt, Task


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class Question(Shape):
    """A question that waits for an answer. Whoever answers it names `digest`, which stands for what is `shown`."""

    interrupt_id: str
    task_id: str
    kind: str = Field(description="approval, budget or escalation")
    prompt: str
    shown: dict[str, Any] = Field(description="the evidence that it is to be decided on")
    actions: list[str] = Field(description="what `decide` takes as an answer")
    digest: str = Field(description="the `expected_digest` of an answer")
    asked_at: float = Field(description="Unix time")


class TaskReport(Shape):
    """A task as it is now."""

    task_id: str
    status: str = Field(description="queued, running, waiting_for_input, completed, failed or cancelled")
    at_rest: bool = Field(description="it has ended, or it asks and `question` is to be answered")
    task_description: str
    workflow: str
    current_agent: str | None = None
    iteration: int = Field(description="rounds of repair so far")
    total_cost_usd: float
    budget_usd: float
    forecast_usd: dict[str, float] | None = Field(default=None, description="low, expected and high, before it began")
    summary: dict[str, Any] | None = Field(default=None, description="plan, tests and review of the last round")
    question: Question | None = None
    pr_url: str | None = None
    demo_url: str | None = None
    output_path: str | None = None
    error: str | None = None


class TaskLine(Shape):
    """A task in a list."""

    task_id: str
    status: str
    asks: bool
    task_description: str
    total_cost_usd: float
    budget_usd: float
    created_at: float = Field(description="Unix time")


class TaskList(Shape):
    items: list[TaskLine]
    next: str | None = Field(default=None, description="the `before` of the following page; null at the end")


class QuestionList(Shape):
    items: list[Question]
    more: bool = Field(description="whether there are further ones")


class Answered(Shape):
    """What was decided, and as whose answer it is on record."""

    task_id: str
    interrupt_id: str
    action: str
    message: str = ""
    decided_via: str | None = None


class FileLine(Shape):
    path: str
    characters: int


class FileList(Shape):
    task_id: str
    files: list[FileLine]


class FileText(Shape):
    """A file, or a piece of it."""

    path: str
    text: str
    offset: int = Field(description="where the piece begins, in characters")
    characters: int = Field(description="of the whole file")
    next_offset: int | None = Field(default=None, description="where the next piece begins; null at the end")


class ChangedFile(Shape):
    path: str
    status: str = Field(description="added, modified or deleted")
    additions: int
    deletions: int


class DiffReport(Shape):
    files: list[ChangedFile]
    patch: str = Field(description="unified diff")
    truncated: bool = Field(description="whether the patch is longer")


def question_of(asked: Interrupt) -> Question:
    return Question(
        interrupt_id=asked.interrupt_id,
        task_id=asked.task_id,
        kind=asked.kind.value,
        prompt=asked.prompt,
        shown=dict(asked.payload),
        actions=[action.value for action in asked.actions],
        digest=asked.digest,
        asked_at=asked.created_at,
    )


def report_of(task: Task, asked: Interrupt | None) -> TaskReport:
    usd = task.forecast.usd if task.forecast else None
    return TaskReport(
        task_id=task.task_id,
        status=task.status.value,
        at_rest=task.at_rest,
        task_description=task.task_description,
        workflow=task.workflow,
        current_agent=task.current_agent,
        iteration=task.iteration,
        total_cost_usd=task.total_cost_usd,
        budget_usd=task.budget_usd,
        forecast_usd={"low": usd.low, "expected": usd.expected, "high": usd.high} if usd else None,
        summary=dict(task.summary) if task.summary is not None else None,
        question=question_of(asked) if asked else None,
        pr_url=task.pr_url,
        demo_url=task.demo_url,
        output_path=task.output_path,
        error=task.error,
    )


def line_of(task: Task) -> TaskLine:
    return TaskLine(
        task_id=task.task_id,
        status=task.status.value,
        asks=task.needs_human_input,
        task_description=task.task_description,
        total_cost_usd=task.total_cost_usd,
        budget_usd=task.budget_usd,
        created_at=task.created_at,
    )
