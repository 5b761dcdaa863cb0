"""Agents that answer with a decision: orchestrator, code_reviewer, git_agent."""

from collections.abc import Mapping

from pydantic import BaseModel, ValidationError

from agents.answer_models import ReviewAnswer, schema_of
from agents.context import AgentContext, AgentResult, Brief
from agents.conversation import Conversation, MalformedAnswer
from core.computing import compute
from core.findings import MINIMUM_SCORE, Finding, Review
from core.ownership import owner_of
from core.plan import Plan
from core.types import AgentName, JsonObject
from starter import files as starter_files

GENERATED = frozenset({"schema.d.ts", "package-lock.json", "pnpm-lock.yaml", "yarn.lock"})


class Decider:
    """Asks one step and returns the JSON object as `AgentResult.data`."""

    def __init__(self, name: AgentName) -> None:
        self.name = name

    async def run(self, brief: Brief, context: AgentContext) -> AgentResult:
        conversation = Conversation(self.name, brief, context, "json")
        answer = await conversation.json(brief.step, self.schema(brief), **await compute(self.values, brief))
        data = answer.model_dump(mode="json")
        return AgentResult(
            self.name,
            summary=self.summary(data),
            data=data,
            model=conversation.model,
            prompt=conversation.prompt,
            cost_usd=conversation.cost_usd,
        )

    def values(self, brief: Brief) -> dict[str, object]:
        """Variables of the step's template."""
        return {"feedback": brief.feedback, **brief.extra}

    def schema(self, brief: Brief) -> type[BaseModel]:
        """What the step has to be answered with."""
        return schema_of(brief.step, brief.extra)

    def summary(self, data: JsonObject) -> str:
        """One line for the timeline."""
        return str(data.get("reason") or data.get("message") or data.get("title") or "")[:300]


class Orchestrator(Decider):
    """Classifies requests, reads replies, turns feedback into findings."""

    def __init__(self) -> None:
        super().__init__(AgentName.ORCHESTRATOR)


class GitAgent(Decider):
    """Describes what is about to be published."""

    def __init__(self) -> None:
        super().__init__(AgentName.GIT)


class Reviewer(Decider):
    """Scores the application and names what is wrong in it."""

    def __init__(self) -> None:
        super().__init__(AgentName.REVIEWER)

    async def run(self, brief: Brief, context: AgentContext) -> AgentResult:
        result = await super().run(brief, context)
        review = place_findings(read_review(result.data), brief.files)
        return AgentResult(
            self.name,
            summary=review.summary,
            data=review.model_dump(mode="json"),
            findings=review.findings,
            model=result.model,
            prompt=result.prompt,
            cost_usd=result.cost_usd,
        )

    def values(self, brief: Brief) -> dict[str, object]:
        given = starter_files(brief.plan) if brief.plan else {}  # reviewed where it is kept, once for all
        shown = {
            path: text
            for path, text in brief.files.items()
            if text.strip() and text != given.get(path) and _is_reviewed(path, brief.plan)
        }
        return {"files": shown, "criteria": brief.criteria, "minimum_score": MINIMUM_SCORE, **brief.extra}


def read_review(data: JsonObject) -> Review:
    """Turn the reviewer's JSON into a Review. Findings that cannot be read are kept as text, scores must be there.

    Raises MalformedAnswer.
    """
    try:
        answer = ReviewAnswer.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise MalformedAnswer(
            f"the review cannot be used: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        ) from error
    findings = tuple(
        Finding(
            check="review",
            severity=found.severity,
            message=found.message[:1000] or "no message",
            file=found.file or None,
            line=found.line,
            category=found.category[:60],
        )
        for found in answer.findings[:100]
    )
    return Review(scores=answer.scores, summary=answer.summary[:2000], findings=findings)


def place_findings(review: Review, files: Mapping[str, str]) -> Review:
    """Drop lines that are not in the file that they name: a place that is wrong is worse than none."""
    placed = tuple(
        finding
        if finding.line is None or finding.line <= _line_count(files.get(finding.file or "", ""))
        else finding.model_copy(update={"line": None})
        for finding in review.findings
    )
    return review.model_copy(update={"findings": placed})


def _line_count(text: str) -> int:
    """Lines as the prompt numbers them."""
    return text.removesuffix("\n").count("\n") + 1 if text else 0


def _is_reviewed(path: str, plan: Plan | None) -> bool:
    """What runs or is shipped. Tests are judged by running them, a migration by the tables that it makes.

    The contract is shown as such; what tools write from other files has no lines that an agent can repair.
    """
    name = path.rsplit("/", 1)[-1]
    derived = (
        path.startswith(("contract/", "backend/migrations/versions/")) or name in GENERATED or name.endswith(".md")
    )
    return not derived and (plan is None or owner_of(plan.ownership, path) is not AgentName.QA)
