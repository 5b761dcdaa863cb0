"""What the offline model answers when another agent asks it: what plan and contract say about the words of the question."""

import re
from collections.abc import Collection

from core.plan import EntitySpec, FieldSpec, Plan, RuleSpec
from core.types import JsonObject
from llm.offline.amending import amend
from llm.offline.prompt_view import PromptView

MOST = 12
"""Lines of an answer."""
_SENTENCE = re.compile(r"[^.?!]+[.?!]*")
_ABOUT_OPERATIONS = re.compile(
    r"\b(?:operation|endpoint|route|path|status|code|answer|request|response|url)s?\b", re.IGNORECASE
)
_METHODS = (
    ("post", re.compile(r"\bPOST\b|\b[Cc]reat(?:e|es|ed|ing)\b")),
    ("get", re.compile(r"\bGET\b|\b[Ll]ist(?:s|ed|ing)?\b|\b[Rr]ead(?:s|ing)?\b")),
    ("patch", re.compile(r"\bPATCH\b|\b[Uu]pdat(?:e|es|ed|ing)\b|\b[Cc]hang(?:e|es|ed|ing)\b")),
    ("delete", re.compile(r"\bDELETE\b|\b[Dd]elet(?:e|es|ed|ing)\b|\b[Rr]emov(?:e|es|ed|ing)\b")),
)
"""How a question names a method of the API: as such, or by what it does."""
_ABOUT_ACCOUNTS = frozenset(
    {"auth", "token", "tokens", "sign", "login", "account", "accounts", "user", "users", "password"}
)


def answer_question(prompt: PromptView) -> JsonObject:
    """The lines that speak of what is asked. What is said rather than asked, and reads as a change of the plan, is wanted."""
    plan, question = prompt.plan, prompt.text("question")
    found = list(dict.fromkeys(_lines(plan, prompt.text("operations"), question)))[:MOST]
    wanted = _wanted(plan, question)
    if not found:
        found = ["Plan and contract say nothing about that; decide it yourself."]
    if wanted:
        found.append("That is not in plan and contract, which would have to change.")
    return {"answer": " ".join(found), "contract_change": {"wanted": wanted} if wanted else None}


def _wanted(plan: Plan, question: str) -> str:
    """The sentences that are no questions, where they can be read as a change of the plan."""
    said = [sentence.strip() for sentence in _SENTENCE.findall(question) if not sentence.rstrip().endswith("?")]
    wish = " ".join(sentence for sentence in said if sentence)
    return wish if wish and amend(plan, wish).plan is not None else ""


def _lines(plan: Plan, operations: str, question: str) -> list[str]:
    words = set(re.findall(r"[a-z][a-z0-9]*", re.sub(r"[_-]", " ", question).lower()))
    lines: list[str] = []
    named = [entity for entity in plan.entities if _is_named(entity, words)]
    for entity in named:
        fields = [field for field in entity.fields if _words(field.name) <= words]
        lines += [_field(entity, field) for field in fields] or [_entity(entity)]
        methods = {method for method, pattern in _METHODS if pattern.search(question)}
        if methods or _ABOUT_OPERATIONS.search(question):
            lines += _operations(operations, entity, methods)
    for entity in plan.entities if not named else ():
        lines += [_field(entity, field) for field in entity.fields if _words(field.name) <= words]
    lines += [_rule(rule) for rule in plan.rules if any(rule.entity == entity.name for entity in named)]
    if words & _ABOUT_ACCOUNTS:
        lines.append(_accounts(plan))
    return lines


def _words(name: str) -> set[str]:
    return set(re.sub(r"[_-]", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)).lower().split())


def _is_named(entity: EntitySpec, words: set[str]) -> bool:
    names = (entity.name, entity.table, entity.path, entity.label, entity.label_plural)
    return any(_words(name) <= words for name in names)


def _entity(entity: EntitySpec) -> str:
    fields = "; ".join(_described(field) for field in entity.fields)
    unique = "".join(f" Unique together: {', '.join(group)}." for group in entity.unique_together)
    operations = ", ".join(entity.operations)
    return f"{entity.name} ({entity.table}, /api/{entity.path}, {entity.access}; {operations}) has {fields}.{unique}"


def _field(entity: EntitySpec, field: FieldSpec) -> str:
    return f"{entity.name}.{_described(field)}."


def _described(field: FieldSpec) -> str:
    said = [field.type, "required" if field.required else "optional"]
    said += ["unique"] if field.unique else []
    said += ["set by the server"] if field.server_set else []
    said += [f"at most {field.max_length} characters"] if field.max_length else []
    said += [f"from {field.minimum}"] if field.minimum is not None else []
    said += [f"to {field.maximum}"] if field.maximum is not None else []
    said += [f"one of {', '.join(field.values)}"] if field.values else []
    said += [f"of {field.references}"] if field.references else []
    said += [f"by default {field.default}"] if field.default is not None else []
    return f"{field.name} ({', '.join(said)})"


def _operations(text: str, entity: EntitySpec, methods: Collection[str]) -> list[str]:
    """The contract's lines about the entity's paths, of these methods where there are any."""
    path = re.compile(rf"(\w+) /api/{re.escape(entity.path)}(?:[/ ]|$)")
    lines = [(found[1].lower(), line) for line in text.split("\n") if (found := path.match(line))]
    return [f"{line}." for method, line in lines if not methods or method in methods]


def _rule(rule: RuleSpec) -> str:
    return f"{rule.statement.rstrip('.')}."


def _accounts(plan: Plan) -> str:
    if plan.auth is None:
        return "There are no accounts."
    table = f"{plan.auth.entity} ({plan.auth.table})"
    return f"Accounts are {table}; people sign in by {plan.auth.login_field} and send a bearer token."
