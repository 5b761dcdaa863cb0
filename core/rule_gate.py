"""The gate of learned rules: what may come in on trial. Pure; every refusal says precisely why."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.learning import ProposedRule
from core.redaction import Redactor
from core.rule_dangers import danger
from core.rule_vocabulary import TECHNOLOGIES
from core.rule_words import contradicts, fold, keywords, nearest, stem
from core.rules import rule_id

MIN_RULE_LENGTH = 15
MIN_WORDS = 3
MAX_SENTENCES = 2
_LIBRARIES = frozenset({"node.js", "vue.js", "next.js", "e.g", "i.e"})
_IDENTIFIERS = (
    (re.compile(r"[a-z]+://\S+|\bwww\.\S+", re.I), "an address"),
    (re.compile(r"\S+@\S+\.\w+"), "an address"),
    (re.compile(r"`[^`]*`?"), "quoted code"),
    (re.compile(r"\{[^}]*\}"), "a route or a template"),
    (re.compile(r"(?:^|[\s(\"'])/\w\S*"), "a route or a path"),
    (re.compile(r"\b[\w.-]+/[\w.-]+/\S*"), "a path"),
    (re.compile(r"\b[\w/-]*\w\.(?:py|tsx?|jsx?|json|md|ya?ml|toml|sql|db|html|css|txt|cfg|ini|sh|lock|csv)\b", re.I), "a file"),
    (re.compile(r"(?<!\w)\.(?:env|github|gitignore|dockerignore)\b"), "a file"),
    (re.compile(r"\b\w*[A-Za-z0-9]_\w+"), "an identifier"),
    (re.compile(r"\b[a-z]+[A-Z]\w*|\b[A-Z][a-z0-9]+[A-Z]\w*"), "an identifier"),
    (re.compile(r"\b\w+\([^)]*\)(?=\W|$)"), "a call"),
    (re.compile(r"\b[a-z]\w*\.[a-z]\w+\b"), "an identifier"),
    (re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,}\b", re.I), "a digest"),
    (re.compile(r"#\d+|\b(?:id|task|line|issue|ticket|row|number|version)\s+\d+\b|\b\d{5,}\b", re.I), "the number of one thing"),
)  # fmt: skip
_MARKUP = re.compile(
    r"<\s*/?\s*\w+[^>]*>|^\s*(?:[-*#>]|\d+[.)])\s|\b(?:Agent|Step|System|User|Assistant)\s*:|\*\*", re.I
)
_SENTENCE_END = re.compile(r"[.!?](?:\s+|$)")
_VALUE = re.compile(r"\b(?:password|passwd|api[- ]?key|token|secret)\s*[=:]\s*\S+", re.I)
_TECHNOLOGIES = frozenset(TECHNOLOGIES.split())


@dataclass(frozen=True)
class Gone:
    """Why a rule has left, and when (Unix time)."""

    why: str
    at: float


@dataclass(frozen=True)
class GateContext:
    """What candidates are judged against.

    `known` is what the agent is told beside its rules. `specific` are stems of words of the tasks that the rules were drawn from.
    `tried` are rules that were here before. `evidence` says of each finding which tasks it came in, and when each ended: a
    rule may be tried again with findings from `enough` tasks that ended since it left. `obsolete` are ids of rules that the
    model gives up.
    """

    max_length: int
    rules: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    trials: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    specific: frozenset[str] = frozenset()
    task_ids: frozenset[str] = frozenset()
    tried: Mapping[str, Gone] = field(default_factory=dict)
    evidence: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    enough: int = 3
    obsolete: frozenset[str] = frozenset()
    redactor: Redactor = field(default_factory=Redactor)


def refusal(rule: ProposedRule, context: GateContext) -> str | None:
    """Why `rule` does not come in; None when it does."""
    return next(_reasons(rule, context), None)


def _reasons(rule: ProposedRule, context: GateContext) -> Iterator[str]:
    yield from _form(rule.text, context)
    if (named := [name for name in rule.because if name in context.evidence]) == []:
        yield "it names no finding that was observed"
    yield from _specifics(rule.text, context)
    if (found := danger(rule.text)) is not None:
        yield found
    yield from _repetitions(rule.text, context)
    if (before := nearest(rule.text, context.tried)) is not None:
        gone = context.tried[before]
        since = {task for name in named for task, ended_at in context.evidence[name].items() if ended_at > gone.at}
        if len(since) < context.enough:
            yield gone.why


def _form(text: str, context: GateContext) -> Iterator[str]:
    length = len(text)
    if not MIN_RULE_LENGTH <= length <= context.max_length:
        yield f"it has {length:,} characters; a rule has {MIN_RULE_LENGTH} to {context.max_length:,}"
    if text != text.strip() or any(not character.isprintable() for character in text):
        yield "it is not one line of plain text"
    if (found := _MARKUP.search(text)) is not None:
        yield f"it has markup: {found.group().strip()!r}"
    if len(text.split()) < MIN_WORDS:
        yield f"it has fewer than {MIN_WORDS} words"
    if len(_SENTENCE_END.findall(text)) > MAX_SENTENCES:
        yield "it is more than one thought: a rule is one sentence"
    if context.redactor.text(text) != text or _VALUE.search(text):
        yield "it holds what looks like a secret"


def _specifics(text: str, context: GateContext) -> Iterator[str]:
    for pattern, what in _IDENTIFIERS:
        for found in pattern.finditer(text):
            said = found.group().strip(" \"'(")
            if said not in _TECHNOLOGIES and said.lower() not in _LIBRARIES:
                yield f"it names {what}, {said!r}: a rule is for any task"
    for task_id in sorted(context.task_ids):
        if task_id in text:
            yield f"it names the task {task_id}: a rule is for any task"
    own = keywords(text)
    if words := sorted(word for word in context.specific if word in own):
        shown = next((each for each in fold(text).split() if stem(each) == words[0]), words[0])
        yield f"it names {shown!r}, a word of the task that it was drawn from: a rule is for any task"


def _repetitions(text: str, context: GateContext) -> Iterator[str]:
    lists = (
        ("a standing rule", context.rules),
        ("a rule on trial", context.trials),
        ("what the agent is told already", context.known),
    )
    for what, others in lists:
        if same := next((other for other in others if fold(other) == fold(text)), None):
            yield f"it is {what} already: {same!r}"
    for other in (*context.rules, *context.known):
        if contradicts(text, other) and not _may_replace(other, context):
            yield f"it contradicts a standing rule: {other!r}"
    for what, others in lists:
        open_to = [other for other in others if not contradicts(text, other)]
        if (near := nearest(text, open_to)) is not None:
            yield f"it says nearly the same as {what}: {near!r}"


def _may_replace(rule: str, context: GateContext) -> bool:
    """Whether the model gave the rule up, for which it has to name findings as with any rule. A pinned one stays."""
    return rule in context.rules and rule_id(rule) in context.obsolete and rule not in context.pinned
