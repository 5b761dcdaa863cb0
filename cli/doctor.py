"""`autonomy doctor`: what of this machine works, and how to mend what does not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from core.providers import KEY_SETTINGS, key_state
from core.sandboxes import Probe
from core.types import AgentName

LEAST_FREE_BYTES = 1 << 30


@dataclass(frozen=True)
class Line:
    """One finding. What is not `needed` makes checks read `not executed`, and does not make doctor fail."""

    name: str
    ok: bool
    detail: str
    fix: str = ""
    needed: bool = True

    def __str__(self) -> str:
        state = "ok" if self.ok else "FAILING" if self.needed else "missing"
        return f"{state:<8} {self.name}: {self.detail}" + (f". Fix: {self.fix}" if self.fix and not self.ok else "")


@dataclass(frozen=True)
class Machine:
    """What was found out. `models` maps agents to (model, provider); `data_error` is why the data directory does not serve."""

    python: str
    python_ok: bool
    data_dir: str
    data_error: str
    data_holder: str
    free_bytes: int
    sandbox: Probe
    python_tools: str
    node_tools: str
    browser: str
    models: Mapping[AgentName, tuple[str, str | None]]
    providers: frozenset[str]
    code_host: Probe


def examine(machine: Machine) -> list[Line]:
    """One line per part, in the order in which they would stop a first task."""
    return [
        Line("python", machine.python_ok, machine.python, "install Python 3.11 or newer"),
        _data_line(machine),
        Line(
            "disk",
            machine.free_bytes >= LEAST_FREE_BYTES,
            f"{machine.free_bytes / (1 << 30):.1f} GiB free at {machine.data_dir}",
            "free some space, or set DATA_DIR to a folder on another disk",
        ),
        _probe_line("sandbox", machine.sandbox),
        Line(
            "sandbox Python",
            bool(machine.python_tools),
            machine.python_tools or "not built, so nothing generated can be checked",
            "make setup",
        ),
        Line(
            "sandbox Node",
            bool(machine.node_tools),
            machine.node_tools or "not built; checks of frontends read `not executed`",
            "make setup",
            needed=False,
        ),
        Line(
            "Chromium",
            bool(machine.browser),
            machine.browser or "not found; browser checks read `not executed`",
            "as root: apt-get install chromium",
            needed=False,
        ),
        *_model_lines(machine),
        _probe_line("code host", machine.code_host),
    ]


def healthy(lines: Iterable[Line]) -> bool:
    return all(line.ok or not line.needed for line in lines)


def _data_line(machine: Machine) -> Line:
    held = f", held by {machine.data_holder}" if machine.data_holder else ""
    detail = machine.data_error or f"{machine.data_dir} can be written{held}"
    fix = f"make {machine.data_dir} a folder that this user may write, or set DATA_DIR to one"
    return Line("data", not machine.data_error, detail, fix)


def _probe_line(name: str, probe: Probe) -> Line:
    parts = [probe.backend, probe.version, probe.isolation]
    enforced = f"enforces {', '.join(probe.enforced)}" if probe.enforced else ""
    detail = "; ".join(part for part in (*parts, enforced) if part)
    return Line(name, probe.ok, detail if probe.ok else f"{probe.backend}: {probe.reason}", probe.fix)


def _model_lines(machine: Machine) -> Iterator[Line]:
    """One line per model, with the agents that it answers for."""
    agents: dict[tuple[str, str | None], list[str]] = {}
    for agent, choice in machine.models.items():
        agents.setdefault(choice, []).append(agent.value)
    for (model, provider), names in agents.items():
        who = "every agent" if len(names) == len(AgentName) else ", ".join(names)
        ok, state = _key_state(provider, machine.providers)
        key = KEY_SETTINGS.get(provider or "")
        fix = (
            f"set {key}, or give these agents another model (MODEL_*)"
            if key
            else "set MODEL_* to a model with a provider"
        )
        yield Line("model", ok, f"{model} for {who}, {state}", fix)


def _key_state(provider: str | None, providers: frozenset[str]) -> tuple[bool, str]:
    if provider == "offline":
        return True, "rules in this process, not a language model"
    match key_state(provider, providers):
        case "set":
            return True, "its key is set"
        case "not needed":
            return True, "no key needed"
        case "missing":
            return False, "but its key is not set"
        case "unknown":
            return True, "its key, if it needs one, is for its provider's own setting"
