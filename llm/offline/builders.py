"""What the offline model says as an agent that writes files: what its part of the application has beside the starter."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

from core.errors import ModelError
from core.findings import Finding
from core.ownership import owner_of
from core.plan import Plan
from core.types import AgentName
from llm.offline.answers import render_files
from llm.offline.devops_app import devops_files
from llm.offline.makers import Maker
from llm.offline.planting import planted, repaired, touched
from llm.offline.prompt_view import PromptView
from llm.offline.python_app import backend_files, backend_tests, database_files
from llm.offline.react_app import browser_tests, frontend_files, frontend_tests
from starter import files as starter_files

Files = dict[str, str]


def _test_files(plan: Plan) -> Files:
    shown = {**frontend_tests(plan), **browser_tests(plan)} if plan.has_frontend else {}
    return {**backend_tests(plan), **shown}


_GENERATORS: dict[AgentName, Callable[[Plan], Files]] = {
    AgentName.BACKEND: backend_files,
    AgentName.DATABASE: database_files,
    AgentName.FRONTEND: frontend_files,
    AgentName.QA: _test_files,
    AgentName.DEVOPS: devops_files,
}


def whole_part(agent: AgentName, plan: Plan) -> Files:
    """Every file of an agent's part of the application: the starter's, which are there, and those that it writes."""
    given = {path: text for path, text in starter_files(plan).items() if owner_of(plan.ownership, path) is agent}
    return given | _GENERATORS[agent](plan)


def answer(prompt: PromptView, maker: Maker) -> str:
    """File blocks for a step, with the mistakes of `maker`. Raises ModelError for a step that this agent does not have."""
    if prompt.agent not in _GENERATORS:
        raise ModelError(f"the offline model has no answer for the step {prompt.step!r} of {prompt.agent}")
    clean = whole_part(prompt.agent, prompt.plan)
    given = {path: text for path, text in starter_files(prompt.plan).items() if path in clean}
    match prompt.step:
        case "build" | "tests":
            whole = planted(maker.first(prompt), clean, prompt.plan)
            files = {path: text for path, text in whole.items() if given.get(path) != text}
            return render_files(f"{len(files)} file{'' if len(files) == 1 else 's'} for {prompt.plan.title}.", files)
        case "fix":
            return _fix(prompt, clean, maker)
        case "amend":
            new = {path: text for path, text in clean.items() if path not in prompt.files and path not in given}
            gone = set(prompt.files) - set(clean)
            return _changed(prompt.files, clean, "Brought in line with the plan.", extra=new, gone=gone)
        case "self_review":
            return _changed(prompt.files, clean, "Corrected what differed from the contract.")
        case _:
            raise ModelError(f"the offline model has no answer for the step {prompt.step!r} of {prompt.agent}")


def _fix(prompt: PromptView, clean: Files, maker: Maker) -> str:
    """Put right what is not as it should be. A mistake goes only when a finding names the problem."""
    shown, faults = prompt.files, maker.possible(prompt.agent)
    wanted = repaired(faults, clean, prompt.plan, shown, prompt.findings, maker.new(prompt))
    named = [fault for fault in faults if fault.named_by(prompt.findings)]
    unseen = {path: clean[path] for path in touched(planted(named, clean, prompt.plan), clean) if path not in shown}
    missing = {} if named else _missing(prompt.findings, wanted, shown)
    return _changed(shown, wanted, "Repaired what the findings name.", extra={**unseen, **missing})


def _missing(findings: tuple[Finding, ...], wanted: Files, shown: Mapping[str, str]) -> Files:
    """Files that a finding names and the prompt does not show: they are not there."""
    named = {finding.file for finding in findings}
    return {path: text for path, text in wanted.items() if path in named and path not in shown}


def _changed(
    shown: Mapping[str, str],
    wanted: Files,
    said: str,
    *,
    extra: Files | None = None,
    gone: AbstractSet[str] = frozenset(),
) -> str:
    """Blocks of the files that differ from what the prompt shows; a sentence alone when none does."""
    files = {path: text for path, text in wanted.items() if path in shown and _plain(shown[path]) != _plain(text)}
    files |= extra or {}
    if not files and not gone:
        return "The files are as the plan and the contract ask for; I see no mistake in them that a finding names.\n"
    return render_files(said, files, gone)


def _plain(text: str) -> str:
    """Prompts show files without the final newline."""
    return text.rstrip("\n")
