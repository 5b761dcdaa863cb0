"""Agents that write files: the builders, qa_agent and devops_agent. They own paths, and check their own work."""

from collections.abc import Mapping

from agents.answers import FilesAnswer
from agents.context import AgentContext, AgentResult, Brief
from agents.conversation import Conversation
from core.errors import PathRefused
from core.findings import Finding
from core.ownership import owner_of
from core.paths import checked_path
from core.plan import Plan
from core.types import AgentName
from starter import files as starter_files
from tools.checks.own_files import check_own_files

MAX_CORRECTIONS = 2


class Writer:
    """Writes the files of one owner. Files outside its paths are refused, and it is told so."""

    def __init__(self, name: AgentName) -> None:
        self.name = name

    async def run(self, brief: Brief, context: AgentContext) -> AgentResult:
        conversation = Conversation(self.name, brief, context, "files")
        plan = brief.plan
        assert plan is not None, "writers run after planning"
        answer = await conversation.files(brief.step, **self.values(brief, plan))
        files, deletes, problems = self._accept({}, (), answer, brief, plan)
        for _ in range(MAX_CORRECTIONS):
            problems = (*problems, *await self._check(files, deletes, brief, context))
            if not problems:
                break
            answer = await conversation.files("fix", **self._correction(problems, files, brief, plan))
            files, deletes, problems = self._accept(files, deletes, answer, brief, plan)
        else:
            problems = (*problems, *await self._check(files, deletes, brief, context))
        if context.frontend_self_review and self.name is AgentName.FRONTEND and brief.step == "build":
            answer = await conversation.files("self_review")
            files, deletes, refused = self._accept(files, deletes, answer, brief, plan)
            problems = (*refused, *await self._check(files, deletes, brief, context))
        return AgentResult(
            self.name,
            summary=answer.prose[:300] or f"{len(files)} files",
            files=files,
            deletes=deletes,
            findings=problems,
            model=conversation.model,
            prompt=conversation.prompt,
            cost_usd=conversation.cost_usd,
        )

    def values(self, brief: Brief, plan: Plan) -> dict[str, object]:
        """Variables of the step's template."""
        mine = own_files(plan, self.name, brief.files)
        named = {finding.file for finding in brief.findings if finding.file}
        unplaced = not named or any(finding.file is None for finding in brief.findings)
        given = starter_files(plan)
        every = brief.step == "amend" or unplaced
        shown = {path: text for path, text in mine.items() if path in named or (every and given.get(path) != text)}
        text = next((entry.brief for entry in plan.agents if entry.agent is self.name), "")
        return {
            "brief": text or "Follow the plan and the contract.",
            "findings": brief.findings,
            "files": shown,
            "feedback": brief.feedback,
            "iteration": brief.iteration,
            "has_frontend": plan.has_frontend,
            "with_auth": plan.auth is not None,
        }

    def _correction(
        self, problems: tuple[Finding, ...], files: Mapping[str, str], brief: Brief, plan: Plan
    ) -> dict[str, object]:
        """What it wrote itself stands in the conversation; other files of its own are shown."""
        named = {finding.file for finding in problems} - files.keys()
        shown = {path: text for path, text in own_files(plan, self.name, brief.files).items() if path in named}
        return {"findings": problems, "files": shown, "feedback": "", "iteration": 0}

    def _accept(
        self, files: Mapping[str, str], deletes: tuple[str, ...], answer: FilesAnswer, brief: Brief, plan: Plan
    ) -> tuple[dict[str, str], tuple[str, ...], tuple[Finding, ...]]:
        kept, gone, problems = dict(files), list(deletes), []
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
        return kept, tuple(gone), tuple(problems)

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

    async def _check(
        self, files: Mapping[str, str], deletes: tuple[str, ...], brief: Brief, context: AgentContext
    ) -> tuple[Finding, ...]:
        if not brief.use_sandbox:
            return ()
        whole = {path: text for path, text in brief.files.items() if path not in deletes} | dict(files)
        with context.tracing.tool(brief.task_id, self.name, "own_files") as tell:
            result = await check_own_files(context.sandbox, brief.task_id, self.name, files, whole)
            tell([result])
        return tuple(finding.model_copy(update={"owner": self.name}) for finding in result.findings)


def own_files(plan: Plan, agent: AgentName, files: Mapping[str, str]) -> dict[str, str]:
    """The files of `files` that `agent` owns by the plan."""
    return {path: text for path, text in files.items() if owner_of(plan.ownership, path) is agent}
