"""Webhooks by the Standard Webhooks specification 1.0.0: signed with HMAC-SHA256, the id the same in every repetition."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import orjson
from standardwebhooks import Webhook

from core.errors import DeliveryFailed, InvalidInput
from core.notifications import Notification
from core.ports import Clock
from core.tls import trusted
from core.types import JsonObject

PREFIX = "whsec_"
SECRET_BYTES = range(24, 65)
GONE = 410
LONGEST_WAIT_S = 3600.0
"""What a receiver asks for beyond this is cut, so that one answer cannot put deliveries off for ever."""


UrlOf = Callable[[Notification], Awaitable[str | None]]
"""Where a notification goes; None for nowhere."""


class WebhookNotifier:
    """Posts to where `url_of` says. Redirects are not followed; any answer but 2xx is a failure, 410 for good."""

    def __init__(self, url_of: UrlOf, secret: str, clock: Clock, *, timeout_s: float = 20.0) -> None:
        """Raises InvalidInput when the secret is not `whsec_` and 24 to 64 bytes in base64."""
        self._url_of = url_of
        self._signer = Webhook(secret_bytes(secret))
        self._clock = clock
        self._http = httpx.AsyncClient(timeout=timeout_s, follow_redirects=False, verify=trusted())

    async def send(self, notification: Notification) -> JsonObject:
        url = await self._url_of(notification)
        if url is None:
            return {}
        body = payload(notification)
        sent_at = datetime.fromtimestamp(int(self._clock.now()), UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": "autonomy",
            "webhook-id": notification.id,
            "webhook-timestamp": str(int(sent_at.timestamp())),
            "webhook-signature": self._signer.sign(notification.id, sent_at, body.decode()),
        }
        try:
            # What the receiver says is of no interest, so that its length does not matter either.
            async with self._http.stream("POST", url, content=body, headers=headers) as answer:
                if not answer.is_success:
                    raise _refused(answer, self._clock.now())
        except (httpx.TransportError, httpx.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            raise DeliveryFailed(f"the webhook receiver could not be reached: {reason}") from error
        return {}

    async def close(self) -> None:
        await self._http.aclose()


def always(url: str) -> UrlOf:
    """Everything goes to this one. Raises InvalidInput when it is not http(s)."""
    if not url.startswith(("http://", "https://")):
        raise InvalidInput(f"WEBHOOK_URL must be an http:// or https:// address, not {url[:80]!r}", field="WEBHOOK_URL")

    async def url_of(_: Notification) -> str:
        return url

    return url_of


def payload(notification: Notification) -> bytes:
    """The body: type, timestamp (ISO 8601, UTC) and data, as the specification recommends."""
    when = datetime.fromtimestamp(notification.ts, UTC).isoformat().replace("+00:00", "Z")
    data = {"task_id": notification.task_id, "text": notification.text, **notification.data}
    return orjson.dumps({"type": notification.type, "timestamp": when, "data": data})


def secret_bytes(secret: str) -> bytes:
    """Raises InvalidInput, without a word of the secret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True) if secret.startswith(PREFIX) else b""
    except (binascii.Error, ValueError):
        key = b""
    if len(key) not in SECRET_BYTES:
        raise InvalidInput(
            "WEBHOOK_SECRET must be whsec_ followed by 24 to 64 random bytes in base64: "
            'make one with echo "whsec_$(openssl rand -base64 32)"',
            field="WEBHOOK_SECRET",
        )
    return key


def _refused(answer: httpx.Response, now: float) -> DeliveryFailed:
    wait_s = _retry_after_s(answer.headers.get("retry-after", ""), now)
    fields = {} if wait_s is None else {"retry_after_s": wait_s}
    return DeliveryFailed(
        f"the webhook receiver answered {answer.status_code}", final=answer.status_code == GONE, **fields
    )


def _retry_after_s(header: str, now: float) -> float | None:
    """Seconds, or a date (RFC 9110); None when there is nothing to be read."""
    if header.isascii() and header.isdigit():
        wait_s = float(header)
    else:
        try:
            wait_s = parsedate_to_datetime(header).timestamp() - now
        except (ValueError, TypeError):
            return None
    return min(LONGEST_WAIT_S, max(0.0, wait_s))
