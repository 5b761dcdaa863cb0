"""Agents that write files: the builders, qa_agent and devops_agent. They own paths, and check their own work."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agents.accounts import accounts_to_change
from agents.answers import FilesAnswer
from agents.asking import Dialogue
from agents.context import AgentContext, AgentResult, Brief
from agents.in_question import files_in_question, told
from core.computing import compute
from core.errors import PathRefused
from core.findings import Finding
from core.loops import Call, Loop, digest, key, repeated_call
from core.ownership import owner_of
from core.paths import checked_path
from core.plan import Plan
from core.types import AgentName
from starter import files as starter_files
from tools.checks.own_files import check_own_files, kinds_of

MAX_CORRECTIONS = 2
MAX_OBJECTION = 1_000
"""Characters of an objection that are passed on."""


@dataclass(frozen=True)
class Work:
    """What an agent has so far: its files, what it takes away, what is wrong with them, and why it stopped trying."""

    files: Mapping[str, str] = field(default_factory=dict)
    deletes: tuple[str, ...] = ()
    problems: tuple[Finding, ...] = ()
    repeats: Loop | None = None


class Writer:
    """Writes the files of one owner. Files outside its paths are refused, and it is told so."""

    def __init__(self, name: AgentName) -> None:
        self.name = name

    async def run(self, brief: Brief, context: AgentContext) -> AgentResult:
        dialogue = Dialogue(self.name, brief, context)
        plan = brief.plan
        assert plan is not None, "writers run after planning"
        answer = await dialogue.files(brief.step, **await compute(self.values, brief, plan))
        work = self._accept(Work(), answer, brief, plan)
        work, answer = await self._correct(work, answer, dialogue, brief, context)
        if context.frontend_self_review and self.name is AgentName.FRONTEND and brief.step == "build":
            answer = await dialogue.files("self_review")
            work = self._accept(work, answer, brief, plan)
            work = replace(work, problems=(*work.problems, *await self._check(work, brief, context)))
        return AgentResult(
            self.name,
            summary=answer.prose[:300] or f"{len(work.files)} files",
            files=work.files,
            deletes=work.deletes,
            findings=work.problems,
            repeats=work.repeats,
            objection=_objection(brief, work, answer),
            amendments=tuple(dialogue.amendments),
            model=dialogue.conversation.model,
            prompt=dialogue.conversation.prompt,
            cost_usd=dialogue.conversation.cost_usd,
        )

    def values(self, brief: Brief, plan: Plan) -> dict[str, object]:
        """Variables of the step's template."""
        mine = own_files(plan, self.name, brief.files)
        given = starter_files(plan)
        named = files_in_question(brief.findings, mine, given)
        unplaced = not named or any(finding.file is None for finding in brief.findings)
        every = brief.step == "amend" or unplaced
        shown = {path: text for path, text in mine.items() if path in named or (every and given.get(path) != text)}
        if brief.step == "build":
            shown = accounts_to_change(plan, brief.contract or {}, mine)
        text = next((entry.brief for entry in plan.agents if entry.agent is self.name), "")
        return {
            "brief": text or "Follow the plan and the contract.",
            "findings": told(brief.findings, {} if self.name is AgentName.QA else brief.files),
            "files": shown,
            "feedback": brief.feedback,
            "by_agents": brief.by_agents,
            "iteration": brief.iteration,
            "has_frontend": plan.has_frontend,
            "with_auth": plan.auth is not None,
        }

    async def _correct(
        self, work: Work, answer: FilesAnswer, dialogue: Dialogue, brief: Brief, context: AgentContext
    ) -> tuple[Work, FilesAnswer]:
        """Check and ask again until nothing is wrong, the corrections are used up, or the agent repeats itself."""
        assert brief.plan is not None, "writers run after planning"
        calls = [Call(self.name, brief.step, brief.iteration, "", answer_digest(answer), changed=True)]
        for attempt in range(MAX_CORRECTIONS + 1):
            work = replace(work, problems=(*work.problems, *await self._check(work, brief, context)))
            if not work.problems or attempt == MAX_CORRECTIONS:
                break
            prompt = _asked(work)
            repeats = repeated_call(calls, prompt)
            if repeats is not None:
                return replace(work, repeats=repeats), answer
            before = work
            answer = await dialogue.files("fix", **self._correction(work, brief, brief.plan))
            work = self._accept(work, answer, brief, brief.plan)
            changed = (work.files, work.deletes) != (before.files, before.deletes)
            calls.append(Call(self.name, "fix", brief.iteration, prompt, answer_digest(answer), changed))
        return work, answer

    def _correction(self, work: Work, brief: Brief, plan: Plan) -> dict[str, Any]:
        """What it wrote itself stands in the conversation; other files of its own are shown."""
        mine = own_files(plan, self.name, brief.files)
        named = files_in_question(work.problems, mine, starter_files(plan)) - work.files.keys()
        shown = {path: text for path, text in mine.items() if path in named}
        return {"findings": told(work.problems, {}), "files": shown, "feedback": "", "iteration": 0}

    def _accept(self, work: Work, answer: FilesAnswer, brief: Brief, plan: Plan) -> Work:
        """The work with what the answer changes in it; its problems are what was refused of the answer."""
        kept, gone, problems = dict(work.files), list(work.deletes), []
        for path in (*answer.files, *answer.deletes):
            refusal = self._refusal(path, plan)
            if refusal:
                problems.append(Finding(check="paths", message=refusal, file=None, owner=self.name))
            elif path in answer.files:
                kept[path] = answer.files[path]
                gone = [other for other in gone if other != path]
            else:
                kept.pop(path, None)
                gone += [path] if path in brief.files and path not in gone else []
        return Work(kept, tuple(gone), tuple(problems))

    def _refusal(self, path: str, plan: Plan) -> str | None:
        try:
            checked_path(path)
        except PathRefused as error:
            return f"{error}; the file was left out"
        owner = owner_of(plan.ownership, path)
        if owner is self.name:
            return None
        who = f"belongs to {owner}" if owner else "belongs to nobody in the ownership map"
        return f"{path} {who}, so it was left out: write only your own paths ({', '.join(plan.ownership.get(self.name, ()))})"

    async def _check(self, work: Work, brief: Brief, context: AgentContext) -> tuple[Finding, ...]:
        if not brief.use_sandbox or not kinds_of(self.name, work.files):
            return ()
        whole = {path: text for path, text in brief.files.items() if path not in work.deletes} | dict(work.files)
        with context.tracing.tool(brief.task_id, self.name, "own_files") as tell:
            result = await check_own_files(context.sandbox, brief.task_id, self.name, work.files, whole)
            tell([result])
        return tuple(finding.model_copy(update={"owner": self.name}) for finding in result.findings)


def _objection(brief: Brief, work: Work, answer: FilesAnswer) -> str:
    """An answer to findings that is words alone."""
    left = brief.step == "fix" and not (work.files or work.deletes or work.problems)
    return answer.prose.strip()[:MAX_OBJECTION] if left else ""


def _asked(work: Work) -> str:
    """The same when the same is wrong in the same texts."""
    named = {finding.file for finding in work.problems}
    texts = {path: text for path, text in work.files.items() if path in named}
    return digest(sorted(key(finding) for finding in work.problems), texts)


def answer_digest(answer: FilesAnswer) -> str:
    """Of the files alone, since words about them differ; empty where there is none."""
    if not answer.files and not answer.deletes:
        return ""
    return digest({path: text.rstrip() for path, text in answer.files.items()}, answer.deletes)


def own_files(plan: Plan, agent: AgentName, files: Mapping[str, str]) -> dict[str, str]:
    """The files of `files` that `agent` owns by the plan."""
    return {path: text for path, text in files.items() if owner_of(plan.ownership, path) is agent}
