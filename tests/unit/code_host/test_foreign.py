"""Answers of another shape than a host documents are refused, and say what is wrong with them."""

from collections.abc import AsyncIterator

import httpx
import pytest

from code_host.foreign import Answer, read_as
from code_host.rest import Rest
from core.errors import CodeHostRefused
from tests.contracts.fixed_clock import FixedClock


class Thing(Answer):
    name: str


@pytest.fixture
async def rest() -> AsyncIterator[Rest]:
    made = Rest("Host", "https://host.invalid/api", {}, FixedClock())
    yield made
    await made.close()


async def test_only_what_is_used_is_read(rest: Rest) -> None:
    answer = httpx.Response(200, json=[{"name": "a", "more": {"x": 1}}])
    assert read_as(rest, list[Thing], answer, "list things") == [Thing(name="a")]


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        (httpx.Response(404, json={"message": "none"}), "not_found", "404 (none) when asked to show a thing"),
        (httpx.Response(200, json={"title": "a"}), "unreachable", "name: Field required"),
        (httpx.Response(200, json=[]), "unreachable", "does not document"),
        (httpx.Response(200, text="<html>"), "unreachable", "not JSON"),
    ],
)
async def test_another_shape_is_refused(rest: Rest, answer: httpx.Response, reason: str, words: str) -> None:
    with pytest.raises(CodeHostRefused) as caught:
        read_as(rest, Thing, answer, "show a thing")
    assert caught.value.fields["reason"] == reason
    assert words in str(caught.value)
