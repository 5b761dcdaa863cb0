"""What the walk through the contract is made of: requests that are judged, rows made in the order of their references."""

import itertools
from collections.abc import Sequence
from typing import Any

from .asgi import Answer, Client
from .box import Report, blame_frame, short_traceback
from .contract import Contract, Operation
from .locate import Source
from .samples import Samples

KNOWN_RULES = {
    "capacity", "unique_per", "status_flow", "single_active", "counter_redirect", "totals", "child_summary", "csv_export",
    "low_stock", "no_overlap", "ordered_fields", "same_parent",
}  # fmt: skip
MAX_DEPTH = 6


class Impossible(Exception):
    """A row that is needed could not be made; why it could not has been noted where it happened."""


class Entity:
    """An entity of the plan with its operations of the contract; those that the contract lacks are None."""

    def __init__(self, spec: dict[str, Any], plan: dict[str, Any], contract: Contract) -> None:
        base = f"/api/{spec['path']}"
        self.name, self.spec, self.access = spec["name"], spec, spec.get("access", "public")
        self.fields: dict[str, dict[str, Any]] = {field["name"]: field for field in spec["fields"]}
        self.rules = [rule for rule in plan.get("rules", []) if rule["entity"] == self.name]
        self.list = contract.find(f"GET {base}")
        self.create = contract.find(f"POST {base}")
        self.read = contract.find(f"GET {base}/{{}}")
        self.update = contract.find(f"PATCH {base}/{{}}")
        self.delete = contract.find(f"DELETE {base}/{{}}")

    @property
    def predictable(self) -> bool:
        """False when it has a rule of a kind that we do not know, so that a valid body may rightly be refused."""
        return all(rule["kind"] in KNOWN_RULES for rule in self.rules)

    def belonging(self, name: str) -> dict[str, Any] | None:
        """The rule that says what the row which the field refers to must itself belong to."""
        rules = (rule["params"] for rule in self.rules if rule["kind"] == "same_parent")
        return next(
            (params for params in rules if params.get("reference") == name and {"same", "through"} <= set(params)), None
        )

    def steps(self, name: str, limit: int = MAX_DEPTH) -> int:
        """How many fields have to be known before this one can be chosen."""
        rule = self.belonging(name)
        return 1 + self.steps(rule["same"], limit - 1) if rule and limit else 0

    def rule(self, kind: str) -> dict[str, Any] | None:
        return next((rule["params"] for rule in self.rules if rule["kind"] == kind), None)


class Walker:
    """Sends requests, holds every answer against the contract, and notes what breaks it."""

    def __init__(
        self, client: Client, contract: Contract, plan: dict[str, Any], source: Source, report: Report
    ) -> None:
        self.client, self.contract, self.plan, self.report = client, contract, plan, report
        self.samples = Samples(contract)
        self.entities = {spec["name"]: Entity(spec, plan, contract) for spec in plan["entities"]}
        self.covered: dict[str, None] = {}
        self.token: str | None = None
        self.user_id: int | None = None
        self.requests = 0
        self._crashes: set[tuple[type[BaseException], str | None, int | None]] = set()
        self._source = source

    def call(
        self,
        operation: Operation,
        *ids: Any,
        query: dict[str, Any] | None = None,
        body: Any = None,
        token: str | None = "",
    ) -> Answer:
        """Send a request; `ids` fill the path. `token` "" means the first user's where the contract asks for one."""
        path = operation.path
        for value in ids:
            start, end = path.index("{"), path.index("}")
            path = f"{path[:start]}{value}{path[end + 1 :]}"
        if token == "":
            token = self.token if self.contract.secured(operation) else None
        answer = self.client.request(operation.method, path, query=query, body=body, token=token)
        self.requests += 1
        self._judge(operation, answer)
        return answer

    def expect(
        self, operation: Operation, answer: Answer, wanted: int | Sequence[int], what: str, category: str
    ) -> bool:
        """Note a finding when the status is another one; `what` completes the sentence `<operation>: <what> was answered`."""
        statuses = [wanted] if isinstance(wanted, int) else list(wanted)
        if answer.status in statuses:
            return True
        if answer.crash is None:
            expected = " or ".join(map(str, statuses))
            self.note(operation, f"{what} was answered {answer.status}, expected {expected}", category, answer)
        return False

    def note(self, operation: Operation, text: str, category: str, answer: Answer | None = None) -> None:
        file, line = self.place(operation)
        evidence = answer.body.decode(errors="replace")[:800] if answer else ""
        self.report.add(f"{operation.name}: {text}", file, line, category=category, evidence=evidence)

    def place(self, operation: Operation) -> tuple[str | None, int | None]:
        """File and line of the operation's handler."""
        return self._source.find(operation.method, operation.path)

    def _judge(self, operation: Operation, answer: Answer) -> None:
        if answer.crash is not None:
            file, line = blame_frame(answer.crash)
            known = (type(answer.crash), file, line)
            if known in self._crashes:
                return
            self._crashes.add(known)
            handler = self.place(operation)
            self.report.add(
                f"{operation.name}: raised {type(answer.crash).__name__}: {str(answer.crash)[:300]}",
                file or handler[0], line or handler[1], category="crash", evidence=short_traceback(answer.crash),
            )  # fmt: skip
            return
        problem = self.contract.problem(operation, answer.status, answer.content_type, answer.body, answer.json())
        if problem:
            self.note(operation, problem, "contract", answer)
        elif answer.status < 400:
            self.covered[operation.name] = None

    # rows

    def row(self, entity: Entity, *, optional: bool = True, depth: int = 0, **given: Any) -> dict[str, Any]:
        """Create a row with parents of its own and return it as the application answered. Raises Impossible."""
        if entity.create is None or depth > MAX_DEPTH:
            raise Impossible
        body = self.body(entity, optional=optional, depth=depth, **given)
        answer = self.call(entity.create, body=body)
        if answer.status != 201:
            if entity.predictable or answer.status not in (409, 422):
                self.expect(entity.create, answer, 201, f"the valid body {shorten(body)}", "valid")
            raise Impossible
        made = answer.json()
        if not isinstance(made, dict) or "id" not in made:
            raise Impossible
        return made

    def body(self, entity: Entity, *, optional: bool = True, depth: int = 0, **given: Any) -> dict[str, Any]:
        """A valid body of the create operation, with all fields or only the required ones."""
        assert entity.create is not None
        schema = self.object_schema(self.contract.body_schema(entity.create))
        required = schema.get("required", [])
        body: dict[str, Any] = {}
        for name, part in sorted(schema.get("properties", {}).items(), key=lambda item: entity.steps(item[0])):
            if name in given:
                body[name] = given[name]
            elif name in required or optional:
                value = self._field(entity, name, part, body, required=name in required, depth=depth)
                if value is not None or name in required:
                    body[name] = value
        return self._keep_rules(entity, body)

    def object_schema(self, schema: Any) -> dict[str, Any]:
        found = self.contract.resolve(schema)
        return found if isinstance(found, dict) else {}

    def _field(
        self, entity: Entity, name: str, schema: Any, body: dict[str, Any], *, required: bool, depth: int
    ) -> Any:
        field = entity.fields.get(name, {})
        target = field.get("references")
        if target and field["type"] == "reference":
            if not required and (target == entity.name or depth >= MAX_DEPTH):
                return None
            rule = entity.belonging(name)
            known = {rule["through"]: body[rule["same"]]} if rule and rule["same"] in body else {}
            return self._parent(target, depth, **known)
        if target:
            return [self._parent(target, depth)] if target != entity.name and depth < MAX_DEPTH else []
        flow = entity.rule("status_flow")
        if flow and flow.get("field") == name:
            return flow.get("initial")
        if any(
            rule["kind"] == "capacity" and rule["params"].get("field") == name for rule in self.plan.get("rules", [])
        ):
            return int(min(50, field.get("maximum") or 50))
        return self.samples.value(schema, name)

    def _parent(self, target: str, depth: int, **given: Any) -> Any:
        if target not in self.entities:
            return self.user_id
        return self.row(self.entities[target], optional=False, depth=depth + 1, **given)["id"]

    def _keep_rules(self, entity: Entity, body: dict[str, Any]) -> dict[str, Any]:
        """Where an end must follow a start, make it so."""
        for kind in ("ordered_fields", "no_overlap"):
            rule = entity.rule(kind)
            if rule and rule["start"] in body and rule["end"] in body:
                first, second = sorted((body[rule["start"]], body[rule["end"]]), key=str)
                body[rule["start"]], body[rule["end"]] = first, second
        return body


def shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 300 else f"{text[:300]}..."


def pairs(values: Sequence[Any]) -> list[tuple[Any, Any]]:
    return list(itertools.pairwise(values))
