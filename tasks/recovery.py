"""What a start has to say of the calls that the end of the last process cut off."""

from collections.abc import Iterable

from core.events import LlmEnd, LlmStart
from core.models import InteractionFilter
from core.ports import EventLog, InteractionLog
from core.reading import read_events

CUT_OFF = "the service ended before the answer was recorded"


async def end_cut_off_calls(task_ids: Iterable[str], events: EventLog, calls: InteractionLog) -> int:
    """Append the end of every call that began and of whose answer nothing is known; how many those were.

    A call whose answer was recorded is told of by whoever takes the answer from the record.
    """
    count = 0
    for task_id in task_ids:
        started = await _unfinished(task_id, events)
        if not started:
            continue
        recorded = {call.interaction_id for call in await calls.list(InteractionFilter(task_id=task_id, limit=500))}
        ends = [_end(start) for call_id, start in started.items() if call_id not in recorded]
        await events.append(task_id, *ends)
        count += len(ends)
    return count


async def _unfinished(task_id: str, events: EventLog) -> dict[str, LlmStart]:
    found: dict[str, LlmStart] = {}
    for stored in await read_events(events, task_id, ("llm_start", "llm_end")):
        if isinstance(stored.event, LlmStart):
            found[stored.event.call_id] = stored.event
        elif isinstance(stored.event, LlmEnd):
            found.pop(stored.event.call_id, None)
    return found


def _end(start: LlmStart) -> LlmEnd:
    return LlmEnd(
        agent=start.agent,
        model=start.model,
        prompt_name=start.prompt_name,
        call_id=start.call_id,
        success=False,
        error=CUT_OFF,
    )
