"""The counterpart refuses what the service refuses, with its status and its words."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.wire.telegram.markdown_v2 import CannotParse, parse, utf16
from tests.wire.telegram.service import ANA, GROUP, PRIVATE, TOKEN, Fault, Telegram, running_telegram, too_many
from tests.wire.telegram.threaded import telegram_in_thread

KEYBOARD = '{"inline_keyboard": [[{"text": "%s", "callback_data": "%s"}]]}'


class Caller:
    """Speaks HTTP as any client does, without the library."""

    def __init__(self, telegram: Telegram, http: httpx.AsyncClient) -> None:
        self.telegram = telegram
        self.http = http

    async def call(self, method: str, *, token: str = TOKEN, **values: Any) -> Any:
        """The result, or (status, description)."""
        files = values.pop("files", None)
        answer = await self.http.post(f"{self.telegram.url}/bot{token}/{method}", data=values, files=files)
        body = answer.json()
        return body["result"] if body["ok"] else (answer.status_code, body["description"])


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with running_telegram() as telegram, httpx.AsyncClient(trust_env=False, timeout=60) as http:
        yield Caller(telegram, http)


@pytest.mark.parametrize(
    ("values", "status", "says"),
    [
        ({"text": "x", "token": "1:other"}, 401, "Unauthorized"),
        ({"text": "x", "token": "other"}, 404, "Not Found"),
        ({"text": "x", "chat_id": 5}, 400, "Bad Request: chat not found"),
        ({"text": ""}, 400, "Bad Request: message text is empty"),
        ({"text": "  \n "}, 400, "Bad Request: message text is empty"),
        ({"text": "x" * 4097}, 400, "Bad Request: message is too long"),
        ({"text": "\N{GRINNING FACE}" * 2049}, 400, "Bad Request: message is too long"),
        ({"text": "a.b", "parse_mode": "MarkdownV2"}, 400, "can't parse entities: Character '.' is reserved"),
        ({"text": "x", "parse_mode": "Markdown9"}, 400, "unsupported parse_mode"),
        ({"text": "x", "reply_markup": KEYBOARD % ("a", "d" * 65)}, 400, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": KEYBOARD % ("a", "\N{SNOWMAN}" * 22)}, 400, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": KEYBOARD % ("", "d")}, 400, "text must be non-empty"),
        ({"text": "x", "reply_parameters": '{"message_id": 77}'}, 400, "message to be replied not found"),
    ],
)
async def test_messages_are_refused(caller: Caller, values: dict[str, Any], status: int, says: str) -> None:
    code, description = await caller.call("sendMessage", **{"chat_id": PRIVATE, **values})
    assert code == status
    assert says in description
    assert caller.telegram.sent() == []


async def test_what_is_within_the_limits_is_taken(caller: Caller) -> None:
    for text, seen in (("x" * 4096, "x" * 4096), (" a\tb\r\n\u202e ", "a b")):
        sent = await caller.call("sendMessage", chat_id=PRIVATE, text=text)
        assert sent["text"] == seen
    marked = await caller.call("sendMessage", chat_id=GROUP, text=r"*a\.* " + "x" * 4090, parse_mode="MarkdownV2")
    assert utf16(marked["text"]) == 4093
    await caller.call("sendMessage", chat_id=PRIVATE, text="x", reply_markup=KEYBOARD % ("a", "d" * 64))


async def test_edits_are_refused(caller: Caller) -> None:
    sent = await caller.call("sendMessage", chat_id=PRIVATE, text="a")
    about = {"chat_id": PRIVATE, "message_id": sent["message_id"]}
    assert "message is not modified" in (await caller.call("editMessageText", **about, text="a"))[1]
    assert (await caller.call("editMessageText", **about, text="b"))["text"] == "b"
    gone = await caller.call("editMessageText", chat_id=PRIVATE, message_id=99, text="b")
    assert gone == (400, "Bad Request: message to edit not found")
    await caller.telegram.say("theirs")
    theirs = await caller.call("editMessageText", chat_id=PRIVATE, message_id=2, text="b")
    assert theirs == (400, "Bad Request: message can't be edited")
    assert "not modified" in (await caller.call("editMessageReplyMarkup", **about))[1]


async def test_a_tap_is_answered_once_and_not_too_late(caller: Caller) -> None:
    await caller.call("sendMessage", chat_id=PRIVATE, text="x", reply_markup=KEYBOARD % ("Yes", "d"))
    await caller.telegram.tap(caller.telegram.sent()[0], "Yes")
    await caller.telegram.tap_data(caller.telegram.sent()[0], "d", old=True)
    with pytest.raises(KeyError):
        await caller.telegram.tap(caller.telegram.sent()[0], "No")
    taps = [update["callback_query"]["id"] for update in await caller.call("getUpdates")]
    assert "TOO_LONG" in (await caller.call("answerCallbackQuery", callback_query_id=taps[0], text="x" * 201))[1]
    assert await caller.call("answerCallbackQuery", callback_query_id=taps[0], text="x" * 200) is True
    for query in (taps[0], taps[1], "nonsense"):
        assert "query is too old" in (await caller.call("answerCallbackQuery", callback_query_id=query))[1]


async def test_updates_stay_until_they_are_confirmed_and_a_poll_waits_for_them(caller: Caller) -> None:
    numbers = [await caller.telegram.say(str(number)) for number in range(3)]
    assert [each["update_id"] for each in await caller.call("getUpdates")] == numbers
    assert [each["update_id"] for each in await caller.call("getUpdates", limit=2)] == numbers[:2]
    assert [each["update_id"] for each in await caller.call("getUpdates", offset=numbers[2])] == numbers[2:]
    assert caller.telegram.updates.confirmed == numbers[:2]
    assert await caller.call("getUpdates", offset=numbers[2] + 1) == []


async def test_of_two_pollers_the_older_one_is_sent_away_and_a_webhook_keeps_both_away(caller: Caller) -> None:
    older = asyncio.create_task(caller.call("getUpdates", timeout=50))
    async with asyncio.timeout(60):
        while not caller.telegram.updates.open:  # noqa: ASYNC110  # it happens in the counterpart
            await asyncio.sleep(0.005)
    assert await caller.call("getUpdates", timeout=0) == []
    assert (await older)[0] == 409
    caller.telegram.updates.webhook = "https://example.org"
    assert "webhook is active" in (await caller.call("getUpdates"))[1]
    await caller.call("deleteWebhook")
    assert await caller.call("getUpdates") == []


async def test_documents_have_limits(caller: Caller) -> None:
    def file(size: int) -> dict[str, Any]:
        return {"document": ("a.diff", b"x" * size)}

    sent = await caller.call("sendDocument", chat_id=PRIVATE, caption="c", files=file(3))
    assert sent["document"]["file_size"] == 3
    assert "non-empty" in (await caller.call("sendDocument", chat_id=PRIVATE, files=file(0)))[1]
    long = await caller.call("sendDocument", chat_id=PRIVATE, caption="c" * 1025, files=file(3))
    assert long == (400, "Bad Request: message caption is too long")
    assert (await caller.call("sendDocument", chat_id=PRIVATE, files=file(50_000_001)))[0] == 413


async def test_faults_come_once_each_and_in_order(caller: Caller) -> None:
    caller.telegram.fail("sendMessage", too_many(3), Fault("cut_before"), Fault("cut_after"))
    assert await caller.call("sendMessage", chat_id=PRIVATE, text="1") == (429, "Too Many Requests: retry after 3")
    for text in ("2", "3"):
        with pytest.raises(httpx.TransportError):
            await caller.call("sendMessage", chat_id=PRIVATE, text=text)
    await caller.call("sendMessage", chat_id=PRIVATE, text="4")
    assert [message.text for message in caller.telegram.sent()] == ["3", "4"]


async def test_a_chat_can_block_the_bot_and_a_group_can_move(caller: Caller) -> None:
    caller.telegram.chats.blocked[PRIVATE] = "bot was blocked by the user"
    caller.telegram.chats.moved[GROUP] = -1002
    assert await caller.call("sendMessage", chat_id=PRIVATE, text="x") == (
        403,
        "Forbidden: bot was blocked by the user",
    )
    assert "upgraded to a supergroup" in (await caller.call("sendMessage", chat_id=GROUP, text="x"))[1]


async def test_what_people_write_comes_with_what_it_replies_to(caller: Caller) -> None:
    await caller.call("sendMessage", chat_id=PRIVATE, text="question")
    await caller.telegram.reply(caller.telegram.sent()[0], "answer")
    (update,) = await caller.call("getUpdates")
    assert update["message"]["from"] == ANA
    assert update["message"]["reply_to_message"]["text"] == "question"


@pytest.mark.parametrize(
    ("source", "seen", "kinds"),
    [
        (r"a\.b \\ \a", r"a.b \ a", []),
        ("*b* _i_ __u__ ~s~ ||p||", "b i u s p", ["bold", "italic", "underline", "strikethrough", "spoiler"]),
        ("`a*\\`b` ```\nc d```", "a*`b c d", ["code", "pre"]),
        ("```python\nx = 1\n```", "x = 1\n", ["pre"]),
        (r"[*x* y](http://a/\)\\)", "x y", ["bold", "text_link"]),
        ("> quoted\nplain", " quoted\nplain", []),
        ("*a\N{GRINNING FACE}* `b`", "a\N{GRINNING FACE} b", ["bold", "code"]),
    ],
)
def test_markdown_is_parsed(source: str, seen: str, kinds: list[str]) -> None:
    found, entities = parse(source)
    assert (found, [entity.type for entity in entities]) == (seen, kinds)


@pytest.mark.parametrize("source", [*"*_~`[", *"]()#+-=|{}.!", "a > b", "||a", "```a", "[a](b", "*a _b* c_"])
def test_markdown_is_refused(source: str) -> None:
    with pytest.raises(CannotParse):
        parse(source)


def test_offsets_count_utf16_units() -> None:
    _, (first, second) = parse("\N{GRINNING FACE}*a\N{GRINNING FACE}* `b`")
    assert ((first.offset, first.length), (second.offset, second.length)) == ((2, 3), (6, 1))


def test_the_counterpart_runs_in_a_thread_for_those_who_block() -> None:
    with telegram_in_thread() as threaded, httpx.Client(trust_env=False, timeout=60) as http:
        number = threaded.do(threaded.telegram.say("hello"))
        updates = http.get(f"{threaded.telegram.url}/bot{TOKEN}/getUpdates").json()["result"]
        assert [update["update_id"] for update in updates] == [number]
