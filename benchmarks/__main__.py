"""`make bench`: measures every figure, prints the table, writes benchmarks/results.md. Exits 1 when one is not reached."""

import asyncio
import os
import sys

from benchmarks.answers import answer_costs
from benchmarks.builds import build_against_checks, builders_in_parallel
from benchmarks.calls import call_log_costs
from benchmarks.durability import many_at_once, one_after_the_other
from benchmarks.figures import Figure, table, write_results
from benchmarks.gateway import gateway_costs
from benchmarks.growth import checkpoint_rows, disk_bytes
from benchmarks.money import ledger_costs
from benchmarks.orchestration import orchestration_costs
from benchmarks.people import people_wait
from benchmarks.prompts import prompt_tokens
from benchmarks.scale import scale
from benchmarks.start import start_costs
from benchmarks.streams import stream_costs


def main() -> int:
    load = os.getloadavg()[0]
    figures: list[Figure] = []
    print("start of the service ...", file=sys.stderr)
    figures += start_costs()
    print("answers ...", file=sys.stderr)
    figures += answer_costs()
    print("prompts ...", file=sys.stderr)
    figures += prompt_tokens()
    print("model calls ...", file=sys.stderr)
    figures += gateway_costs()
    figures += orchestration_costs()
    print("the log of calls ...", file=sys.stderr)
    figures += asyncio.run(call_log_costs())
    print("checkpoints ...", file=sys.stderr)
    figures += asyncio.run(one_after_the_other())
    figures += asyncio.run(many_at_once())
    figures += asyncio.run(disk_bytes())
    figures += asyncio.run(checkpoint_rows())
    print("many tasks ...", file=sys.stderr)
    figures += scale()
    print("people ...", file=sys.stderr)
    figures += asyncio.run(people_wait())
    print("money ...", file=sys.stderr)
    figures += asyncio.run(ledger_costs())
    print("streams of events ...", file=sys.stderr)
    figures += stream_costs()
    print("builds ...", file=sys.stderr)
    figures += asyncio.run(build_against_checks())
    figures += asyncio.run(builders_in_parallel())
    print(table(figures))
    write_results(figures, load)
    return 1 if any(figure.verdict == "not reached" for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
