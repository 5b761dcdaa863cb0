"""What doctor says of a machine."""

from dataclasses import replace

from cli.doctor import Machine, examine, healthy
from core.sandboxes import Probe
from core.types import AgentName

GOOD = Machine(
    python="3.11.9 at /usr/bin/python3",
    python_ok=True,
    data_dir="/srv/data",
    data_error="",
    data_holder="",
    free_bytes=50 << 30,
    sandbox=Probe("bwrap", True, enforced=("network", "files"), version="0.8.0"),
    python_tools="Python 3.11.2",
    node_tools="Node 20.20.2",
    browser="/usr/bin/chromium",
    models=dict.fromkeys(AgentName, ("offline/scaffold", "offline")),
    providers=frozenset(),
    code_host=Probe("local", True),
)


def lines(machine: Machine) -> dict[str, str]:
    return {line.name: str(line) for line in examine(machine)}


def test_a_good_machine_is_healthy_and_every_line_says_so() -> None:
    assert healthy(examine(GOOD))
    assert all(line.startswith("ok ") for line in lines(GOOD).values())
    assert "every agent" in lines(GOOD)["model"]
    assert "not a language model" in lines(GOOD)["model"]


def test_each_needed_part_that_fails_makes_it_unhealthy_and_says_how_to_mend_it() -> None:
    broken = {
        "python": replace(GOOD, python_ok=False),
        "data": replace(GOOD, data_error="/srv/data: Permission denied"),
        "disk": replace(GOOD, free_bytes=1 << 20),
        "sandbox": replace(GOOD, sandbox=Probe("bwrap", False, "bubblewrap is missing", "apt-get install bubblewrap")),
        "sandbox Python": replace(GOOD, python_tools=""),
        "code host": replace(GOOD, code_host=Probe("local", False, "no space", "free some")),
        "model": replace(GOOD, models=dict.fromkeys(AgentName, ("claude-sonnet-4-6", "anthropic"))),
    }
    for name, machine in broken.items():
        assert not healthy(examine(machine)), name
        assert lines(machine)[name].startswith("FAILING "), name
        assert "Fix: " in lines(machine)[name], name


def test_missing_extras_are_said_and_forgiven() -> None:
    machine = replace(GOOD, node_tools="", browser="")
    assert healthy(examine(machine))
    assert lines(machine)["sandbox Node"].startswith("missing")
    assert "not executed" in lines(machine)["Chromium"]


def test_a_model_line_names_its_agents_and_the_setting_of_its_key() -> None:
    models = {**GOOD.models, AgentName.BACKEND: ("groq/llama", "groq"), AgentName.QA: ("groq/llama", "groq")}
    line = next(str(each) for each in examine(replace(GOOD, models=models)) if "groq" in each.detail)
    assert "backend_agent, qa_agent" in line
    assert "GROQ_API_KEY" in line
    with_key = examine(replace(GOOD, models=models, providers=frozenset({"groq"})))
    assert healthy(with_key)
