"""How a description of a request becomes a method of both clients: one waits for the answer, the other gives an awaitable."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, overload

from client.requests import Call, Pages, Steps

if TYPE_CHECKING:
    from client.asynchronous import AsyncAutonomyClient
    from client.blocking import AutonomyClient

P = ParamSpec("P")
T = TypeVar("T")


class Operation(Generic[P, T]):
    """A method that makes one call; its arguments and its documentation are those of `describe`."""

    def __init__(self, describe: Callable[P, Call[T]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, client: AutonomyClient, owner: object = None) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: AsyncAutonomyClient, owner: object = None) -> Callable[P, Coroutine[Any, Any, T]]: ...
    @overload
    def __get__(self, client: None, owner: object = None) -> Operation[P, T]: ...
    def __get__(self, client: Any, owner: object = None) -> Any:
        return self if client is None else _method(client.send, self._describe)


class Listing(Generic[P, T]):
    """A method that gives the items of a list one by one, and fetches its pages as they are needed."""

    def __init__(self, describe: Callable[P, Pages[T]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, client: AutonomyClient, owner: object = None) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, client: AsyncAutonomyClient, owner: object = None) -> Callable[P, AsyncIterator[T]]: ...
    @overload
    def __get__(self, client: None, owner: object = None) -> Listing[P, T]: ...
    def __get__(self, client: Any, owner: object = None) -> Any:
        return self if client is None else _method(client.items, self._describe)


class Procedure(Generic[P, T]):
    """A method that makes several calls, one after the other."""

    def __init__(self, describe: Callable[P, Steps[T]]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, client: AutonomyClient, owner: object = None) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: AsyncAutonomyClient, owner: object = None) -> Callable[P, Coroutine[Any, Any, T]]: ...
    @overload
    def __get__(self, client: None, owner: object = None) -> Procedure[P, T]: ...
    def __get__(self, client: Any, owner: object = None) -> Any:
        return self if client is None else _method(client.run, self._describe)


def _method(perform: Callable[[Any], Any], describe: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(describe)
    def method(*args: Any, **options: Any) -> Any:
        return perform(describe(*args, **options))

    return method
