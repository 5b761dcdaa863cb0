"""When work repeats itself: pure rules over what has happened in a task since a person last spoke.

A loop is told at its first return where that is certain, and at its second at the latest, so that nobody pays for a third.
Fewer open findings than at the earlier round are progress, whatever else is equal. What a run that goes on after a kill
takes from the journal is no call, so no rule here can mistake a recovery for a loop.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core.findings import Finding
from core.types import AgentName, Json, JsonObject, Value

MAX_SHOWN = 5
"""Findings and files that a loop shows of those that were equal."""
_VOLATILE = re.compile(
    r"\b0x[0-9a-fA-F]+"
    r"|\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"
    r"|\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?"
    r"|(?<![\w.])\d+(?:\.\d+)? ?(?:ns|us|µs|ms|s|secs?|seconds?|minutes?)\b"
    r"|\b(?:lines?|columns?|col) \d+(?:[-,:]\d+)*"
    r"|(?<=\.\w{2}):\d+(?::\d+)?|(?<=\.\w{3}):\d+(?::\d+)?|(?<=\.js):\d+(?::\d+)?"
    r"|(?<=\.\w{2})\(\d+,\d+\)|(?<=\.\w{3})\(\d+,\d+\)"
    r"|(?:\b127\.0\.0\.1|\blocalhost):\d+"
    r"|/tmp/[^\s'\":,)]+"
    r"|(?<![\w.])\d{5,}\b"
)
"""What differs from run to run though the same thing is wrong: places, durations, dates, addresses, temporary names."""


class Pattern(StrEnum):
    SAME_PROMPT = "same_prompt"
    SAME_ANSWER = "same_answer"
    SAME_TREE = "same_tree"
    SAME_FINDINGS = "same_findings"
    PING_PONG = "ping_pong"
    MONOLOGUE = "monologue"


class Loop(Value):
    """What repeats. `times` is how often it came up, `iterations` when; `equal` is what was equal, as data."""

    pattern: Pattern
    says: str
    times: int
    iterations: tuple[int, ...]
    equal: dict[str, Json]


@dataclass(frozen=True)
class Call:
    """One answer in an agent's turn: digests of what it was asked and of what it answered (empty: no file).

    `changed`: whether the answer changed anything of what the agent had.
    """

    agent: AgentName
    step: str
    iteration: int
    prompt: str
    answer: str
    changed: bool


@dataclass(frozen=True)
class Round:
    """How a round ended: the findings with their owners, the id of each file's text, and a digest of each agent's files."""

    iteration: int
    findings: tuple[Finding, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    work: Mapping[AgentName, str] = field(default_factory=dict)

    @property
    def open(self) -> frozenset[str]:
        return frozenset(key(finding) for finding in self.findings)


def digest(*parts: Json | Mapping[str, str] | Sequence[str]) -> str:
    """Short and equal for equal parts."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def normal(message: str) -> str:
    """The message without what differs from run to run."""
    return " ".join(_VOLATILE.sub("#", message).split())


def key(finding: Finding) -> str:
    """The same while the same thing is wrong at the same owner's file, wherever in it."""
    return f"{finding.owner or ''}|{finding.file or ''}|{_topic(finding)}"


def _topic(finding: Finding) -> str:
    """The same whosever it is, and in whichever file it was last looked for."""
    return f"{finding.check}|{finding.category}|{normal(finding.message)[:500]}"


def repeated_call(calls: Sequence[Call], prompt: str) -> Loop | None:
    """Why it is no use to ask `prompt` (a digest) after these calls of one turn, oldest first; None when it may be.

    - same answer: its last answer has the files of an earlier one, though it was asked something else;
    - same prompt: the agent has answered this very question in this turn;
    - monologue: its last two answers changed nothing.
    """
    if not calls:
        return None
    last, before = calls[-1], calls[:-1]
    same = [call for call in before if last.answer and call.answer == last.answer]
    if same:
        says = f"{last.agent} answered step {last.step} with the files of its answer to step {same[-1].step}"
        return _of_calls(Pattern.SAME_ANSWER, says, [*same, last], {"answer": last.answer})
    asked = [call for call in calls if call.prompt == prompt]
    if asked:
        says = f"{last.agent} was about to be asked what it has answered before: the same findings in the same files"
        return _of_calls(Pattern.SAME_PROMPT, says, asked, {"prompt": prompt}, times=len(asked) + 1)
    if len(calls) > 1 and not (calls[-2].changed or last.changed):
        says = f"{last.agent} was asked twice and changed nothing"
        return _of_calls(Pattern.MONOLOGUE, says, calls[-2:], {})
    return None


def _of_calls(
    pattern: Pattern, says: str, calls: Sequence[Call], equal: JsonObject, *, times: int | None = None
) -> Loop:
    shown: JsonObject = {"agent": calls[-1].agent.value, "steps": [call.step for call in calls], **equal}
    return Loop(
        pattern=pattern,
        says=says,
        times=times or len(calls),
        iterations=tuple(dict.fromkeys(call.iteration for call in calls)),
        equal=shown,
    )


def find_loops(rounds: Sequence[Round]) -> tuple[Loop, ...]:
    """What the last round repeats of those before it (oldest first), the most telling first."""
    if len(rounds) < 2:
        return ()
    tree = tuple(_same_tree(rounds))
    found = [*tree, *_handed_over(rounds), *_same_findings(rounds), *_monologues(rounds)]
    return tuple(found if tree else [*found, *_alternating_files(rounds)])


def _progress(earlier: Round, later: Round) -> bool:
    return len(later.open) < len(earlier.open)


def _same_tree(rounds: Sequence[Round]) -> Iterator[Loop]:
    """Every file has the text that it had after an earlier round: the one before, or one further back (A, B, A)."""
    *before, last = rounds
    same = [
        one for one in before if one.files == last.files and not _progress(one, last) and not _given_away(one, last)
    ]
    if not same:
        return
    if before[-1].files == last.files:
        says = f"the last round changed nothing: the files are what they were {_after(same[-1:])}"
    else:
        says = f"the files alternate: they are again what they were {_after(same)}"
    yield _of_rounds(Pattern.SAME_TREE, says, [*same, last], {"tree": digest(last.files)})


def _given_away(earlier: Round, later: Round) -> bool:
    """Something that is still wrong was another agent's then: who has it now was not asked."""
    then, now = _owners(earlier), _owners(later)
    return any(now[topic] != then[topic] for topic in now.keys() & then.keys())


def _same_findings(rounds: Sequence[Round]) -> Iterator[Loop]:
    """Exactly the findings of an earlier round are open, at the same owners: of the one before, or one further back."""
    *before, last = rounds
    same = [one for one in before if one.open == last.open]
    if same:
        count = f"the same {len(last.open)} findings are" if len(last.open) > 1 else "the same finding is"
        says = f"{count} open as {_after(same)}, though files have changed"
        yield _of_rounds(Pattern.SAME_FINDINGS, says, [*same, last], {"findings": _shown(last.findings)})


def _handed_over(rounds: Sequence[Round]) -> Iterator[Loop]:
    """A finding was one agent's, then another's, and is the first one's again."""
    *before, last = rounds
    owners = [_owners(one) for one in rounds]
    for finding in last.findings:
        topic = _topic(finding)
        mine = owners[-1][topic]
        seen = [number for number, one in enumerate(before) if owners[number].get(topic) == mine]
        first = next((number for number in seen if not _progress(before[number], last)), None)
        if len(mine) != 1 or first is None:
            continue
        others = [
            number
            for number in range(first + 1, len(before))
            if len(theirs := owners[number].get(topic, mine)) == 1 and theirs != mine
        ]
        if others:
            names = [*mine, *owners[others[-1]][topic]]
            says = f"{' and '.join(names)} hand a finding to each other: {finding.message[:160]}"
            equal: JsonObject = {"owners": [*names], "findings": _shown([finding])}
            yield _of_rounds(Pattern.PING_PONG, says, [before[first], before[others[-1]], last], equal)
            return


def _owners(one: Round) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for finding in one.findings:
        found.setdefault(_topic(finding), set()).add(finding.owner.value if finding.owner else "nobody")
    return found


def _alternating_files(rounds: Sequence[Round]) -> Iterator[Loop]:
    """Files whose texts after the last four rounds were A, B, A, B. Once there and back may be a way out."""
    if len(rounds) < 4 or _progress(rounds[-4], rounds[-1]):
        return
    one, two, three, four = (each.files for each in rounds[-4:])
    paths = sorted(
        path for path in one.keys() | two.keys() if one.get(path) == three.get(path) != two.get(path) == four.get(path)
    )
    if paths:
        says = f"{', '.join(paths[:MAX_SHOWN])} alternate between two texts"
        yield _of_rounds(Pattern.PING_PONG, says, rounds[-4:], {"files": [*paths[:MAX_SHOWN]]})


def _monologues(rounds: Sequence[Round]) -> Iterator[Loop]:
    """An agent had findings after each of the last three rounds, so it was asked twice, and none of its files changed."""
    if len(rounds) < 3 or _progress(rounds[-3], rounds[-1]):
        return
    for agent in AgentName:
        asked = all(any(finding.owner is agent for finding in one.findings) for one in rounds[-3:])
        if asked and len({one.work.get(agent) for one in rounds[-3:]}) == 1:
            says = f"{agent} was asked in two rounds and changed nothing in either"
            left = [finding for finding in rounds[-1].findings if finding.owner is agent]
            equal: JsonObject = {"agent": agent.value, "findings": _shown(left)}
            yield _of_rounds(Pattern.MONOLOGUE, says, rounds[-3:], equal)


def _of_rounds(pattern: Pattern, says: str, rounds: Sequence[Round], equal: JsonObject) -> Loop:
    iterations = tuple(one.iteration for one in rounds)
    return Loop(pattern=pattern, says=says, times=len(rounds), iterations=iterations, equal=equal)


def _after(rounds: Sequence[Round]) -> str:
    names = [f"round {one.iteration}" if one.iteration else "the first attempt" for one in rounds]
    return f"after {' and '.join(names)}"


def _shown(findings: Sequence[Finding]) -> list[Json]:
    return [
        {
            "owner": finding.owner.value if finding.owner else None,
            "file": finding.file,
            "check": finding.check,
            "message": finding.message[:200],
        }
        for finding in findings[:MAX_SHOWN]
    ]
