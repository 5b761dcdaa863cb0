"""An OpenAPI document in the fewest words that hold all of it, for prompts: schemas first, then a line per operation.

What is said again and again (parameters, descriptions and schemas of a status, patterns) is said once, at the top.
Keywords that this notation has no words for follow as JSON, so that nothing is left out.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from core.types import Json, JsonObject

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_SCHEMAS = "#/components/schemas/"
_JSON_MEDIA = "application/json"
_FASTAPI: Mapping[str, JsonObject] = {
    "ValidationError": {
        "type": "object",
        "properties": {
            "loc": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
            "msg": {"type": "string"},
            "type": {"type": "string"},
            "input": {},
            "ctx": {"type": "object"},
        },
        "required": ["loc", "msg", "type"],
    },
    "HTTPValidationError": {
        "type": "object",
        "properties": {"detail": {"type": "array", "items": {"$ref": "#/components/schemas/ValidationError"}}},
    },
}
"""What FastAPI says of invalid input, in every application."""
_RANGES = (("minLength", "maxLength"), ("minimum", "maximum"), ("minItems", "maxItems"))


def contract_schemas(contract: JsonObject) -> str:
    """The schemas: `Name = type` each, with `closed` where no other member is taken; `?` may be left out."""
    return "\n".join(_Text(contract).schemas())


def contract_operations(contract: JsonObject) -> str:
    """What holds for all of them, then `METHOD path operationId (parameters) body -> answers` each."""
    return "\n".join(_Text(contract).operations())


class _Text:
    """One document. Members are taken out of copies as they are written; what is left over is written as JSON."""

    def __init__(self, contract: JsonObject) -> None:
        self._contract = _resolved(contract)
        patterns = Counter(_patterns(contract))
        self._patterns = {
            pattern: f"p{number}"
            for number, pattern in enumerate((each for each, count in patterns.items() if count > 1), 1)
        }

    def schemas(self) -> Iterator[str]:
        for pattern, name in self._patterns.items():
            yield f"/{name}/ is the pattern {pattern}"
        known: dict[str, str] = {}
        for name, schema in _object(_object(self._contract.get("components")).get("schemas")).items():
            if _FASTAPI.get(name) == schema:
                yield f"{name} is FastAPI's"
                continue
            members = _object(schema).get("properties")
            like = known.setdefault(_compact(members), name) if members else name
            yield f"{name} = {self._like(_object(schema), like) if like != name else self._type(schema)}"

    def operations(self) -> Iterator[str]:
        found = [(method.upper(), path, operation) for path, method, operation in operations_of(self._contract)]
        parameters = Counter(
            self._parameter(each) for *_, operation in found for each in _list(operation.get("parameters"))
        )
        common = {text: text.split(":")[0] for text, count in parameters.items() if count > 1}
        names = Counter(common.values())
        common = {text: name for text, name in common.items() if names[name] == 1}
        answers = _common_answers([_object(operation.get("responses")) for *_, operation in found])
        yield from self._head()
        if common:
            yield "Parameters, where only the name is said: " + "; ".join(common)
        if answers:
            said = (self._answer(status, answer, {}) for status, answer in answers.items())
            yield "Answers, where only the status is said: " + "; ".join(said)
        for method, path, operation in found:
            yield f"{method} {path} {self._operation(operation, common, answers)}"

    def _like(self, schema: JsonObject, other: str) -> str:
        """A schema with the very members of another one."""
        rest = {name: each for name, each in schema.items() if name not in ("type", "properties")}
        needed = rest.pop("required", None)
        closed = "closed " if rest.get("additionalProperties") is False else ""
        if closed:
            del rest["additionalProperties"]
        kind = [] if schema.get("type") == "object" else [_compact({"type": schema.get("type")})]
        asked = "none required" if needed is None else f"required {_compact(needed)}"
        return " ".join([f"{closed}the members of {other}, {asked}", *kind, *_left(rest)])

    def _head(self) -> Iterator[str]:
        """Everything of the document beside paths and schemas."""
        components = {
            name: each for name, each in _object(self._contract.get("components")).items() if name != "schemas"
        }
        rest = {name: each for name, each in self._contract.items() if name not in ("paths", "components")}
        if rest.get("tags") == self._used_tags():
            del rest["tags"]
            rest["tags as used"] = True
        yield _compact({**rest, **({"components": components} if components else {})})
        for path, item in _object(self._contract.get("paths")).items():
            beside = {name: each for name, each in _object(item).items() if name not in METHODS}
            if beside or not isinstance(item, dict) or not item:
                yield f"{path}: {_compact(beside or item)}"

    def _used_tags(self) -> list[Json]:
        """Tags of the operations, each once, as the document would list them."""
        used = [tag for *_, operation in operations_of(self._contract) for tag in _list(operation.get("tags"))]
        return [{"name": name} for name in dict.fromkeys(map(str, used))]

    def _operation(self, operation: JsonObject, common: Mapping[str, str], answers: Mapping[str, JsonObject]) -> str:
        rest = dict(operation)
        parts = [str(rest.pop("operationId", "-"))]
        parts += [_compact(rest.pop("summary"))] if "summary" in rest else []
        tags = rest.get("tags")
        if isinstance(tags, list) and len(tags) == 1 and str(tags[0]).isalnum():
            parts.append(f"#{rest.pop('tags')[0]}")  # type: ignore[index]  # a list, see above
        parts += [_security(rest.pop("security"))] if "security" in rest else []
        texts = [self._parameter(each) for each in _list(rest.pop("parameters", None))]
        parts += [f"({'; '.join(common.get(text, text) for text in texts)})"] if texts else []
        parts += [f"body {self._body(rest.pop('requestBody'))}"] if "requestBody" in rest else []
        said = [
            status if answer == answers.get(status) else self._answer(status, _object(answer), answers.get(status, {}))
            for status, answer in _object(rest.pop("responses", None)).items()
        ]
        parts += [f"-> {'; '.join(said)}"] if said else []
        return " ".join([*parts, *_left(rest)])

    def _parameter(self, parameter: Json) -> str:
        """`limit?: integer 1..100 = 20, in query, "how many"`."""
        rest = _object(parameter)
        if "$ref" in rest:
            return _compact(rest)
        mark = {True: "", False: "?"}.get(rest.pop("required", None), "~")  # type: ignore[call-overload]  # any JSON may stand there
        parts = [f"{rest.pop('name', '')}{mark}: {self._type(rest.pop('schema', None))}", f"in {rest.pop('in', '')}"]
        parts += [_compact(rest.pop("description"))] if "description" in rest else []
        return ", ".join([*parts, *_left(rest)])

    def _body(self, body: Json) -> str:
        rest = _object(body)
        needed = rest.pop("required", None)
        mark = "" if needed is True else "optional " if needed is None else f"required={_compact(needed)} "
        return " ".join([mark + self._content(rest.pop("content", None)), *_left(rest)])

    def _answer(self, status: str, answer: JsonObject, usual: JsonObject) -> str:
        rest = dict(answer)
        parts = [status]
        content = rest.pop("content", None)
        parts += [self._content(content)] if content is not None else ["(empty)"] if "content" in usual else []
        said = rest.pop("description", None)
        parts += [_compact(said)] if said is not None and said != usual.get("description") else []
        parts += ["-"] if said is None and "description" in usual else []
        return " ".join([*parts, *_left(rest)])

    def _content(self, content: Json) -> str:
        """The type, behind its media type where that is not JSON."""
        said = []
        for media, one in _object(content).items():
            rest = _object(one)
            named = self._type(rest.pop("schema")) if "schema" in rest else "-"
            said.append(" ".join([*([] if media == _JSON_MEDIA else [media]), named, *_left(rest)]))
        return ", ".join(said)

    def _type(self, schema: Json) -> str:
        if not isinstance(schema, dict):
            return "any" if schema is None else _compact(schema)
        rest = dict(schema)
        parts = [self._shape(rest), *self._bounds(rest)]
        if "default" in rest:
            parts.append(f"= {_compact(rest.pop('default'))}")
        examples = rest.get("examples")
        if isinstance(examples, list) and len(examples) == 1:
            parts.append(f"e.g. {_compact(rest.pop('examples')[0])}")  # type: ignore[index]  # a list, see above
        if "description" in rest:
            parts.append(f"-- {_compact(rest.pop('description'))}")
        return " ".join([*parts, *_left(rest)])

    def _shape(self, rest: JsonObject) -> str:
        """What kind of value it is; takes the keywords out that say so."""
        reference = rest.get("$ref")
        if isinstance(reference, str) and reference.startswith(_SCHEMAS):
            return str(rest.pop("$ref")).removeprefix(_SCHEMAS)
        for keyword in ("const", "enum"):
            if keyword in rest:
                kind = rest.pop("type", None)
                value = _compact(rest.pop(keyword))
                return f"{keyword} {value}" if kind is None else f"{_compact(kind).strip(chr(34))} {keyword} {value}"
        for keyword, sign in (("anyOf", " | "), ("oneOf", " ^ "), ("allOf", " & ")):
            options = rest.get(keyword)
            if isinstance(options, list):
                del rest[keyword]
                return f"({sign.join(map(self._type, options))})"
        kind = rest.get("type")
        if isinstance(kind, list) and len(kind) == 2 and kind[1] == "null" and isinstance(kind[0], str):
            rest["type"] = kind[0]
            return f"{self._shape(rest)} or null"
        if kind == "object" and isinstance(rest.get("properties"), dict):
            return self._members(rest)
        if kind == "array" and "items" in rest:
            del rest["type"]
            return f"[{self._type(rest.pop('items'))}]"
        if isinstance(kind, str):
            form = rest.get("format")
            if isinstance(form, str) and form.replace("-", "").isalnum():
                return f"{rest.pop('type')}({rest.pop('format')})"
            return str(rest.pop("type"))
        return "any"

    def _members(self, rest: JsonObject) -> str:
        del rest["type"]
        members = _object(rest.pop("properties"))
        required = rest.get("required")
        needed = set(map(str, required)) if isinstance(required, list) else set()
        if isinstance(required, list) and required and required == [name for name in members if name in needed]:
            del rest["required"]
        marks = {name: "" if name in needed else "?" for name in members}
        said = ", ".join(f"{name}{marks[name]}: {self._type(member)}" for name, member in members.items())
        closed = rest.get("additionalProperties") is False
        if closed:
            del rest["additionalProperties"]
        return f"{'closed ' if closed else ''}{{{said}}}"

    def _bounds(self, rest: JsonObject) -> Iterator[str]:
        for low, high in _RANGES:
            if low in rest or high in rest:
                yield "..".join(_compact(rest.pop(each)) if each in rest else "" for each in (low, high))
        pattern = rest.get("pattern")
        if isinstance(pattern, str):
            del rest["pattern"]
            yield f"/{self._patterns.get(pattern, pattern)}/"


_SHARED = ("parameters", "responses", "requestBodies")
"""Components that operations refer to by name, and that are shown where they are used."""


def _resolved(contract: JsonObject) -> JsonObject:
    """The document with shared parameters, answers and bodies where they are used, and without those that are used."""
    components = _object(contract.get("components"))
    used: set[tuple[str, str]] = set()

    def found(value: Json) -> Json:
        if isinstance(value, list):
            return [found(item) for item in value]
        if not isinstance(value, dict):
            return value
        place = str(value.get("$ref", "")).split("/")
        if len(value) == 1 and place[:2] == ["#", "components"] and len(place) == 4 and place[2] in _SHARED:
            kind, name = place[2:]
            shared = _object(components.get(kind)).get(name)
            if isinstance(shared, dict) and "$ref" not in shared:
                used.add((kind, name))
                return found(shared)
        return {name: found(item) for name, item in value.items()}

    made = {**contract, "paths": found(contract.get("paths", {}))}
    left = {
        kind: {name: one for name, one in shared.items() if (kind, name) not in used}
        if kind in _SHARED and isinstance(shared, dict)
        else shared
        for kind, shared in components.items()
    }
    return {**made, "components": {kind: shared for kind, shared in left.items() if shared or kind not in _SHARED}}


def operations_of(contract: JsonObject) -> Iterator[tuple[str, str, JsonObject]]:
    """(path, method in lower case, operation) of each, in the document's order."""
    for path, item in _object(contract.get("paths")).items():
        for method, operation in _object(item).items():
            if method in METHODS:
                yield path, method, _object(operation)


def _security(security: Json) -> str:
    """`auth HTTPBearer`, or what it is."""
    first = security[0] if isinstance(security, list) and len(security) == 1 else None
    if isinstance(first, dict) and list(first.values()) == [[]]:
        return f"auth {next(iter(first))}"
    return f"security {_compact(security)}"


def _common_answers(answers: Iterable[JsonObject]) -> dict[str, JsonObject]:
    """By status the answer that is given most often, if it is given more than once; of successes what is said of them."""
    counts: dict[str, Counter[str]] = {}
    for each in answers:
        for status, answer in each.items():
            told = _object(answer)
            usual = {"description": told.get("description")} if status.startswith("2") else told
            counts.setdefault(status, Counter())[_compact(usual)] += 1
    found = {status: counter.most_common(1)[0] for status, counter in sorted(counts.items())}
    return {status: _object(json.loads(text)) for status, (text, count) in found.items() if count > 1}


def _patterns(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        pattern = value.get("pattern")
        if isinstance(pattern, str):
            yield pattern
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _patterns(inner)


def _left(rest: JsonObject) -> list[str]:
    return [_compact(rest)] if rest else []


def _object(value: Json) -> JsonObject:
    return dict(value) if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _compact(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
