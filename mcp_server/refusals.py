"""What the service refuses is told to the model in the service's own sentence."""

import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError

from client.errors import ServiceError

P = ParamSpec("P")
T = TypeVar("T")
NOT_FOUND = 404


def as_tool_error(tool: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """The same tool, which answers with an error where the service refuses."""

    @functools.wraps(tool)
    async def explained(*args: P.args, **options: P.kwargs) -> T:
        try:
            return await tool(*args, **options)
        except ServiceError as error:
            raise ToolError(sentence(error)) from error

    return explained


def as_resource_error(resource: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """The same for a resource."""

    @functools.wraps(resource)
    async def explained(*args: P.args, **options: P.kwargs) -> T:
        try:
            return await resource(*args, **options)
        except ServiceError as error:
            kind = ResourceNotFoundError if error.status == NOT_FOUND else ResourceError
            raise kind(sentence(error)) from error

    return explained


def sentence(error: ServiceError) -> str:
    """What went wrong, and when to come back."""
    wait = f"; come back in {error.retry_after_s:.0f} s" if error.retry_after_s else ""
    return f"{error.detail}{wait}"
