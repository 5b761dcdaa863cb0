"""What it costs to read 100 kB of an answer that is written as it was asked for, beside what nobody can do without."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence

from agents.answer_models import ReviewAnswer
from agents.answers import decode_files, decode_json
from agents.opening import make_opening
from agents.planner import CONTRACT_PATH, read_contract, read_proposal
from agents.prompting import PromptLibrary
from benchmarks.figures import Figure
from config import PROJECT
from core.models import Message, ModelRequest
from core.plan import Plan
from core.types import AgentName, JsonObject
from llm.offline.client import OfflineModel
from starter import files as starter_files

SIZE = 100_000
RUNS = 200
ASKED_MS = 1.0
SENTENCE = "Build a blog with posts, comments and tags"
LINES_PER_EDIT = 6


def answer_costs() -> Sequence[Figure]:
    """One figure for each form of answers. Edits are told only: each of them is looked for in its file."""
    files = asyncio.run(_some_files())
    whole, edits, review = _whole(files), _edits(files), _review()
    return (
        _figure("files", whole, lambda: decode_files(whole), lambda: whole.split("\n"), "split into lines", ASKED_MS),
        _figure(
            "edits", edits, lambda: decode_files(edits, files), lambda: edits.split("\n"), "split into lines", None
        ),
        _figure(
            "JSON",
            review,
            lambda: decode_json(review, ReviewAnswer),
            lambda: json.loads(review),
            "json.loads",
            ASKED_MS,
        ),
    )


def _figure(
    form: str, text: str, read: Callable[[], object], plain: Callable[[], object], beside: str, asked_ms: float | None
) -> Figure:
    ms, plain_ms = _cpu_ms(read), _cpu_ms(plain)
    scale = SIZE / len(text)
    how = f"CPU, least of {RUNS}; {len(text):,} characters, told for {SIZE:,}; {beside}: {plain_ms * scale:.2f} ms"
    return Figure(f"read 100 kB of {form}", ms * scale, "ms", asked_ms, how)


def _cpu_ms(work: Callable[[], object]) -> float:
    """Least CPU of many runs: what the machine does beside can only add."""
    least = float("inf")
    for _ in range(RUNS):
        began = time.thread_time_ns()
        work()
        least = min(least, (time.thread_time_ns() - began) / 1e6)
    return least


async def _some_files() -> dict[str, str]:
    """The frontend of a blog as the offline model writes it, with the starter's: files as generated applications have them."""
    prompts = PromptLibrary(PROJECT / "prompts")
    planner = await _ask(prompts, AgentName.PLANNER, "plan", plan_schema="", rule_kinds="", agents=[], criteria=())
    made = read_proposal(planner)
    plan, contract = made.plan, read_contract(made.files[CONTRACT_PATH])
    assert plan is not None, made.problems
    written = await _ask(prompts, AgentName.FRONTEND, "build", plan=plan, contract=contract, brief="", files={})
    given = {path: text for path, text in starter_files(plan).items() if path.startswith("frontend/") and text}
    return {**given, **written}


async def _ask(
    prompts: PromptLibrary,
    agent: AgentName,
    step: str,
    *,
    plan: Plan | None = None,
    contract: JsonObject | None = None,
    **values: object,
) -> dict[str, str]:
    opening = make_opening(
        prompts, agent, sentence=SENTENCE, plan=plan, contract=contract, identity="", answer_format="files"
    )
    asked = prompts.render(agent, step, **values)
    messages = (Message(role="system", content=opening.system), Message(role="user", content=opening.first(asked.text)))
    request = ModelRequest(
        task_id="bench", agent=agent, model="offline/scaffold", messages=messages, answer_format="files",
        prompt_name=asked.name, prompt_hash=asked.source_hash, max_output_tokens=400_000,
    )  # fmt: skip
    return decode_files((await OfflineModel().complete(request)).text).files


def _whole(files: dict[str, str]) -> str:
    return "Done.\n\n" + "\n\n".join(f"````text path={path}\n{text}````" for path, text in files.items())


def _edits(files: dict[str, str]) -> str:
    """Every file in edits of six lines each, as far as those lines occur once."""
    blocks = []
    for path, text in files.items():
        lines = text.split("\n")
        pairs = []
        for start in range(0, len(lines) - LINES_PER_EDIT, LINES_PER_EDIT):
            quoted = "\n".join(lines[start : start + LINES_PER_EDIT])
            if f"\n{text}".count(f"\n{quoted}\n") == 1:
                pairs.append(f"<<<<<<< SEARCH\n{quoted}\n=======\n{quoted}x\n>>>>>>> REPLACE\n")
        blocks += [f"````edit path={path}\n{''.join(pairs)}````"] if pairs else []
    return "Done.\n\n" + "\n\n".join(blocks)


def _review() -> str:
    finding: JsonObject = {
        "file": "backend/app/services/posts.py",
        "line": 14,
        "severity": "medium",
        "category": "performance",
        "message": "The list is read without a limit, so that one request can hold a worker for as long as the table is.",
    }
    count = SIZE // (len(json.dumps(finding, indent=2)) + 20)
    scores: JsonObject = {"security": 9, "performance": 7.5, "quality": 8}
    return json.dumps({"scores": scores, "summary": "Solid.", "findings": [finding] * count}, indent=2)
