"""What counts as a repetition, and what does not."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.findings import Finding
from core.loops import Call, Loop, Pattern, Round, find_loops, key, normal, repeated_call
from core.types import AgentName

BACK, DATA, FRONT, QA = AgentName.BACKEND, AgentName.DATABASE, AgentName.FRONTEND, AgentName.QA
FILE = "backend/app/api/todos.py"


def wrong(message: str, owner: AgentName = BACK, file: str | None = FILE, line: int | None = None) -> Finding:
    return Finding(check="behaviour", message=message, owner=owner, file=file, line=line)


def rounds(*ended: tuple[str, Iterable[Finding]], work: Iterable[str] = ()) -> list[Round]:
    """Each round as the text of its one file and its findings; `work` is what the backend had after each."""
    mine = [{BACK: one} for one in work] or [{BACK: text} for text, _ in ended]
    return [
        Round(number, tuple(findings), {FILE: text, "README.md": "same"}, mine[number])
        for number, (text, findings) in enumerate(ended)
    ]


def patterns(loops: Iterable[Loop]) -> list[Pattern]:
    return [loop.pattern for loop in loops]


def test_the_first_round_repeats_nothing() -> None:
    assert find_loops(rounds(("a", [wrong("x")]))) == ()


def test_a_round_that_changes_no_file_is_told_with_both_rounds() -> None:
    first, second = find_loops(rounds(("a", [wrong("x")]), ("a", [wrong("x")])))
    assert (first.pattern, first.times, first.iterations) == (Pattern.SAME_TREE, 2, (0, 1))
    assert first.says == "the last round changed nothing: the files are what they were after the first attempt"
    assert second.pattern is Pattern.SAME_FINDINGS


def test_files_that_stay_while_a_finding_is_given_to_another_agent_are_no_repetition_yet() -> None:
    mine, other = [wrong("x")], [wrong("x", QA)]
    assert find_loops(rounds(("a", mine), ("a", other))) == ()
    both = find_loops(rounds(("a", mine), ("a", other), ("a", mine)))
    assert [loop.pattern for loop in both][:2] == [Pattern.SAME_TREE, Pattern.PING_PONG]
    assert both[0].says == "the last round changed nothing: the files are what they were after the first attempt"
    assert patterns(find_loops(rounds(("a", mine), ("a", other), ("a", other))))[0] is Pattern.SAME_TREE


def test_files_that_alternate_are_told_when_they_come_back() -> None:
    (loop,) = find_loops(rounds(("a", [wrong("x")]), ("b", [wrong("y")]), ("a", [wrong("z")])))
    assert (loop.pattern, loop.iterations) == (Pattern.SAME_TREE, (0, 2))
    assert "the files alternate" in loop.says


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("app/main.py:12:5 F401 unused", "app/main.py:40:1 F401 unused"),
        ("src/App.tsx(12,5): error", "src/App.tsx(13,5): error"),
        ("TypeError at line 12", "TypeError at line 120"),
        ("took 0.12s", "took 1.3 s"),
        ("<object at 0x7f12ab>", "<object at 0x7f99>"),
        ("no row 9223372036854", "no row 118273645"),
        ("GET http://127.0.0.1:40123/api", "GET http://127.0.0.1:51234/api"),
        ("open /tmp/a1b2/x.db", "open /tmp/zz/x.db"),
        ("at 2026-01-31T10:00:00Z", "at 2026-01-31T10:00:09.5Z"),
        ("id 1b4e28ba-2fa1-11d2-883f-0016d3cca427", "id 6fa459ea-ee8a-3ca4-894e-db77e160355e"),
    ],
)
def test_what_differs_from_run_to_run_makes_no_other_finding(one: str, other: str) -> None:
    assert normal(one) == normal(other)
    told = find_loops(rounds(("a", [wrong(one, line=1)]), ("b", [wrong(other, line=9)])))
    assert patterns(told) == [Pattern.SAME_FINDINGS]
    assert told[0].equal["findings"] == [
        {"owner": "backend_agent", "file": FILE, "check": "behaviour", "message": other}
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("expected 404, got 500", "expected 404, got 200"),
        ("12 queries for 12 rows", "3 queries for 12 rows"),
        ("expected 3 items", "expected 2 items"),
        ("TS2551: titel", "TS2552: titel"),
        ("TypeError: a", "ValueError: a"),
    ],
)
def test_what_says_something_else_is_another_finding(one: str, other: str) -> None:
    assert key(wrong(one)) != key(wrong(other))
    assert find_loops(rounds(("a", [wrong(one)]), ("b", [wrong(other)]))) == ()


def test_findings_that_alternate_are_told_when_they_come_back() -> None:
    told = find_loops(rounds(("a", [wrong("x")]), ("b", [wrong("y")]), ("c", [wrong("x")])))
    assert patterns(told) == [Pattern.SAME_FINDINGS]
    assert told[0].iterations == (0, 2)
    assert "the same finding is open as after the first attempt" in told[0].says


def test_the_same_message_about_another_file_is_another_finding() -> None:
    other = wrong("expected 404", file="backend/app/api/tags.py")
    assert find_loops(rounds(("a", [wrong("expected 404")]), ("b", [other]))) == ()


def test_a_finding_that_goes_there_and_back_is_ping_pong() -> None:
    there = wrong("expected 404", QA, "backend/tests/test_todos.py")
    ended = rounds(
        ("a", [wrong("expected 404"), wrong("p")]),
        ("b", [there, wrong("q")]),
        ("c", [wrong("expected 404"), wrong("r")]),
    )
    assert find_loops(ended[:2]) == (), "handing it over once is sensible"
    (loop,) = find_loops(ended)
    assert (loop.pattern, loop.iterations) == (Pattern.PING_PONG, (0, 1, 2))
    assert loop.equal["owners"] == ["backend_agent", "qa_agent"]
    assert "hand a finding to each other: expected 404" in loop.says


def test_a_file_that_alternates_while_others_change_is_told_the_second_time() -> None:
    ended = [
        Round(number, (wrong(f"f{number}"),), {FILE: text, "other.py": str(number)}, {BACK: str(number)})
        for number, text in enumerate("abab")
    ]
    assert find_loops(ended[:3]) == (), "once there and back may be a way out"
    (loop,) = find_loops(ended)
    assert (loop.pattern, loop.equal) == (Pattern.PING_PONG, {"files": [FILE]})


def test_an_agent_that_changes_nothing_in_two_rounds_while_others_do_holds_a_monologue() -> None:
    stuck = wrong("expected 404")
    ended = [
        Round(
            number,
            (stuck, wrong(f"f{number}", FRONT, "a.tsx")),
            {"a.tsx": str(number)},
            {BACK: "b", FRONT: str(number)},
        )
        for number in range(3)
    ]
    assert find_loops(ended[:2]) == ()
    (loop,) = find_loops(ended)
    assert (loop.pattern, loop.iterations, loop.equal["agent"]) == (Pattern.MONOLOGUE, (0, 1, 2), "backend_agent")


def test_fewer_findings_are_progress_whatever_else_is_equal() -> None:
    ended = rounds(("a", [wrong("x"), wrong("y"), wrong("z")]), ("b", [wrong("x"), wrong("y")]), ("a", [wrong("x")]))
    assert find_loops(ended[:2]) == ()
    assert find_loops(ended) == ()


def call(prompt: str, answer: str, *, changed: bool = True, step: str = "fix") -> Call:
    return Call(BACK, step, 1, prompt, answer, changed)


def test_a_question_that_was_answered_is_not_asked_again() -> None:
    loop = repeated_call([call("", "a", step="build"), call("p", "b")], "p")
    assert loop is not None
    assert (loop.pattern, loop.times, loop.equal["prompt"]) == (Pattern.SAME_PROMPT, 2, "p")
    assert repeated_call([call("", "a", step="build"), call("p", "b")], "q") is None


def test_the_same_files_to_another_question_are_the_same_answer() -> None:
    loop = repeated_call([call("", "a", step="build"), call("p", "a", changed=False)], "q")
    assert loop is not None
    assert (loop.pattern, loop.equal["steps"]) == (Pattern.SAME_ANSWER, ["build", "fix"])


def test_an_answer_without_files_is_no_repetition_the_first_time() -> None:
    silent = call("p", "", changed=False)
    assert repeated_call([call("", "a", step="build"), silent], "q") is None
    loop = repeated_call([call("", "a", step="build"), silent, call("q", "", changed=False)], "r")
    assert loop is not None
    assert loop.pattern is Pattern.MONOLOGUE


def test_nothing_was_asked_yet() -> None:
    assert repeated_call([], "p") is None


TEXTS = st.sampled_from("abcde")
MESSAGES = st.frozensets(st.sampled_from([f"finding {letter}" for letter in "abcdefgh"]), min_size=1)
OWNERS = st.sampled_from([BACK, DATA, FRONT, QA])


@given(st.data())
def test_no_alarm_while_the_findings_strictly_shrink(data: st.DataObject) -> None:
    left = sorted(data.draw(MESSAGES))
    ended: list[Round] = []
    while left:
        findings = tuple(wrong(message, data.draw(OWNERS)) for message in left)
        ended.append(Round(len(ended), findings, {FILE: data.draw(TEXTS)}, {BACK: data.draw(TEXTS)}))
        left = left[: data.draw(st.integers(0, len(left) - 1))]
    for seen in range(len(ended) + 1):
        assert find_loops(ended[:seen]) == ()


ROUND = st.builds(
    lambda messages, owner, text: ((tuple(wrong(message, owner) for message in sorted(messages))), text),
    MESSAGES, OWNERS, TEXTS,
)  # fmt: skip


@given(st.lists(ROUND, min_size=1, max_size=5), st.lists(ROUND, max_size=3))
def test_every_periodic_sequence_is_found_within_two_repetitions(period: list, before: list) -> None:
    sequence = [*before, *period, *period, *period]
    ended = [Round(number, findings, {FILE: text}, {BACK: text}) for number, (findings, text) in enumerate(sequence)]
    first = next(seen for seen in range(len(ended) + 1) if find_loops(ended[:seen]))
    assert first <= len(before) + 2 * len(period)


@given(st.lists(ROUND, min_size=1, max_size=8))
def test_what_is_told_really_happened(sequence: list) -> None:
    ended = [Round(number, findings, {FILE: text}, {BACK: text}) for number, (findings, text) in enumerate(sequence)]
    for loop in find_loops(ended):
        assert loop.times == len(loop.iterations) >= 2
        assert loop.iterations[-1] == ended[-1].iteration
        told = [ended[number] for number in loop.iterations]
        if loop.pattern is Pattern.SAME_FINDINGS:
            assert len({one.open for one in told}) == 1
        if loop.pattern is Pattern.SAME_TREE:
            assert len({one.files[FILE] for one in told}) == 1


@given(st.lists(st.tuples(st.sampled_from("pqr"), st.sampled_from(["", "a", "b"]), st.booleans()), max_size=12))
def test_no_turn_asks_more_than_it_has_different_questions(script: list[tuple[str, str, bool]]) -> None:
    calls = [call("", "first", step="build")]
    for prompt, answer, changed in script:
        if repeated_call(calls, prompt):
            break
        calls.append(call(prompt, answer, changed=changed))
    asked = [one.prompt for one in calls]
    assert len(asked) == len(set(asked))
