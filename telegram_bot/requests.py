"""How the library speaks HTTP here: with the proxy that is set, with nothing from the environment, and told how long to wait."""

import logging
from http import HTTPStatus
from json import JSONDecodeError, dumps, loads
from typing import Any

from telegram import Update
from telegram.error import TelegramError
from telegram.request import HTTPXRequest, RequestData

log = logging.getLogger(__name__)


class FloodWait(TelegramError):
    """Telegram's 429. The library's own error warns of a coming change of its types each time that it is made."""

    __slots__ = ("retry_after_s",)

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"asked to wait {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


class Requests(HTTPXRequest):
    """One pool of connections."""

    def __init__(self, *, connections: int, timeout_s: float, proxy: str | None) -> None:
        super().__init__(
            connection_pool_size=connections,
            connect_timeout=timeout_s,
            read_timeout=timeout_s,
            write_timeout=timeout_s,
            pool_timeout=timeout_s,
            media_write_timeout=2 * timeout_s,
            proxy=proxy,
            httpx_kwargs={"trust_env": False},
        )

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **kwargs: Any
    ) -> tuple[int, bytes]:
        status, content = await super().do_request(url, method, request_data, *args, **kwargs)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise FloodWait(_retry_after_s(content))
        return status, content


class UpdateRequests(Requests):
    """For getUpdates: an update that the library cannot read comes as its bare number, so that it keeps no other one back."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **kwargs: Any
    ) -> tuple[int, bytes]:
        status, content = await super().do_request(url, method, request_data, *args, **kwargs)
        return status, _readable(content) if status == HTTPStatus.OK else content


def _readable(content: bytes) -> bytes:
    try:
        answer = loads(content)
        updates = answer["result"]
        bare = [each if _can_be_read(each) else {"update_id": each["update_id"]} for each in updates]
    except (JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
        return content
    return content if bare == updates else dumps({**answer, "result": bare}).encode()


def _can_be_read(update: dict[str, Any]) -> bool:
    try:
        Update.de_json(update)
    except Exception as error:  # whatever the library's constructors raise
        log.warning("Telegram update %s cannot be read (%s)", update["update_id"], type(error).__name__)
        return False
    return True


def _retry_after_s(content: bytes) -> float:
    """As Telegram said; a second where it did not."""
    try:
        return float(loads(content)["parameters"]["retry_after"])
    except (JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError):
        return 1.0
