"""The curves as a table, as an SVG plot, and as verdicts on what the project promises of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, StrictUndefined

from benchmarks.learning.points import Mode, Point, first_passes, mean_rounds
from evals.intervals import Interval, mean_difference

Curves = Mapping[Mode, Sequence[Point]]
PART = 20
"""Tasks at the start and at the end that are compared."""
BLOCK = 10
"""Tasks of one row of the table."""
ROUNDS_RATIO = 0.6
FIRST_PASS_RATIO = 2.0
RECOVERY = 30
"""Tasks within which a poisoned identity must be as good as a clean one."""
COLOURS = {Mode.ON: "#1a7f4b", Mode.OFF: "#8a8f98", Mode.DRY_RUN: "#3b6fd4", Mode.POISONED: "#c2571a"}
_SMOOTH = 7


@dataclass(frozen=True)
class Verdict:
    """One promise: what is asked, what was reached, and whether that is enough."""

    what: str
    asked: str
    reached: str
    holds: bool


def table(curves: Curves) -> str:
    """Markdown: a row for each block of tasks, mean rounds and first passes of every curve."""
    modes = list(curves)
    lines = ["| tasks | " + " | ".join(f"{mode}: rounds | first pass" for mode in modes) + " |"]
    lines += ["|" + "---|" * (1 + 2 * len(modes))]
    for start in range(0, min(len(points) for points in curves.values()), BLOCK):
        parts = [curves[mode][start : start + BLOCK] for mode in modes]
        cells = [f"{mean_rounds(part):.2f} | {first_passes(part)} of {len(part)}" for part in parts]
        lines.append(f"| {start + 1} to {start + len(parts[0])} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def verdicts(curves: Curves) -> tuple[Verdict, ...]:
    """What is promised of the curves that are there."""
    found: list[Verdict] = []
    if on := curves.get(Mode.ON):
        found += _learned(on)
    for mode in (Mode.OFF, Mode.DRY_RUN):
        if points := curves.get(mode):
            found.append(_unchanged(mode, points))
    if on and (poisoned := curves.get(Mode.POISONED)):
        found.append(_recovered(on, poisoned))
    return tuple(found)


def _learned(points: Sequence[Point]) -> list[Verdict]:
    first, last = points[:PART], points[-PART:]
    ratio = mean_rounds(last) / mean_rounds(first)
    before, after = first_passes(first), first_passes(last)
    return [
        Verdict(
            f"reflection on: mean rounds of the last {PART} tasks, of the first {PART}",
            f"at most {ROUNDS_RATIO:g} times",
            f"{mean_rounds(last):.2f} / {mean_rounds(first):.2f} = {ratio:.2f}",
            ratio <= ROUNDS_RATIO,
        ),
        Verdict(
            "reflection on: tasks that pass at first",
            f"at least {FIRST_PASS_RATIO:g} times as many",
            f"{after} of {len(last)}, from {before} of {len(first)}",
            after >= FIRST_PASS_RATIO * max(before, 1),
        ),
    ]


def _unchanged(mode: Mode, points: Sequence[Point]) -> Verdict:
    """Within noise: the interval of the difference between the ends holds zero."""
    first, last = points[:PART], points[-PART:]
    pairs = [(float(a.rounds), float(b.rounds)) for a, b in zip(first, last, strict=True)]
    interval = mean_difference(pairs)
    reached = f"{mean_rounds(first):.2f} -> {mean_rounds(last):.2f}, {_said(interval)}"
    return Verdict(f"reflection {mode}: rounds", "unchanged", reached, interval.low <= 0 <= interval.high)


def _recovered(clean: Sequence[Point], poisoned: Sequence[Point]) -> Verdict:
    """Behind task RECOVERY the same tasks take no more rounds than with the clean identity, within noise."""
    pairs = [(float(a.rounds), float(b.rounds)) for a, b in zip(clean[RECOVERY:], poisoned[RECOVERY:], strict=True)]
    interval = mean_difference(pairs)
    left = poisoned[RECOVERY - 1].poison
    gone = next((point.number for point in poisoned if point.poison == 0), None)
    told = f"no wrong rule is left from task {gone} on" if gone else f"{poisoned[-1].poison} wrong rules are left"
    return Verdict(
        f"poisoned: back at the clean level within {RECOVERY} tasks",
        "no wrong rule is left by then, and no difference behind it",
        f"{told}; behind task {RECOVERY}: {_said(interval)}",
        left == 0 and interval.low <= 0,
    )


def _said(interval: Interval) -> str:
    return f"difference {interval.difference:+.2f} (95 %: {interval.low:+.2f} to {interval.high:+.2f})"


def verdict_table(found: Sequence[Verdict]) -> str:
    rows = [f"| {each.what} | {each.asked} | {each.reached} | {'yes' if each.holds else 'no'} |" for each in found]
    return "\n".join(["| figure | asked | reached | |", "|---|---|---|---|", *rows])


_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{ width }} {{ height }}" font-family="sans-serif" font-size="12">
<title>{{ title }}</title>
<rect width="{{ width }}" height="{{ height }}" fill="#ffffff"/>
{% for y, label in rows -%}
<line x1="{{ left }}" x2="{{ right }}" y1="{{ y }}" y2="{{ y }}" stroke="#e3e5e8"/>
<text x="{{ left - 8 }}" y="{{ y + 4 }}" text-anchor="end" fill="#4a4f57">{{ label }}</text>
{% endfor -%}
{% for x, label in columns -%}
<text x="{{ x }}" y="{{ bottom + 18 }}" text-anchor="middle" fill="#4a4f57">{{ label }}</text>
{% endfor -%}
{% for name, colour, line, x, y in lines -%}
<polyline points="{{ line }}" fill="none" stroke="{{ colour }}" stroke-width="2"/>
<text x="{{ x }}" y="{{ y }}" fill="{{ colour }}">{{ name }}</text>
{% endfor -%}
<text x="{{ left }}" y="16" fill="#22262b">{{ title }}</text>
</svg>
"""


def plot(curves: Curves) -> str:
    """SVG: mean rounds of each task and its neighbours (7 in all), over the tasks."""
    width, height, left, right, top, bottom = 760, 340, 44, 640, 32, 300
    count = max(len(points) for points in curves.values())
    smooth = {
        mode: [mean_rounds(_around(points, place)) for place in range(len(points))] for mode, points in curves.items()
    }
    most = max(max(values) for values in smooth.values())

    def x(place: float) -> float:
        return round(left + (right - left) * place / max(1, count - 1), 1)

    def y(rounds: float) -> float:
        return round(bottom - (bottom - top) * (rounds - 1) / max(1.0, most - 1), 1)

    lines = []
    ends: list[float] = []
    for mode, values in smooth.items():
        line = " ".join(f"{x(place)},{y(value)}" for place, value in enumerate(values))
        at = y(values[-1]) + 4
        while any(abs(at - other) < 14 for other in ends):
            at -= 14
        ends.append(at)
        lines.append(
            (f"reflection {mode}" if mode is not Mode.POISONED else str(mode), COLOURS[mode], line, right + 8, at)
        )
    rows = [(y(rounds), f"{rounds}") for rounds in range(1, int(most) + 1)]
    columns = [(x(task - 1), f"{task}") for task in range(10, count + 1, 10)]
    title = f"Rounds until a task is done, mean of {_SMOOTH} tasks"
    template = Environment(undefined=StrictUndefined, autoescape=True).from_string(_SVG)
    return (
        template.render(
            width=width,
            height=height,
            left=left,
            right=right,
            bottom=bottom,
            rows=rows,
            columns=columns,
            lines=lines,
            title=title,
        )
        + "\n"
    )


def _around(points: Sequence[Point], place: int) -> Sequence[Point]:
    return points[max(0, place - _SMOOTH // 2) : place + _SMOOTH // 2 + 1]
