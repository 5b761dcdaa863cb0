"""What the message of a question shows: what is to be decided, and the evidence that it is decided on, by importance."""

from collections.abc import Iterator, Mapping, Sequence

from core.tasks import Interrupt, InterruptKind, Task
from core.types import Json
from core.workspaces import Diff
from telegram_bot.addressing import address_of
from telegram_bot.text import CAPTION_UNITS, Line, Piece, Style, Text, bold, compose, one_line, plain, units
from telegram_bot.words import answer_line, title_of

INLINE_DIFF_UNITS = 1200
"""A longer diff is sent as a document."""
PROMPT_UNITS = 1200
ENTRIES = 12
_ASKS = {
    InterruptKind.APPROVAL: "asks for approval",
    InterruptKind.BUDGET: "asks about money",
    InterruptKind.ESCALATION: "needs help",
}


def question(interrupt: Interrupt, task: Task, diff: Diff | None = None) -> Text:
    """The question whole; with how it was answered once it was, and with a diff that is short enough."""
    shown = interrupt.payload
    lines = [bold(_title(interrupt, task), f" {_ASKS[interrupt.kind]}")]
    if interrupt.status != "pending":
        lines.append(bold(answer_line(interrupt)))
    lines.append(
        plain(interrupt.prompt if units(interrupt.prompt) <= PROMPT_UNITS else one_line(interrupt.prompt, PROMPT_UNITS))
    )
    lines += _votes(interrupt)
    lines += _evidence(shown, task)
    if diff is not None and diff.patch and not too_long(diff):
        lines.append((Piece(diff.patch.rstrip("\n"), Style.BLOCK),))
    return compose(lines, address_of(interrupt).foot())


def too_long(diff: Diff) -> bool:
    return len(diff.patch) > INLINE_DIFF_UNITS or units(diff.patch) > INLINE_DIFF_UNITS


def diff_caption(interrupt: Interrupt, task: Task, diff: Diff) -> Text:
    """Below the document."""
    cut = " (its end is missing: it is too long)" if diff.truncated else ""
    head = bold(_title(interrupt, task), f": {len(diff.files)} files, +{diff.additions} -{diff.deletions}{cut}")
    return compose([head], address_of(interrupt).foot(), CAPTION_UNITS)


def _title(interrupt: Interrupt, task: Task) -> str:
    title = interrupt.payload.get("title")
    return one_line(title, 60) if isinstance(title, str) and title.strip() else title_of(task)


def _votes(interrupt: Interrupt) -> Iterator[Line]:
    if interrupt.needed > 1:
        said = ", ".join(f"{vote.name or 'somebody'}: {vote.action}" for vote in interrupt.votes) or "nobody yet"
        yield plain(one_line(f"{interrupt.needed} people have to approve; so far {said}"))


def _evidence(shown: Mapping[str, Json], task: Task) -> Iterator[Line]:
    yield from _field("tests", shown.get("qa"))
    yield from _list("", [each for each in _entries(shown.get("checks")) if ": passed" not in str(each)])
    if isinstance(promised := shown.get("operations_promised"), int) and promised:
        yield _labelled("contract", f"{shown.get('operations_covered')} of {promised} operations covered")
    if isinstance(review := shown.get("review"), Mapping):
        yield _labelled("review", ", ".join(f"{name} {score}" for name, score in review.items()) + " of 10")
    yield from _list("what repeats", [_says(each) for each in _entries(shown.get("loops"))])
    yield from _list("open findings", [_finding(each) for each in _entries(shown.get("findings"))])
    yield from _list("objections", [_says(each) for each in _entries(shown.get("objections"))])
    yield from _money(shown)
    yield from _publication(shown)
    yield from _demo(shown, task)
    yield from _field("summary", shown.get("summary"))
    if isinstance(agents := shown.get("agents"), Mapping):
        yield from _list(
            "agents", [f"{agent}: {did}" for agent, did in agents.items() if not str(did).startswith("pending")]
        )
    yield from _list("review findings", [_finding(each) for each in _entries(shown.get("review_findings"))])
    yield from _list("not covered", _entries(shown.get("not_covered")))
    yield from _list("covered", _entries(shown.get("covered")))


def _money(shown: Mapping[str, Json]) -> Iterator[Line]:
    spent, cap = shown.get("cost_usd", shown.get("spent_usd")), shown.get("cap_usd")
    if isinstance(spent, int | float):
        of = f" of ${cap:.2f}" if isinstance(cap, int | float) else ""
        calls = f" in {shown['calls']} calls" if isinstance(shown.get("calls"), int) else ""
        yield _labelled("cost", f"${spent:.4f}{of}{calls}")


def _publication(shown: Mapping[str, Json]) -> Iterator[Line]:
    if "files" in shown:
        lines = f"+{shown.get('additions', 0)}" + (f" -{shown['deletions']}" if "deletions" in shown else "")
        yield _labelled("diff", f"{shown['files']} files, {lines} lines")
    if isinstance(branch := shown.get("branch"), str):
        target = shown.get("target")
        into = f" into {target['base']}" if isinstance(target, dict) and target.get("base") else ""
        yield _labelled("publishes", f"branch {branch}, with a pull request{into}")


def demo_url(shown: Mapping[str, Json], task: Task) -> str | None:
    """Where it can be tried now, else where it could be when the question was asked."""
    demo = shown.get("demo")
    url = task.demo_url or (demo.get("url") if isinstance(demo, dict) else None)
    return url if isinstance(url, str) and url.startswith(("http://", "https://")) else None


def _demo(shown: Mapping[str, Json], task: Task) -> Iterator[Line]:
    demo = shown.get("demo")
    if (url := demo_url(shown, task)) is not None:
        yield (Piece("demo: ", Style.BOLD), Piece(one_line(url, 500), url=url))
    elif isinstance(demo, dict) and demo.get("problem"):
        yield _labelled("demo", f"none, {demo['problem']}")


def _labelled(name: str, value: str) -> Line:
    return (Piece(f"{name}: ", Style.BOLD), Piece(one_line(value, 500)))


def _field(name: str, value: Json) -> Iterator[Line]:
    if isinstance(value, str) and value.strip():
        yield _labelled(name, value)


def _list(title: str, entries: Sequence[Json]) -> Iterator[Line]:
    if entries and title:
        yield bold(f"{title}:")
    yield from (plain(f"  {one_line(str(entry), 300)}") for entry in entries[:ENTRIES])
    if len(entries) > ENTRIES:
        yield plain(f"  and {len(entries) - ENTRIES} more")


def _entries(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _finding(entry: Json) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    place = f" {entry['file']}:{entry.get('line') or 1}" if entry.get("file") else ""
    return f"{entry.get('severity')}{place} {entry.get('message')} [{entry.get('owner')}]"


def _says(entry: Json) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    times = f" ({entry['times']} times)" if "times" in entry else ""
    return f"{entry['agent']}: {entry.get('says')}" if "agent" in entry else f"{entry.get('says')}{times}"
