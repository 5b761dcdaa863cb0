"""The client's models are its own, and cannot drift from what the API says of itself."""

import ast
import inspect
import sys
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

import client
from api.app import create_app
from api.services import ApiServices
from client import (
    AsyncAutonomyClient,
    AutonomyClient,
    access,
    agents,
    events,
    figures,
    governing,
    insight,
    looking,
    models,
    moving,
    operations,
    tuning,
    viewing,
    views,
)
from client.faces import Listing, Operation
from client.methods import Methods
from client.models import ACTIONS
from client.requests import Call, Pages, Steps
from core.tasks import ALLOWED_ACTIONS

Schema = dict[str, Any]
SHAPES: dict[str, Any] = {
    "TaskView": models.Task, "TaskPage": models.Page[models.Task], "Interrupt": models.Interrupt,
    "ListedInterrupt": models.Interrupt, "CheckpointView": models.Checkpoint, "ForkAnswer": models.Fork,
    "Effect": models.Effect, "Diff": models.Diff, "PullRequest": models.PullRequest, "StoredEvent": events.StoredEvent,
    "EventPage": models.Page[events.StoredEvent], "AgentSummary": insight.Agent,
    "LogPage": models.Page[insight.Interaction], "Stats": insight.Stats, "ModelSetup": insight.ModelSetup,
    "ModelChecks": insight.ModelChecks, "WorkflowView": insight.Workflow, "Health": insight.Health,
    "Decision": models.Decision, "Caller": access.Caller, "NewKey": access.NewKey, "ApiKey": access.ApiKey,
    "AuditPage": models.Page[access.AuditEntry], "DemoView": access.Demo, "TaskTimeline": views.Timeline,
    "TaskTests": views.Tests, "TaskReviews": views.Reviews, "TaskPlan": views.Plan, "TaskGraph": views.Graph,
    "TaskCosts": views.Costs, "TaskTree": views.Tree, "CallPage": models.Page[views.CallPreview],
    "RuleView": agents.Rule, "ExperimentAnswer": agents.Experiment,
    "VersionView": agents.Version, "VersionDiff": agents.VersionDiff, "IdentityAnswer": agents.IdentityAnswer,
    "MemoryDiffPage": models.Page[agents.MemoryDiff], "Interaction": insight.Interaction, "Series": figures.Series,
    "SettingView": figures.Setting, "PartChecks": figures.PartChecks, "ImportReport": moving.ImportReport,
}  # fmt: skip
"""What the API answers with, and how the client reads it."""
LEFT_OUT = {"GET /metrics", "POST /hooks/{host}"}
"""Operations that the client does not have: Prometheus and code hosts call them themselves."""
STREAMS = {"GET /tasks/{task_id}/events", "GET /events"}
ARGUMENTS = {"task_id": "t", "interrupt_id": "i", "seq": 1, "agent": "planner", "path": "a/b.py", "message": "m",
             "action": "approve", "task_description": "todos", "key_id": "k", "name": "ada", "role": "viewer",
             "rule_id": "r", "version": 2, "expected_version": 1, "call_id": "c", "text": "x",
             "file": Path("f"), "format": "openai"}  # fmt: skip


@asynccontextmanager
async def nothing() -> Any:
    yield ApiServices  # never entered: the document needs no service


@pytest.fixture(scope="module")
def document() -> Schema:
    return create_app(nothing).openapi()


def resolved(schema: Schema, root: Schema) -> Schema:
    """What a reference stands for."""
    while "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema


def options(schema: Schema, root: Schema) -> list[Schema]:
    """The alternatives of a schema, each without a reference."""
    schema = resolved(schema, root)
    found = schema.get("anyOf") or schema.get("oneOf")
    return [each for one in found for each in options(one, root)] if found else [schema]


def misfits(ours: Schema, our_root: Schema, theirs: Schema, their_root: Schema, at: str) -> Iterator[str]:
    """Where something that the API may say is not what the client reads."""
    if ours.get("$ref", "").endswith("/Json"):  # takes whatever there is
        return
    candidates = options(ours, our_root)
    for said in options(theirs, their_root):
        fitting = [each for each in candidates if kind_fits(each, said)]
        if not fitting:
            yield f"{at}: {said.get('type', said)} is not among {[each.get('type') for each in candidates]}"
            continue
        tries = [list(inside(each, our_root, said, their_root, at)) for each in fitting]
        yield from min(tries, key=len)


def kind_fits(ours: Schema, theirs: Schema) -> bool:
    """Whether a value of the one kind may be read as the other."""
    if not ours.keys() - {"title", "description", "default"}:
        return True
    if "enum" in ours or "const" in ours:
        taken = set(ours.get("enum", [ours.get("const")]))
        return set(theirs.get("enum", [theirs.get("const")])) <= taken
    wanted = {"string": {"string"}, "number": {"number", "integer"}}.get(ours.get("type", ""), {ours.get("type")})
    return (theirs.get("type") or ("string" if "const" in theirs else None)) in wanted


def inside(ours: Schema, our_root: Schema, theirs: Schema, their_root: Schema, at: str) -> Iterator[str]:
    """The same for what an object or a list holds."""
    if theirs.get("type") == "array" and "items" in theirs and "items" in ours:
        yield from misfits(ours["items"], our_root, theirs["items"], their_root, f"{at}[]")
    extra, our_extra = theirs.get("additionalProperties"), ours.get("additionalProperties")
    if isinstance(extra, dict) and isinstance(our_extra, dict):
        yield from misfits(our_extra, our_root, extra, their_root, f"{at}{{}}")
    if "properties" not in theirs or "properties" not in ours:
        return
    known, said = ours["properties"], theirs["properties"]
    yield from (f"{at}.{name}: the client does not have it" for name in said.keys() - known.keys())
    yield from (f"{at}.{name}: the API does not have it" for name in known.keys() - said.keys())
    needed = set(ours.get("required", ())) - said.keys()
    yield from (f"{at}.{name}: needed, and not always there" for name in needed)
    for name in known.keys() & said.keys():
        yield from misfits(known[name], our_root, said[name], their_root, f"{at}.{name}")


@pytest.mark.parametrize("name", SHAPES)
def test_whatever_the_api_may_answer_the_client_reads(document: Schema, name: str) -> None:
    ours = TypeAdapter(SHAPES[name]).json_schema(mode="validation", ref_template="#/$defs/{model}")
    theirs = document["components"]["schemas"][name]
    assert list(misfits(ours, ours, theirs, document, name)) == []


def test_what_does_not_fit_is_found(document: Schema) -> None:
    """The comparison itself: a field that is missing, one too many, one of another type, and a narrower choice."""

    class Narrow(BaseModel):
        path: int
        status: str
        additions: int = 0
        owner: str

    ours = Narrow.model_json_schema()
    found = set(misfits(ours, ours, document["components"]["schemas"]["FileChange"], document, "F"))
    assert {line.split(":")[0] for line in found} == {"F.path", "F.deletions", "F.owner"}
    kinds = TypeAdapter(models.TaskStatus).json_schema()
    wider = {"type": "string", "enum": [*models.TaskStatus, "asleep"]}
    assert list(misfits(kinds, kinds, wider, document, "S"))


def test_every_answer_of_the_api_has_a_shape_here(document: Schema) -> None:
    named = set()
    for item in document["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                schema = response.get("content", {}).get("application/json", {}).get("schema", {})
                schema = schema.get("items", schema)
                if status.startswith("2") and "$ref" in schema:
                    named.add(schema["$ref"].rsplit("/", 1)[1])
    assert named <= SHAPES.keys() | {"HookTaken"}
    assert "TaskView" in named


def source_of(name: str) -> Any:
    """The function that describes the requests of a method."""
    return next(
        getattr(module, name)
        for module in (operations, looking, governing, tuning, viewing, moving)
        if hasattr(module, name)
    )


def described() -> Iterator[tuple[str, Call[Any]]]:
    """Every request of the client, under the name of its method."""
    for name, method in vars(Methods).items():
        if not isinstance(method, Operation | Listing):
            continue
        source = source_of(name)
        required = {
            each.name: ARGUMENTS[each.name]
            for each in inspect.signature(source).parameters.values()
            if each.default is inspect.Parameter.empty
        }
        request = source(**required)
        yield name, request.first if isinstance(request, Pages) else request


def template_of(call: Call[Any], document: Schema) -> str:
    """The operation that the API has for a request."""
    segments = call.path.split("/")
    for path, item in document["paths"].items():
        wanted = path.split("/")
        whole = wanted[-1] == "{path}" and len(segments) >= len(wanted)
        same = len(wanted) == len(segments) or whole
        if call.method.lower() in item and same:
            pairs = zip(wanted, segments, strict=False)
            if all(part == given or (part.startswith("{") and given != "page") for part, given in pairs):
                return f"{call.method} {path}"
    raise AssertionError(f"the API has no {call.method} {call.path}")


def test_every_operation_of_the_api_has_a_method(document: Schema) -> None:
    there = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}
    all_events = looking.stored_events().first
    calls = [call for _, call in described()]
    asked = {template_of(call, document) for call in [*calls, all_events, looking.stored_events("t").first]}
    assert asked | STREAMS | LEFT_OUT == there


@pytest.mark.parametrize(
    ("describe", "schema"), [(operations.submit, "TaskSubmission"), (operations.fork, "ForkRequest"),
                             (operations.reply, "Reply"), (operations.decide, "Decision"),
                             (operations.read_reply, "Reading"), (tuning.change_rule, "RuleChange"),
                             (tuning.roll_back, "Rollback")],
)  # fmt: skip
def test_what_can_be_sent_is_what_the_api_takes(document: Schema, describe: Any, schema: str) -> None:
    own = {"task_id", "interrupt_id", "idempotency_key", "agent", "rule_id"} if schema != "Reply" else {"task_id"}
    given = set(inspect.signature(describe).parameters) - own
    assert given == document["components"]["schemas"][schema]["properties"].keys()


@pytest.mark.parametrize("name", ["tasks", "logs", "export_logs", "interrupts", "stored_events", "task", "artifact", "diff",
                                  "graph", "tree", "calls", "series", "version_diff", "memory_diffs"])  # fmt: skip
def test_what_is_asked_for_is_a_parameter_of_the_api(document: Schema, name: str) -> None:
    """Each parameter that can be given is sent, and under a name that the API knows."""
    source = source_of(name)
    values = {
        "status": "pending", "newest_first": True, "success": True, "order": "newest", "page_size": 7, "after": 3, "before": 9,
        "mode": "expanded", "wait_s": 5, "include": "artifacts", "payload": True, **ARGUMENTS,
    }  # fmt: skip
    parameters = inspect.signature(source).parameters
    request = source(**{each: values.get(each, "x") for each in parameters})
    call = request.first if isinstance(request, Pages) else request
    _, path = template_of(call, document).split(" ", 1)
    known = {each["name"] for each in document["paths"][path]["get"]["parameters"]}
    assert call.params.keys() <= known
    in_path = {each for each in parameters if f"{{{each}}}" in path}
    assert len(call.params) == len(parameters) - len(in_path)


def test_the_answers_to_questions_are_those_of_the_service() -> None:
    assert {kind.value: [each.value for each in actions] for kind, actions in ACTIONS.items()} == {
        kind.value: [each.value for each in actions] for kind, actions in ALLOWED_ACTIONS.items()
    }


def test_both_clients_have_the_same_methods_with_the_same_words() -> None:
    def public(kind: type[object]) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")}

    assert public(AutonomyClient) == public(AsyncAutonomyClient)
    assert all(getattr(AutonomyClient, name).__doc__ for name in public(AutonomyClient) - {"address", "close"})
    with AutonomyClient("http://127.0.0.1:9") as blocking:
        assert inspect.signature(blocking.submit) == inspect.signature(operations.submit)
        assert blocking.wait.__doc__ == operations.wait.__doc__


def test_a_wait_is_made_of_answers_that_the_service_may_hold() -> None:
    steps: Steps[models.Task] = operations.wait("t", timeout_s=1_000)
    first = next(steps)
    assert isinstance(first, Call)
    assert first.params["wait"] == "60.0"
    assert first.answer_s > 60


def test_nothing_but_httpx_and_pydantic_is_needed() -> None:
    named: set[str] = set()
    for file in Path(inspect.getfile(client)).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                named |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                named.add((node.module or "").split(".")[0])
    others = named - sys.stdlib_module_names - {"client"}
    assert others == {"httpx", "pydantic", "typing_extensions"}, "the last comes with pydantic"
