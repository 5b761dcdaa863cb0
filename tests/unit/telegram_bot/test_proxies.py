"""Every connection goes through the proxy that is set, those for updates, too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from core.workspaces import Diff, FileChange
from tests.unit.telegram_bot.room import open_room, until
from tests.wire.telegram.proxies import http_proxy, socks5_proxy
from tests.wire.telegram.service import running_telegram


async def long_diff(task_id: str) -> Diff:
    return Diff(files=(FileChange(path="a.py", status="added", additions=1),), patch="+a\n" * 1000)


@pytest.mark.parametrize("running", [http_proxy, socks5_proxy])
async def test_messages_documents_and_updates_go_through_the_proxy(tmp_path: Path, running: Callable[[], Any]) -> None:
    async with running_telegram() as telegram, running() as proxy:
        port = urlsplit(telegram.url).port
        async with open_room(tmp_path, telegram=telegram, proxy=proxy.url, read_diff=long_diff) as room:
            message = await room.asked("a1")
            await room.handled(await telegram.tap(message, "Approve"))
            await until(lambda: not message.buttons)
            assert room.decided() == [("a1", "approve")]
            assert telegram.sent()[0].document is not None
        assert len(telegram.connections) == len(proxy.asked) >= 2
        assert set(proxy.asked) == {("127.0.0.1", port)}


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_without_its_proxy_nothing_goes_out(tmp_path: Path, scheme: str) -> None:
    async with open_room(tmp_path, proxy=f"{scheme}://127.0.0.1:9") as room:
        await until(lambda: "could not be reached" in room.bot.state().reason)
        assert room.telegram.calls == []


async def test_proxies_of_the_environment_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with open_room(tmp_path) as room:
        await until(lambda: room.bot.state().ok)
