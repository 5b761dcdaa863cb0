"""Who is let in, as what, and how often. Keys are looked at here only."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from core.access import Caller, Role
from core.errors import Forbidden, TooManyRequests, Unauthorized
from core.ports import KeyRing

MINUTE_S = 60.0
_OWNER = Caller(role=Role.ADMIN)


@dataclass
class _Bucket:
    """Requests that a key may still make; it fills up again over a minute."""

    left: float
    seen_at: float


@dataclass(frozen=True)
class Gate:
    """`api_key` is the one key of API_KEY, `keys` those with names. Where there are neither, everybody is let in.

    `everybody` lets everybody in whatever there is: for a socket that only this user can reach.
    """

    api_key: str | None
    keys: KeyRing
    everybody: bool = False
    now: Callable[[], float] = time.monotonic
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether nobody is asked for a key."""
        return self.everybody or (self.api_key is None and not self.keys.in_use())

    def caller(self, key: str | None) -> Caller | None:
        """Who this key is; None when it is missing or wrong. Compared in constant time."""
        if self.open:
            return _OWNER
        if key is None:
            return None
        named = self.keys.identify(key)
        if named is not None:
            return Caller(name=named.name, role=named.role, key_id=named.key_id, limits=named.limits)
        if self.api_key is not None and secrets.compare_digest(key.encode(), self.api_key.encode()):
            return _OWNER
        return None

    def admit(self, *keys: str | None, how: str = "the X-API-Key header") -> Caller:
        """Who the first good one of `keys` is, counted as a request. Raises Unauthorized, TooManyRequests."""
        callers = (self.caller(key) for key in keys)
        caller = next((found for found in callers if found is not None), None)
        if caller is None:
            raise Unauthorized(f"the key is missing or wrong: send it in {how}")
        self._count(caller)
        return caller

    def _count(self, caller: Caller) -> None:
        most = caller.limits.requests_per_minute
        if caller.key_id is None or most is None:
            return
        now = self.now()
        bucket = self._buckets.setdefault(caller.key_id, _Bucket(float(most), now))
        bucket.left = min(float(most), bucket.left + (now - bucket.seen_at) * most / MINUTE_S)
        bucket.seen_at = now
        if bucket.left < 1:
            wait_s = (1 - bucket.left) * MINUTE_S / most
            raise TooManyRequests(
                f"the key {caller.name} may make {most} requests a minute", limit=most, retry_after_s=round(wait_s, 1)
            )
        bucket.left -= 1


def require(caller: Caller, role: Role) -> None:
    """Raises Forbidden unless the caller's role covers `role`."""
    if not caller.role.covers(role):
        raise Forbidden(
            f"this needs the role {role.value}; the key {caller.name} has {caller.role.value}",
            needed=role.value,
            role=caller.role.value,
        )
