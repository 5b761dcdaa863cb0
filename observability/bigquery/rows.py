"""Calls and memory diffs as rows of BigQuery, and back. Times are kept to the microsecond."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.agent_views import MemoryDiff
from core.models import Interaction, Message
from core.types import Usage
from observability.interactions import MESSAGES

Row = Mapping[str, Any]
"""What JSON can say, by column."""
MAX_ROW_BYTES = 4 << 20
"""Of a row as it is sent. BigQuery takes requests of 10 MB; what is not ASCII is sent escaped and counts up to six times."""
CUT = " [cut: {} characters more]"


def call_row(call: Interaction, source: str, position: int) -> Row:
    """Of the narrow table."""
    return {
        "interaction_id": call.interaction_id,
        "ts": moment(call.ts).isoformat(),
        "source": source,
        "position": position,
        "task_id": call.task_id,
        "agent": call.agent.value,
        "iteration": call.iteration,
        "model": call.model,
        "prompt_name": call.prompt_name,
        "prompt_hash": call.prompt_hash,
        "prompt_version": call.prompt_version,
        "identity_version": call.identity_version,
        **call.usage.model_dump(),
        "cost_usd": call.cost_usd,
        "seconds": call.seconds,
        "success": call.success,
        "finish_reason": call.finish_reason,
    }


def text_row(call: Interaction, source: str, position: int) -> Row:
    """Its texts, each cut to the same length where the row would otherwise be larger than a row may be."""
    row = _text_row(call, source, position)
    most = max(map(len, (call.response, call.error, *(message.content for message in call.messages))), default=0)
    while size_of(row) > MAX_ROW_BYTES and most:
        most //= 2
        row = _text_row(call, source, position, most)
    return row


def _text_row(call: Interaction, source: str, position: int, most: int | None = None) -> Row:
    gone = 0

    def fit(text: str) -> str:
        nonlocal gone
        if most is None or len(text) <= most:
            return text
        gone += len(text) - most
        return text[:most] + CUT.format(len(text) - most)

    messages = tuple(Message(role=message.role, content=fit(message.content)) for message in call.messages)
    return {
        "interaction_id": call.interaction_id,
        "ts": moment(call.ts).isoformat(),
        "source": source,
        "position": position,
        "messages": MESSAGES.dump_json(messages).decode(),
        "response": fit(call.response),
        "error": fit(call.error),
        "cut_chars": gone,
    }


def diff_row(diff: MemoryDiff, source: str, position: int) -> Row:
    return {
        "diff_id": diff.diff_id,
        "ts": moment(diff.ts).isoformat(),
        "source": source,
        "position": position,
        "agent": diff.agent.value,
        "kind": diff.kind,
        "dry_run": diff.dry_run,
        "from_version": diff.from_version,
        "to_version": diff.to_version,
        "body": diff.model_dump_json(),
    }


def size_of(row: Row) -> int:
    """Bytes of the row as the client sends it."""
    return len(json.dumps(row))


def moment(ts: float) -> datetime:
    return datetime.fromtimestamp(ts, UTC)


def call_of(figures: Row, texts: Row) -> Interaction:
    return Interaction(
        interaction_id=figures["interaction_id"],
        ts=figures["ts"].timestamp(),
        task_id=figures["task_id"],
        agent=figures["agent"],
        iteration=figures["iteration"],
        model=figures["model"],
        prompt_name=figures["prompt_name"],
        prompt_hash=figures["prompt_hash"],
        prompt_version=figures["prompt_version"],
        identity_version=figures["identity_version"],
        messages=MESSAGES.validate_json(texts["messages"]),
        response=texts["response"],
        finish_reason=figures["finish_reason"],
        usage=Usage.model_validate({name: figures[name] for name in Usage.model_fields}),
        cost_usd=figures["cost_usd"],
        seconds=figures["seconds"],
        success=figures["success"],
        error=texts["error"],
    )
