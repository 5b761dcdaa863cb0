"""`make learning`: runs the four curves, two at a time, and writes table, verdicts and plot into the documentation.

Exits 1 when a figure is not reached. With `--folder` a run that was cut off is gone on with.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.learning.points import Mode, Point, read
from benchmarks.learning.report import PART, Curves, plot, table, verdict_table, verdicts
from benchmarks.learning.running import Curve, run
from benchmarks.learning.sentences import MOST, draw_sentences
from benchmarks.pages import write_between
from config import PROJECT

PAGE = PROJECT / "docs" / "learning.md"
PLOT = PROJECT / "docs" / "learning-curve.svg"
AT_ONCE = 2
LEAST = 2 * PART
"""Tasks whose start and end can be compared."""
ORDER = (Mode.OFF, Mode.ON, Mode.POISONED, Mode.DRY_RUN)
"""What one curve asks the sandbox another does not: the dry run does what the curve without reflection does."""


def main(arguments: Sequence[str]) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if not LEAST <= options.tasks <= MOST:
        parser.error(f"--tasks: from {LEAST} to {MOST}, got {options.tasks}")
    if options.only and not options.folder:
        parser.error("--only: it needs a --folder for what it does")
    if options.only:
        asyncio.run(run(_curve(options, Mode(options.only), Path(options.folder)), _tell))
        return 0
    if options.folder:
        return _all(options, Path(options.folder))
    with tempfile.TemporaryDirectory(prefix="autonomy-learning-") as folder:
        return _all(options, Path(folder))


def _all(options: argparse.Namespace, folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    modes = [mode for mode in ORDER if mode in options.modes]
    given = [f"--{name}={getattr(options, name)}" for name in ("tasks", "seed", "rate", "pairs")]

    def one(mode: Mode) -> int:
        command = [sys.executable, "-m", "benchmarks.learning", *given, f"--folder={folder}", f"--only={mode}"]
        with (folder / f"{mode}.log").open("a") as log:
            return subprocess.run(command, cwd=PROJECT, stderr=log, check=False).returncode

    with ThreadPoolExecutor(AT_ONCE) as pool:
        codes = dict(zip(modes, pool.map(one, modes), strict=True))
    if failed := [mode for mode, code in codes.items() if code]:
        print(f"not run to the end: {', '.join(failed)}; see the logs in {folder}", file=sys.stderr)
        return 2
    curves: Curves = {mode: read(_curve(options, mode, folder).points) for mode in Mode if mode in modes}
    return _write(curves, options)


def _write(curves: Curves, options: argparse.Namespace) -> int:
    found = verdicts(curves)
    how = f"{options.tasks} tasks, seed {options.seed}, rate {options.rate:g}, {options.pairs} pairs in an experiment."
    if missing := [mode for mode in Mode if mode not in curves]:
        how += f" Not executed: {', '.join(missing)}."
    text = f"{how}\n\n![Rounds until a task is done]({PLOT.name})\n\n{verdict_table(found)}\n\n{table(curves)}"
    print(text)
    PLOT.write_text(plot(curves), encoding="utf-8")
    write_between(PAGE, "curve", "make learning", text)
    return 0 if all(verdict.holds for verdict in found) else 1


def _curve(options: argparse.Namespace, mode: Mode, folder: Path) -> Curve:
    sentences = draw_sentences(options.seed, options.tasks)
    return Curve(mode, sentences, seed=options.seed, rate=options.rate, pairs=options.pairs, folder=folder)


def _tell(point: Point) -> None:
    print(f"{point.number}: {point.rounds} rounds, {point.rules} rules, {point.trials} on trial", file=sys.stderr)


def _modes(text: str) -> tuple[Mode, ...]:
    try:
        return tuple(Mode(name) for name in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"some of {','.join(Mode)}, got {text!r}") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make learning")
    parser.add_argument("--tasks", type=int, default=60, help=f"{LEAST} to {MOST}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=0.2, help="probability of each mistake that no rule keeps from")
    parser.add_argument("--pairs", type=int, default=40, help="held-out tasks of one experiment")
    parser.add_argument("--folder", help="kept, and gone on with; without it a temporary one")
    parser.add_argument("--modes", type=_modes, default=tuple(Mode), help="some of the four, with commas between them")
    parser.add_argument("--only", choices=[mode.value for mode in Mode], help="one curve, and nothing is written")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
