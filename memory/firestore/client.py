"""Google's client with a channel of our own: after an outage it connects again within seconds.

As the library makes it, the channel waits longer from try to try, in the end for two minutes, and fails every call until then.
"""

from typing import Any

import grpc  # type: ignore[import-untyped]  # it comes without types
from google.cloud.firestore_v1 import AsyncClient

_UNLIMITED = -1
CHANNEL = (
    ("grpc.max_send_message_length", _UNLIMITED),
    ("grpc.max_receive_message_length", _UNLIMITED),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.min_reconnect_backoff_ms", 3_000),  # which is how long one try to connect may take
)


class Client(AsyncClient):
    """FIRESTORE_EMULATOR_HOST is read by the library, as by all of Google's clients."""

    def _firestore_api_helper(self, transport: Any, client_class: Any, client_module: Any) -> Any:
        """In place of the library's own, which has no parameter for the channel."""
        if self._firestore_api_internal is None:
            if self._emulator_host is None:
                channel = transport.create_channel(self._target, credentials=self._credentials, options=CHANNEL)
            else:
                channel = grpc.aio.insecure_channel(self._emulator_host, options=CHANNEL)
            self._firestore_api_internal = client_class(
                transport=transport(host=self._target, channel=channel), client_options=self._client_options
            )
        return self._firestore_api_internal

    async def close(self) -> None:
        """The library's client has no way to be closed."""
        if self._firestore_api_internal is not None:
            await self._firestore_api_internal.transport.close()
