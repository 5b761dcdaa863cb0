"""Pull requests of finished tasks: who asks for changes there has the task go on, onto the same request.

A person asks for changes by a review that says so. Its words, and the remarks of the same people, become the feedback of
a task that goes on from the last one; what comes of it is approved as usual before it is pushed.
"""

import asyncio
import hashlib
import logging
import sqlite3
from collections.abc import Sequence

from core.effects import Effect, EffectKey, EffectStatus
from core.errors import AutonomyError
from core.events import Notice
from core.history import ForkRequest
from core.ports import Clock, CodeHost, EffectStore, TaskHistory, TaskStore
from core.publication import RequestComment, RequestState
from core.tasks import MAX_TASK_DESCRIPTION_LENGTH, Task, TaskFilter
from core.types import Json, TaskStatus

log = logging.getLogger(__name__)
NODE = "request"
PAGE = 100
DAY_S = 86_400.0
LONGEST_REMARK = 1_000


class RequestWatch:
    """Looks at the requests of tasks that ended in the last `days`, every `every_s` and when it is told to.

    `every_s` 0 looks only when it is told to.
    """

    def __init__(
        self,
        code_host: CodeHost,
        tasks: TaskStore,
        effects: EffectStore,
        history: TaskHistory,
        clock: Clock,
        *,
        every_s: float = 600.0,
        days: float = 14.0,
    ) -> None:
        self._code_host = code_host
        self._tasks = tasks
        self._effects = effects
        self._history = history
        self._clock = clock
        self._every_s, self._days = every_s, days
        self._over: set[str] = set()
        self._asked: set[str] = set()
        self._news = asyncio.Event()
        self._door = asyncio.Lock()

    def look_soon(self, key: str) -> None:
        """Somebody says that something has happened on the request of this key."""
        self._asked.add(key)
        self._over.discard(key)
        self._news.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                async with asyncio.timeout(self._every_s or None):
                    await self._news.wait()
            except TimeoutError:
                self._asked |= await self._watched()
            self._news.clear()
            asked, self._asked = self._asked, set()
            for key in sorted(asked):
                await self._try(key)

    async def _try(self, key: str) -> None:
        try:
            await self.look(key)
        except (AutonomyError, OSError, sqlite3.Error) as error:
            log.warning("the request of task %s could not be looked at: %s", key, error)

    async def look(self, key: str) -> Task | None:
        """Look at one request; the task that goes on because of it, if one does. Raises what host and store raise."""
        async with self._door:
            request = await self._code_host.find(key)
            if request is None or request.state is not RequestState.OPEN:
                self._over.add(key)
                return None
            if (begun := await self._begun(key)) is not None:
                return await self._go_on(begun)
            wanted = await self._new_wishes(key, await self._code_host.comments(key))
            latest = await self._latest(key)
            if not wanted or latest is None:
                return None
            return await self._go_on(await self._begin(key, latest, wanted))

    async def _begun(self, key: str) -> Effect | None:
        """What a kill has left unfinished."""
        effects = await self._effects.list(key)
        return next((each for each in effects if each.key.node == NODE and each.status is EffectStatus.INTENDED), None)

    async def _watched(self) -> set[str]:
        """Requests that may be open; those that were seen closed are not asked about again."""
        since = self._clock.now() - self._days * DAY_S
        found: set[str] = set()
        query = TaskFilter(status=TaskStatus.COMPLETED, limit=PAGE)
        while page := await self._tasks.list(query):
            recent = [task for task in page if task.updated_at >= since]
            found |= {task.task_id for task in recent if task.pr_url and not _continues(task)}
            if len(recent) < len(page):
                break
            query = query.model_copy(update={"before": page[-1].task_id})
        return found - self._over

    async def _new_wishes(self, key: str, comments: Sequence[RequestComment]) -> list[RequestComment]:
        """What was said since the last time by those who ask for changes; empty when nobody newly asks for any."""
        handled: set[str] = set()
        for effect in await self._effects.list(key):
            ids = effect.intent.get("comments")
            if effect.key.node == NODE and isinstance(ids, list):
                handled |= {str(each) for each in ids}
        new = [comment for comment in comments if comment.comment_id not in handled]
        people = {comment.author for comment in new if comment.verdict == "changes_requested"}
        return [comment for comment in new if comment.author in people]

    async def _latest(self, key: str) -> Task | None:
        """The newest task of this request, None while one is under way: its words wait for its end."""
        latest = await self._tasks.get(key)
        for effect in await self._effects.list(key):
            if effect.key.node == NODE and effect.status is EffectStatus.DONE and effect.result:
                follower = await self._tasks.get(str(effect.result["task_id"]))
                if not follower.status.final:
                    return None
                latest = follower if follower.status is TaskStatus.COMPLETED else latest
        return latest if latest.status is TaskStatus.COMPLETED else None

    async def _begin(self, key: str, latest: Task, wanted: Sequence[RequestComment]) -> Effect:
        """Write down what is wanted, before anything is done about it."""
        ids: list[Json] = [comment.comment_id for comment in wanted]
        name = hashlib.sha256("\n".join(map(str, ids)).encode()).hexdigest()[:16]
        effect = EffectKey(task_id=key, node=NODE, iteration=0, kind=f"changes:{name}")
        people = ", ".join(sorted({comment.author for comment in wanted}))
        feedback = describe_wishes(wanted)
        return await self._effects.begin(
            effect, {"comments": ids, "from": latest.task_id, "people": people, "feedback": feedback}
        )

    async def _go_on(self, effect: Effect) -> Task:
        """The same again gives the same task, whatever a kill has left out."""
        latest = await self._tasks.get(str(effect.intent["from"]))
        task = await self._history.fork(
            latest.task_id,
            ForkRequest(feedback=str(effect.intent["feedback"]), continue_request=True),
            idempotency_key=f"request:{effect.key.id}",
            caller=latest.caller,
        )
        said = f"{effect.intent['people']} asked for changes on the pull request: task {task.task_id} goes on with them"
        await self._effects.finish(effect.key, {"task_id": task.task_id}, (Notice(text=said),))
        return task


def describe_wishes(comments: Sequence[RequestComment]) -> str:
    """The words as one text, with the place that each is about; cut where there are too many."""
    lines = []
    for comment in comments:
        place = f"{comment.path}:{comment.line}: " if comment.path and comment.line else ""
        place = place or (f"{comment.path}: " if comment.path else "")
        if words := " ".join(comment.body.split())[:LONGEST_REMARK]:
            lines.append(f"{place}{words}")
    text = "\n".join(lines) or "changes were asked for without words"
    return text[:MAX_TASK_DESCRIPTION_LENGTH]


def _continues(task: Task) -> bool:
    return task.forked_from is not None and task.forked_from.continues
