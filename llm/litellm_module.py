"""LiteLLM itself: loaded when it is needed, and kept from what it would do on its own."""

import importlib
import os
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from types import ModuleType
from typing import Any, cast


def import_litellm() -> ModuleType:
    """Costs seconds of CPU; to be called in a thread."""
    # LiteLLM reads these while it is imported and used, and nowhere else can it be told not to fetch tables from the
    # network, not to load a `.env` from the working folder, and not to write its log to the terminal as well, where no key
    # is taken out of it. Writing them here is the one exception to "config.py only".
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS"] = "True"
    os.environ["LITELLM_MODE"] = "PRODUCTION"
    os.environ["LITELLM_LOG"] = "CRITICAL"
    litellm: Any = importlib.import_module("litellm")
    litellm.suppress_debug_info = True
    litellm.disable_hf_tokenizer_download = True  # else it stops the loop to count what the provider has counted
    handlers: Any = importlib.import_module("litellm.llms.custom_httpx.http_handler")
    handlers.AsyncHTTPHandler.single_connection_post_request = _not_again
    streams: Any = importlib.import_module("litellm.litellm_core_utils.streaming_handler")
    chunks: Any = importlib.import_module("litellm.litellm_core_utils.streaming_chunk_builder_utils")
    litellm.utils.update_response_metadata = _nothing
    streams.asyncify = _in_this_thread
    litellm.stream_chunk_builder = partial(_usage_alone, litellm.ModelResponse, chunks.ChunkProcessor)
    return cast(ModuleType, litellm)


def _nothing(**told: object) -> None:
    """In place of pricing an answer that has not come yet."""


def _in_this_thread(work: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """In place of LiteLLM's thread for `stream_chunk_builder`, which has next to nothing to do here."""

    async def call(*values: object, **named: object) -> Any:
        return work(*values, **named)

    return call


def _usage_alone(response: Any, processor: Any, chunks: Sequence[Any], **others: object) -> Any:
    """In place of putting a streamed answer together once more and pricing it, for a log that nobody keeps: what it used.

    None where no chunk says it: LiteLLM would count then, with a tokenizer that is not the provider's.
    """
    told = [chunk for chunk in chunks if getattr(chunk, "usage", None) is not None]
    if not told:
        return None
    return response(usage=processor(told).calculate_usage(chunks=told, model="", completion_output=""))


async def _not_again(*args: object, **options: object) -> None:
    """In place of LiteLLM's own second try after a lost connection, for which no money was reserved: raise what was lost."""
    raise  # it is called where an error is handled
