"""One conversation of an agent with its model: what all share first, steps appended, answers read."""

import functools
from collections.abc import Mapping
from typing import Literal, TypeVar

from pydantic import BaseModel

from agents.answers import AnswerError, FilesAnswer, continued, decode_as, decode_files
from agents.context import AgentContext, Brief
from agents.opening import make_opening
from core.computing import compute
from core.errors import Damaged, ModelError, Refused
from core.events import Notice
from core.identity import Identity, render_identity
from core.models import Message, ModelRequest, ModelResponse
from core.types import AgentName, Json, JsonObject

Schema = TypeVar("Schema", bound=BaseModel)
MAX_CONTINUATIONS = 6


class MalformedAnswer(ModelError):
    """The model's answer could not be read, and its one repair could not be read either."""

    title = "Malformed answer"


class Conversation:
    """Messages of one agent in one step of one task. Turns are appended, so that a provider's prompt cache pays."""

    def __init__(
        self,
        agent: AgentName,
        brief: Brief,
        context: AgentContext,
        answer_format: Literal["files", "json"],
        *,
        colleagues: tuple[AgentName, ...] = (),
        continuations: int = MAX_CONTINUATIONS,
    ) -> None:
        """`colleagues` are those that the agent is told it may ask."""
        self._agent = agent
        self._brief = brief
        self._context = context
        self._format: Literal["files", "json"] = answer_format
        self._colleagues = colleagues
        self._continuations = continuations
        self._messages: list[Message] = []
        self._breakpoints: tuple[int, ...] = ()
        self._schema: type[BaseModel] | None = None
        self._known: dict[str, str] = {}
        self._finished = True
        self._name = ""
        self._hash = ""
        self._identity_version = 0
        self.cost_usd = 0.0
        self.call_ids: list[str] = []
        self.model = context.models[agent]

    @property
    def prompt(self) -> str:
        """Name and version of the step's prompt, for commit trailers."""
        return f"{self._name}@{self._hash}"

    async def files(self, step: str, **values: object) -> FilesAnswer:
        """Ask for files. Files that the step shows as `files`, or that the model wrote before, may be answered with edits.

        Raises MalformedAnswer when a repair did not help, ModelError, BudgetExceeded.
        """
        shown = values.get("files")
        if isinstance(shown, Mapping):
            self._known.update(shown)
        try:
            answer = await self._read_files(await self._ask(step, **values), strict=True)
        except AnswerError as error:
            problem = str(error)
        else:
            return answer
        try:
            return await self._read_files(await self._ask("repair", problem=problem), strict=False)
        except AnswerError as error:
            raise MalformedAnswer(
                f"{self._agent} answered with files that cannot be read: {error}", agent=self._agent.value
            ) from error

    async def json(self, step: str, schema: type[Schema], **values: object) -> Schema:
        """Ask for one JSON object that fits a schema. Raises MalformedAnswer, ModelError, BudgetExceeded."""
        self._schema = schema
        try:
            return await self._read_json(await self._ask(step, **values), schema)
        except AnswerError as error:
            problem = str(error)
        try:
            return await self._read_json(await self._ask("repair", problem=problem), schema)
        except AnswerError as error:
            raise MalformedAnswer(
                f"{self._agent} answered without usable JSON: {error}", agent=self._agent.value
            ) from error

    async def _read_files(self, text: str, *, strict: bool) -> FilesAnswer:
        """Raises AnswerError."""
        answer = await compute(decode_files, text, self._known, finished=self._finished, strict=strict)
        for path in answer.deletes:
            self._known.pop(path, None)
        self._known.update(answer.files)
        return answer

    async def _read_json(self, text: str, schema: type[Schema]) -> Schema:
        """Raises AnswerError."""
        return await compute(decode_as, text, schema, finished=self._finished)

    async def _ask(self, step: str, **values: object) -> str:
        """The whole answer, its continuations joined. Raises AnswerError where they cannot be."""
        rendered = self._context.prompts.render(self._agent, step, **values)
        asked = rendered.text if self._messages else await self._begin(rendered.text)
        if step not in ("repair", "continue", "answered"):
            self._name, self._hash = rendered.name, rendered.source_hash
        self._messages.append(Message(role="user", content=asked))
        response = await self._complete(rendered.name, rendered.source_hash)
        text = response.text
        try:
            for _ in range(self._continuations):
                if response.finish_reason != "length":
                    break
                go_on = self._context.prompts.render(self._agent, "continue")
                turn = (Message(role="assistant", content=text), Message(role="user", content=go_on.text))
                response = await self._complete(go_on.name, go_on.source_hash, turn)
                if response.finish_reason == "length" and response.text.strip() in text:
                    raise AnswerError("the answer was cut off, and what came next only repeated what it held")
                text = continued(text, response.text)
        finally:
            self._finished = response.finish_reason != "length"
            self._messages.append(Message(role="assistant", content=text))
        return text

    async def _complete(self, name: str, source_hash: str, extra: tuple[Message, ...] = ()) -> ModelResponse:
        response = await self._context.model.complete(
            ModelRequest(
                task_id=self._brief.task_id,
                account=self._brief.account,
                agent=self._agent,
                model=self._context.models[self._agent],
                messages=(*self._messages, *extra),
                breakpoints=self._breakpoints,
                answer_format=self._format,
                answer_schema=_json_schema(self._schema) if self._schema else None,
                prompt_name=name,
                prompt_hash=source_hash,
                identity_version=self._identity_version,
                iteration=self._brief.iteration,
                max_output_tokens=self._brief.max_output_tokens,
            )
        )
        self.cost_usd += response.cost_usd
        self.call_ids += [response.call_id] if response.call_id else []
        self.model = response.model
        return response

    async def _begin(self, step: str) -> str:
        """The system message, and the first message of the user with the step at its end."""
        identity = await self._identity()
        self._identity_version = identity.version
        opening = await compute(
            make_opening,
            self._context.prompts,
            self._agent,
            sentence=self._brief.sentence,
            plan=self._brief.plan,
            contract=self._brief.contract,
            identity=render_identity(identity),
            answer_format=self._format,
            colleagues=self._colleagues,
        )
        self._messages.append(Message(role="system", content=opening.system))
        self._breakpoints = opening.breakpoints
        return opening.first(step)

    async def _identity(self) -> Identity:
        """The current identity, or the newest that can be read: what an agent has learned must not keep it from working."""
        try:
            return await self._context.identities.load(self._agent)
        except (Damaged, Refused) as error:
            text = f"{error}; {self._agent} works with the newest that can be read"
            await self._context.events.append(self._brief.task_id, Notice(level="warning", text=text))
            versions = await self._context.identities.versions(self._agent)
            return versions[0] if versions else Identity(agent=self._agent)


@functools.cache
def _json_schema(model: type[BaseModel]) -> JsonObject:
    """Made once for each model, which costs half a millisecond; without what is said to readers of the code."""
    shown = _plain(model.model_json_schema())
    assert isinstance(shown, dict)
    return shown


def _plain(value: Json) -> Json:
    """Without titles, which say names again, defaults, and the docstrings of models; what members are stays."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    left_out = {"title", "default", "description"} if "properties" in value else {"title", "default"}
    return {
        name: _plain(item)
        for name, item in value.items()
        if name not in left_out or isinstance(item, dict)  # a member may have such a name
    }
