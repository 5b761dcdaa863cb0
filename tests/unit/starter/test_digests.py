"""What agents are told of the starter: short, made from its files, and naming nothing that is not there."""

import ast
import re

import pytest

import starter
from core.ownership import owner_of
from core.plan import Plan
from core.types import AgentName
from starter import python_digest, typescript_digest
from tests.plans import blog_plan, booking_plan, todo_plan
from tests.unit.starter.sentences import SENTENCES, plan_of

LIMITS = {
    AgentName.BACKEND: 2050,
    AgentName.DATABASE: 600,
    AgentName.QA: 2200,
    AgentName.FRONTEND: 5700,
    AgentName.DEVOPS: 200,
}


@pytest.fixture(params=SENTENCES)
def plan(request: pytest.FixtureRequest) -> Plan:
    return plan_of(str(request.param))


def test_a_digest_is_short_and_empty_for_who_needs_none(plan: Plan) -> None:
    for agent in AgentName:
        said = starter.digest(agent, plan)
        owns = any(owner_of(plan.ownership, path) is agent for path in starter.files(plan))
        assert bool(said) is owns, agent
        assert len(said) <= LIMITS.get(agent, 0), agent
    assert len(starter.digest(AgentName.QA, todo_plan())) <= 960


@pytest.mark.parametrize("agent", LIMITS)
def test_a_digest_names_only_what_exists(agent: AgentName, plan: Plan) -> None:
    files = starter.files(plan)
    modules = {path: text for path, text in files.items() if path.endswith((".py", ".ts", ".tsx"))}
    module = ""
    for line in starter.digest(agent, plan).splitlines():
        if line.startswith("Also there"):
            assert_files_exist(line, files)
        elif not line.startswith("  "):
            module = find_module(line.split(":")[0], modules)
        else:
            for name in named(line):
                assert re.search(rf"\b{name}\b", modules[module]), f"{name} of {module}"


def find_module(said: str, modules: dict[str, str]) -> str:
    if "/" in said:
        return f"frontend/{said}"
    inner = said.replace(".", "/")
    options = [f"{root}{inner}{end}" for root in ("backend/", "e2e/", "") for end in (".py", "/__init__.py")]
    return next(path for path in options if path in modules)


def named(line: str) -> set[str]:
    """Names that the line gives a signature of, and the parameters in it."""
    entries = [entry for entry in line.strip().split("; ") if re.match(r"(fixture )?\w+( ->|\(|$|:)", entry)]
    signatures = [found[0] for entry in entries if (found := re.match(r"(fixture )?\w+(\([^)]*\))?", entry))]
    words = {word for entry in signatures for word in re.findall(r"[A-Za-z_]\w*", entry)}
    return words - {"fixture", "str", "int", "bool", "dict"}


def assert_files_exist(line: str, files: dict[str, str]) -> None:
    head, _, said = line.partition(": ")
    root = head.removeprefix("Also there").removeprefix(" in ")
    for entry in said.split("; "):
        folder, colon, names = entry.partition(": ")
        for name in (names if colon else entry).split():
            path = "/".join(part for part in (root, folder if colon else "", name) if part)
            assert path in files, path


def test_every_file_of_an_agent_is_described_or_listed(plan: Plan) -> None:
    for agent in LIMITS:
        said = starter.digest(agent, plan)
        for path in starter.files(plan):
            if owner_of(plan.ownership, path) is agent and not path.endswith("__init__.py"):
                name = path.rsplit("/", 1)[-1]
                dotted = path.removeprefix("backend/").removeprefix("e2e/").removesuffix(".py").replace("/", ".")
                assert name in said or dotted in said, f"{agent}: {path}"


def test_what_a_plan_does_not_have_is_not_told_of() -> None:
    assert "CurrentUser" in starter.digest(AgentName.BACKEND, todo_plan())
    assert "CurrentUser" not in starter.digest(AgentName.BACKEND, blog_plan())
    assert "secured" in starter.digest(AgentName.FRONTEND, booking_plan())
    assert starter.digest(AgentName.FRONTEND, todo_plan()) == ""
    assert "Ui(" not in starter.digest(AgentName.QA, todo_plan())


PYTHON = '''"""What it is for."""
__all__ = ["LIMIT", "One", "Two", "two"]
LIMIT = 3
HIDDEN = 4
class One:
    """A thing that is long to tell of; the rest is not told."""
    name: str
    def run(self, count: int, *rest: int, **more: str) -> int:
        return 1
    def _own(self) -> None: ...
class Two(Library.Base):
    name: str
    number: int
    def hook(self) -> None: ...
def two(a: int, *, b: str = "") -> list[int]:
    return []
def three() -> None: ...
'''


def test_python_is_described_by_what_it_makes_public() -> None:
    assert python_digest.describe("app.x", PYTHON).splitlines() == [
        "app.x: What it is for.",
        "  LIMIT; Two(name, number); two(a: int, b=) -> list[int]",
        "  One(name): A thing that is long to tell of .run(count: int, *rest, **more)",
    ]
    assert "Two" not in python_digest.describe("app.x", PYTHON, frozenset({"Two"}))
    ast.parse(PYTHON)


TYPESCRIPT = """import { a } from "./a";

interface Props extends Base {
  /** Not told. */
  title: string;
  onEdit?: (row: Row) => void;
}

interface Base {
  id: number;
}

/** Shows one. It does more. */
export function Card({ title, onEdit }: Props) {
  return null;
}

export function nameOf(options: Options | undefined, id: number | null = null): string {
  return "";
}

/** @internal Not for pages. */
export const LIMIT = 3;

function helper() {}
"""


def test_typescript_is_described_by_its_exports() -> None:
    assert typescript_digest.describe("src/x.tsx", TYPESCRIPT).splitlines() == [
        "src/x.tsx:",
        "  Base { id: number }; nameOf(options, id)",
        "  Card { ...Base; title: string; onEdit?: (row: Row) => void }: Shows one",
    ]
