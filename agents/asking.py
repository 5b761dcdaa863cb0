"""An agent asks others in the middle of its work: whom it may ask, how often, who answers, and what an answer may do.

The one that is asked answers in a conversation of its own, from what is committed, and in a form that has no place for a
question. So nobody ever waits for somebody who waits, and nothing is held meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agents.answer_models import QuestionAnswer
from agents.answers import FilesAnswer, Question
from agents.context import AgentContext, Amendment, Brief
from agents.conversation import Conversation
from agents.excerpts import Documents, documents_for
from core.computing import compute
from core.errors import ModelError
from core.events import AgentAnswered, AgentAsked, EventFilter
from core.loops import digest
from core.ownership import owner_of
from core.plan import Plan
from core.types import AgentName, JsonObject
from starter import files as starter_files

STEP = "answer_question"
MAX_PER_TURN = 3
MAX_PER_TASK = 12
MAX_ROUNDS = MAX_PER_TURN + 1
"""Answers of a turn that may ask; the last one of them is refused what it asks."""
MAX_QUESTION = 1_000
MAX_ANSWER = 2_000
MAX_WANTED = 500
"""Characters that are taken of a question (a longer one is refused), of its answer, and of what that wants changed."""
MAX_OUTPUT_TOKENS = 2_000
MAX_SHOWN = 20_000
"""Characters of its own files that the one that is asked is shown."""
_ASKABLE = (
    AgentName.PLANNER, AgentName.BACKEND, AgentName.DATABASE, AgentName.FRONTEND, AgentName.QA, AgentName.REVIEWER,
    AgentName.DEVOPS,
)  # fmt: skip


def colleagues_of(asker: AgentName, plan: Plan) -> tuple[AgentName, ...]:
    """Those that `asker` may ask: who takes part in writing or judging the application, but itself."""
    working = {AgentName.PLANNER, AgentName.REVIEWER} | {agent for agent, paths in plan.ownership.items() if paths}
    return tuple(agent for agent in _ASKABLE if agent in working and agent is not asker)


class Dialogue:
    """A turn of an agent that writes files and may ask. `amendments` are what the answers want changed in the contract."""

    def __init__(self, asker: AgentName, brief: Brief, context: AgentContext) -> None:
        assert brief.plan is not None, "who asks works by a plan"
        self._asker = asker
        self._brief = brief
        self._context = context
        self._plan = brief.plan
        self._colleagues = colleagues_of(asker, brief.plan)
        self._rounds = 0
        self._asked = 0
        self.conversation = Conversation(asker, brief, context, "files", colleagues=self._colleagues)
        self.amendments: list[Amendment] = []

    async def files(self, step: str, **values: object) -> FilesAnswer:
        """As Conversation.files; what the answer asks is answered first, and files beside the questions are kept."""
        answer = await self.conversation.files(step, **values)
        while answer.questions and self._rounds < MAX_ROUNDS:
            self._rounds += 1
            wanted = len(self.amendments)
            told = [await self._ask(question) for question in answer.questions[:MAX_PER_TURN]]
            more = await self.conversation.files(
                "answered",
                answers=told,
                wanted=len(self.amendments) > wanted,
                last=self._asked >= MAX_PER_TURN or self._rounds == MAX_ROUNDS,
            )
            answer = answer.then(more)
        return answer

    async def _ask(self, question: Question) -> JsonObject:
        """What the asking agent is told of one question; it is asked once, however often the turn is run again."""
        self._asked += 1
        brief = self._brief
        where = (brief.task_id, brief.step, str(brief.iteration), str(brief.by_agents))
        told = AgentAsked(
            question_id=digest(*where, self._asker.value, str(self._asked), question.agent, question.text),
            agent=self._asker,
            asked=question.agent[:60],
            step=self._brief.step,
            iteration=self._brief.iteration,
            question=question.text[:MAX_QUESTION],
        )
        number = await self._number(told)
        refused = self._refusal(question, number)
        answered = await self._answered(told, refused) if refused else await self._answer(told)
        return _shown(answered)

    def _refusal(self, question: Question, number: int) -> str:
        """Why it is not asked; empty for a question that is. `number` counts the task's questions."""
        if question.agent == self._asker:
            return "that is you: decide it yourself"
        if question.agent not in self._colleagues:
            return f"you may ask {', '.join(self._colleagues)}"
        if not question.text:
            return "the question is empty"
        if len(question.text) > MAX_QUESTION:
            return f"the question has {len(question.text)} characters, of at most {MAX_QUESTION}"
        if self._asked > MAX_PER_TURN:
            return f"a turn has at most {MAX_PER_TURN} questions: decide it by plan and contract"
        if number > MAX_PER_TASK:
            return f"the {MAX_PER_TASK} questions of the task are used up: decide it by plan and contract"
        return ""

    async def _answer(self, question: AgentAsked) -> AgentAnswered:
        asked = AgentName(question.asked)
        brief = replace(self._brief, step=STEP, max_output_tokens=MAX_OUTPUT_TOKENS)
        conversation = Conversation(asked, brief, self._context, "json", continuations=1)
        values = await compute(_values, asked, brief, self._plan, question)
        try:
            with self._context.tracing.turn(brief.task_id, asked, STEP, brief.iteration):
                answer = await conversation.json(STEP, QuestionAnswer, **values)
        except ModelError as error:
            return await self._answered(
                question, f"no answer came ({error}): decide it by plan and contract"[:MAX_ANSWER]
            )
        wanted = answer.contract_change.wanted[:MAX_WANTED] if answer.contract_change else ""
        if wanted:
            self.amendments.append(Amendment(self._asker, asked, wanted))
        return await self._answered(
            question, "", answer=answer.answer[:MAX_ANSWER], wanted=wanted, call_ids=tuple(conversation.call_ids)
        )

    async def _answered(
        self,
        question: AgentAsked,
        refused: str,
        *,
        answer: str = "",
        wanted: str = "",
        call_ids: tuple[str, ...] = (),
    ) -> AgentAnswered:
        event = AgentAnswered(
            question_id=question.question_id,
            agent=question.agent,
            asked=question.asked,
            iteration=question.iteration,
            answer=answer,
            refused=refused,
            wanted=wanted,
            call_ids=call_ids,
        )
        if not await self._ids("agent.answered", question.question_id):
            await self._context.events.append(self._brief.task_id, event)
        return event

    async def _number(self, question: AgentAsked) -> int:
        """Which of the task's questions it is, from 1, by the order of the log: so agents that ask at once count right.

        A run after a kill finds the question that it asked before, with the number that it had.
        """
        if question.question_id not in await self._ids("agent.asked"):
            await self._context.events.append(self._brief.task_id, question)
        return (await self._ids("agent.asked")).index(question.question_id) + 1

    async def _ids(self, kind: str, text: str = "") -> list[str]:
        """Ids of the questions of which an event of this type tells, oldest first."""
        found: list[str] = []
        after: int | None = 0
        while after is not None:
            page = await self._context.events.search(
                EventFilter(task_id=self._brief.task_id, types=(kind,), text=text, after=after)
            )
            found += [
                stored.event.question_id
                for stored in page.items
                if isinstance(stored.event, AgentAsked | AgentAnswered)
            ]
            after = page.next
        return found


def _shown(answered: AgentAnswered) -> JsonObject:
    """Who was asked, and what is said to the one that asked."""
    said = f"Not asked: {answered.refused}." if answered.refused else answered.answer
    wanted = f"\n\nTo be changed in plan or contract: {answered.wanted}" if answered.wanted else ""
    return {"asked": answered.asked, "answer": f"{said}{wanted}"}


def _values(asked: AgentName, brief: Brief, plan: Plan, question: AgentAsked) -> dict[str, object]:
    """Variables of the step's template."""
    files, left_out = shown_files(asked, plan, brief.files, question.question)
    return {
        "asker": question.agent,
        "question": question.question,
        "documents": _documents(asked, brief),
        "files": files,
        "left_out": left_out,
    }


def _documents(asked: AgentName, brief: Brief) -> Documents:
    """Plan and contract for the planner, whose conversations begin without them."""
    return documents_for(AgentName.REVIEWER, brief.plan, brief.contract) if asked is AgentName.PLANNER else ()


def shown_files(
    asked: AgentName, plan: Plan, files: Mapping[str, str], question: str
) -> tuple[dict[str, str], Sequence[str]]:
    """Of an agent's files those that there is room for, what the question names first, and the paths of the others."""
    given = starter_files(plan)
    mine = {
        path: text
        for path, text in files.items()
        if owner_of(plan.ownership, path) is asked and given.get(path) != text
    }
    words = question.lower()
    shown: dict[str, str] = {}
    room = MAX_SHOWN
    for path in sorted(mine, key=lambda path: (not _is_named(path, words), path)):
        if len(mine[path]) <= room:
            shown[path] = mine[path]
            room -= len(mine[path])
    return shown, [path for path in sorted(mine) if path not in shown]


def _is_named(path: str, words: str) -> bool:
    """Whether words speak of a file, by its path or by its name without the ending."""
    name = path.rsplit("/", 1)[-1].split(".", 1)[0].lower()
    return path.lower() in words or (len(name) > 2 and name in words)
