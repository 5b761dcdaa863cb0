"""Suites of tasks as files: what is asked, what is given, how it must end, and checks that no agent ever sees."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import Field, TypeAdapter, ValidationError, model_validator

from core.errors import InvalidInput, NotFound
from core.findings import Finding
from core.types import AgentName, Json, Value

SUITES = Path(__file__).parent / "suites"
Tier = Literal[1, 2, 3, 4]
"""1: one file is mended. 2: one agent's part. 3: a whole build. 4: a whole build with a planted fault."""


class Edit(Value):
    """`old` becomes `new` in a file, each time that `agent` writes it (tier 1: once, in what is given)."""

    agent: AgentName
    path: str = Field(min_length=1)
    old: str = Field(min_length=1)
    new: str


class Step(Value):
    """One request of a hidden check, to the operation that the words find in the contract.

    `of` names a thing (`book`); `create`, `list`, `read`, `update` and `delete` are the usual operations, `get` and `post` are
    for `path`, behind the collection or, with `row`, behind the row. `row` and values `$name` are rows that earlier steps
    kept by `save`. `user` signs in first. Fields are found by their words. `is` is in the answer, `rows` of a list are counted.
    """

    call: Literal["create", "list", "read", "update", "delete", "get", "post"]
    of: str = Field(min_length=1)
    row: str = ""
    path: str = ""
    user: str = ""
    body: dict[str, Json] = Field(default_factory=dict)
    query: dict[str, Json] = Field(default_factory=dict)
    status: tuple[int, ...] = Field(min_length=1)
    answers: dict[str, Json] = Field(default_factory=dict)
    rows: int | None = Field(default=None, ge=0)
    save: str = ""


class HiddenCheck(Value):
    """What must hold of the application at the end, whoever built it."""

    name: str = Field(min_length=1)
    steps: tuple[Step, ...] = Field(min_length=1)


class EvalTask(Value):
    """`agent` is the one that is tried alone (tiers 1 and 2); `edits` damage what is given to it (tier 1).

    `fault` is the mistake that `agent` makes in its first attempt (tier 4). `insist` are edits that an agent repeats whatever it
    is told: where they are, the task cannot be done. What cannot be done ends in a question to a person (`escalated`) or is
    refused at the start (`failed`), and `says` are words that the reason must hold then.
    """

    task_id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")
    tier: Tier
    sentence: str = Field(min_length=1, max_length=4_000)
    agent: AgentName | None = None
    edits: tuple[Edit, ...] = ()
    findings: tuple[Finding, ...] = ()
    fault: str = ""
    insist: tuple[Edit, ...] = ()
    end: Literal["completed", "escalated", "failed"] = "completed"
    says: tuple[str, ...] = ()
    agents: tuple[AgentName, ...] = Field(default=(), description="that must work in it; no matter which, when empty")
    max_iterations: int = Field(default=3, ge=1, le=20)
    hidden: tuple[HiddenCheck, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.tier < 3 and self.agent is None:
            raise ValueError("agent: tiers 1 and 2 try one agent; say which")
        if self.tier == 1 and not (self.edits and self.findings):
            raise ValueError("edits, findings: tier 1 needs what is wrong with a file and what is said of it")
        if self.tier == 4 and not (self.fault and self.agent):
            raise ValueError("fault, agent: tier 4 needs a mistake and who makes it")
        if (self.end == "completed") == bool(self.says):
            raise ValueError(
                "says: an end that is not `completed` needs words that the reason must hold, others have none"
            )
        return self


_TASKS = TypeAdapter(tuple[EvalTask, ...])


def suite_names(folder: Path = SUITES) -> tuple[str, ...]:
    return tuple(sorted(each.name for each in folder.iterdir() if each.is_dir()))


def load_suite(name: str, folder: Path = SUITES) -> tuple[EvalTask, ...]:
    """The tasks of a suite, in the order of its files and in theirs. Raises NotFound, InvalidInput (file and field)."""
    if name not in suite_names(folder):
        raise NotFound(f"there is no suite {name!r}; there are {', '.join(suite_names(folder))}", field="suite")
    tasks = [task for path in sorted((folder / name).glob("*.yaml")) for task in _read(path)]
    seen: set[str] = set()
    for task in tasks:
        if task.task_id in seen:
            raise InvalidInput(f"{name}: task_id: {task.task_id} is there twice", field="task_id")
        seen.add(task.task_id)
    if not tasks:
        raise InvalidInput(f"the suite {name} has no tasks", field="suite")
    return tuple(tasks)


def _read(path: Path) -> Sequence[EvalTask]:
    """A YAML document with the list `tasks`; `checks` beside it are hidden checks that tasks name instead of spelling out."""
    where = f"{path.parent.name}/{path.name}"
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        shared, tasks = document.get("checks", {}), document["tasks"]
        whole = [
            {**task, "hidden": [shared[each] if isinstance(each, str) else each for each in task["hidden"]]}
            for task in tasks
        ]
        return _TASKS.validate_python(whole)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{where} is not YAML: {error}", field=where) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            f"{where}: `tasks` is a list of tasks, and `hidden` names checks of the file: {error!r}", field=where
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{where}: {field}: {first['msg']}", field=field) from error
