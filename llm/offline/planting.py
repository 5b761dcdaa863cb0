"""Which mistakes an agent was asked to make, and which of them are left in its files once findings name some."""

import itertools
from collections.abc import Iterator, Mapping, Sequence

from core.errors import ModelError
from core.findings import Finding
from core.plan import Plan
from core.types import AgentName
from llm.offline.faults import FAULTS, Fault, find

Files = dict[str, str]


def faults_of(agent: AgentName, names: str | None) -> tuple[Fault, ...]:
    """The faults among `names`, separated by commas, that `agent` makes. Raises ModelError for a name that there is not."""
    found = []
    for name in (names or "").split(","):
        fault = find(name)
        if fault is None and names:
            raise ModelError(f"there is no fault {name!r}; there are {', '.join(sorted(FAULTS))}")
        if fault is not None and fault.agent is agent:
            found.append(fault)
    return tuple(found)


def planted(faults: Sequence[Fault], clean: Files, plan: Plan) -> Files:
    """`clean` with all the mistakes that there is a place for."""
    files = dict(clean)
    for fault in faults:
        files = fault.inject(files, plan)
    return files


def repaired(
    faults: Sequence[Fault],
    clean: Files,
    plan: Plan,
    shown: Mapping[str, str],
    findings: Sequence[Finding],
    new: Sequence[Fault] = (),
) -> Files:
    """`clean` with the mistakes that are in the files as shown, but for those that a finding names.

    `new` are made in files that change anyway. A file that no choice of `faults` explains becomes a clean one.
    """
    wanted = dict(clean)
    new = [fault for fault in new if not fault.named_by(findings)]
    for path in touched(dict(shown), clean):
        if path in shown and path in clean:
            made = _explaining(faults, clean, plan, path, shown[path])
            left = [fault for fault in made if not fault.named_by(findings)]
            if len(left) < len(made) or not made:
                left = [fault for fault in faults if fault in left or fault in new]
            wanted[path] = planted(left, clean, plan)[path]
    return wanted


def touched(files: Files, clean: Files) -> set[str]:
    """The paths that mistakes are in."""
    return {path for path in {*files, *clean} if files.get(path) != clean.get(path)}


def _explaining(faults: Sequence[Fault], clean: Files, plan: Plan, path: str, text: str) -> tuple[Fault, ...]:
    """The fewest faults with which `path` reads as it does; empty when none do."""
    here = [fault for fault in faults if path in touched(fault.inject(dict(clean), plan), clean)]
    return next((made for made in _combinations(here) if planted(made, clean, plan)[path] == text), ())


def _combinations(faults: Sequence[Fault]) -> Iterator[tuple[Fault, ...]]:
    """Every choice of one or more of them, the smallest first."""
    for size in range(1, len(faults) + 1):
        yield from itertools.combinations(faults, size)
