"""What the REST APIs of code hosts have in common: an authenticated client that waits, tries again, pages, and refuses.

An answer that is not worth another try comes back as it is, whatever its status; what each status means is the adapter's
to say, `refusal` says it for those that mean the same everywhere.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from code_host.answers import asked_to_wait_s, is_rate_limit, next_link, said
from core.errors import CodeHostRefused, InvalidInput
from core.ports import Clock
from core.tls import trusted

_REDIRECTS = frozenset({301, 302, 307, 308})
_MOST_REDIRECTS = 3
_LONGEST_SAID = 300


@dataclass(frozen=True)
class Patience:
    """Waits double from `first_wait_s` up to `longest_wait_s`, or are what the host asks for.

    A wait that the host asks for beyond `longest_wait_s` is not waited for: the call is refused and tells it.
    """

    tries: int = 4
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    timeout_s: float = 30.0
    """For the host to take or give something; a whole exchange may last `exchange_s`."""
    exchange_s: float = 120.0


class Rest:
    """One host's API. Paths are relative to `base_url` (`repos/a/b`, no slash in front) or whole URLs of the same host.

    Tried again: rate limits (always: nothing was done); 5xx and lost connections for calls that may be repeated (GET,
    PUT and DELETE unless told otherwise, POST and PATCH with `repeat=True`). When tries are used up, CodeHostRefused with
    reason `rate_limited` or `unreachable` is raised; then a call that may not be repeated may have been done.
    `secrets` are struck out of every sentence that quotes the host.
    """

    def __init__(
        self,
        host: str,
        base_url: str,
        headers: Mapping[str, str],
        clock: Clock,
        patience: Patience | None = None,
        *,
        secrets: Sequence[str] = (),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`host` is the name for people. Raises InvalidInput when `base_url` is not an http(s) address."""
        if not base_url.startswith(("https://", "http://")):
            raise InvalidInput(
                f"the address of {host}'s API must begin with https:// or http://, not {base_url[:80]!r}"
            )
        self.host = host
        self._base = httpx.URL(base_url.rstrip("/") + "/")
        self._clock = clock
        self._patience = patience or Patience()
        self._secrets = tuple(secret for secret in secrets if secret)
        self._sleep = sleep
        self._jitter = jitter
        self._http = httpx.AsyncClient(
            headers={"user-agent": "autonomy", **headers}, timeout=self._patience.timeout_s, follow_redirects=False,
            verify=trusted(),
        )  # fmt: skip

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> httpx.Response:
        """Redirects (a repository that was renamed) are followed within the same host."""
        answer = await self._call("GET", path, repeat=True, params=params)
        for _ in range(_MOST_REDIRECTS):
            if answer.status_code not in _REDIRECTS:
                return answer
            answer = await self._call("GET", answer.headers.get("location", ""), repeat=True)
        raise self.refused("not_found", "redirects without an end", "check the name of the repository")

    async def post(self, path: str, *, repeat: bool = False, **body: Any) -> httpx.Response:
        """`body` is what httpx takes: `json`, or `data` and `files`."""
        return await self._write("POST", path, repeat, body)

    async def patch(self, path: str, *, repeat: bool = False, **body: Any) -> httpx.Response:
        return await self._write("PATCH", path, repeat, body)

    async def put(self, path: str, *, repeat: bool = True, **body: Any) -> httpx.Response:
        return await self._write("PUT", path, repeat, body)

    async def delete(self, path: str, *, repeat: bool = True, **body: Any) -> httpx.Response:
        return await self._write("DELETE", path, repeat, body)

    async def pages(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        *,
        most: int = 20,
        follow: Callable[[httpx.Response], str | None] = next_link,
    ) -> AsyncIterator[httpx.Response]:
        """At most `most` pages, each with the address of the next in its Link header, or where `follow` finds it.

        The first answer that is no success is the last one that is given.
        """
        answer = await self.get(path, params)
        yield answer
        for _ in range(most - 1):
            address = follow(answer) if answer.is_success else None
            if address is None:
                return
            answer = await self.get(address)
            yield answer

    def refused(self, reason: str, problem: str, fix: str, **fields: Any) -> CodeHostRefused:
        """A sentence `{host}: {problem}; {fix}`, without what is secret."""
        return CodeHostRefused(self._clean(f"{self.host}: {problem}; {fix}"), reason=reason, **fields)

    def refusal(self, answer: httpx.Response, doing: str) -> CodeHostRefused:
        """What an answer that is no success means everywhere; `doing` completes "did not do it when asked to ..."."""
        if is_rate_limit(answer):
            return self._rate_limited(answer, self._wait_s(answer))
        reason, fix = _MEANING.get(answer.status_code, ("rejected", "change what it complains about and try again"))
        if answer.status_code >= 500:
            reason, fix = "unreachable", "try again later"
        return self.refused(reason, f"answered {self.quote(answer)} when asked to {doing}", fix)

    def quote(self, answer: httpx.Response) -> str:
        """Status and the host's own words, in one line for people."""
        words = self._clean(" ".join(said(answer).split()))[:_LONGEST_SAID]
        return f"{answer.status_code} ({words})" if words else str(answer.status_code)

    def read(self, answer: httpx.Response) -> Any:
        """The JSON of an answer. Raises CodeHostRefused when it is none (a proxy's page, for example)."""
        try:
            return answer.json()
        except ValueError as error:
            fix = f"check that {self._base} is the address of its API"
            raise self.refused("unreachable", "answered with what is not JSON", fix) from error

    async def close(self) -> None:
        await self._http.aclose()

    async def _write(self, method: str, path: str, repeat: bool, body: dict[str, Any]) -> httpx.Response:
        answer = await self._call(method, path, repeat=repeat, **body)
        if answer.status_code in _REDIRECTS:
            target = self._clean(answer.headers.get("location", "elsewhere"))
            raise self.refused(
                "not_found",
                f"{path} has moved to {target}",
                "set the repository's new name; writes are not sent after it",
            )
        return answer

    async def _call(self, method: str, path: str, *, repeat: bool, **request: Any) -> httpx.Response:
        """The last answer. Raises CodeHostRefused when there is none, or it is a limit or 5xx still."""
        for attempt in range(1, self._patience.tries + 1):
            last = attempt == self._patience.tries
            try:
                async with asyncio.timeout(self._patience.exchange_s):
                    answer = await self._http.request(method, self._url(path), **request)
            except (httpx.RequestError, TimeoutError) as error:
                if last or not repeat:
                    raise self._unreachable(error) from error
                await self._sleep(self._backoff_s(attempt))
                continue
            wait_s = self._wait_s(answer)
            if is_rate_limit(answer):
                if last or (wait_s is not None and wait_s > self._patience.longest_wait_s):
                    raise self._rate_limited(answer, wait_s)
            elif answer.status_code < 500:
                return answer
            elif last or not repeat:
                raise self.refused("unreachable", f"answered {self.quote(answer)}", "try again later")
            own_s = self._backoff_s(attempt)
            await self._sleep(own_s if wait_s is None else min(max(wait_s, 0.1), self._patience.longest_wait_s))
        raise AssertionError("the last try returns or raises")

    def _url(self, path: str) -> httpx.URL:
        try:
            url = self._base.join(path)
        except httpx.InvalidURL as error:
            raise self.refused("not_found", f"has no address {path[:80]!r}", "check the names in it") from error
        if (url.scheme, url.netloc) != (self._base.scheme, self._base.netloc):
            raise self.refused("not_found", f"points to another host ({url.host})", "set the address of that one's API")
        return url

    def _wait_s(self, answer: httpx.Response) -> float | None:
        return asked_to_wait_s(answer.headers, self._clock.now())

    def _backoff_s(self, attempt: int) -> float:
        full = min(self._patience.longest_wait_s, self._patience.first_wait_s * float(2 ** (attempt - 1)))
        return full * (1 - self._jitter() / 2)

    def _rate_limited(self, answer: httpx.Response, wait_s: float | None) -> CodeHostRefused:
        when = "later" if wait_s is None else f"in {wait_s:.0f} seconds"
        fields = {} if wait_s is None else {"retry_after_s": wait_s}
        problem = f"too many requests with this token, {self.quote(answer)}"
        return self.refused("rate_limited", problem, f"try again {when}", **fields)

    def _unreachable(self, error: Exception) -> CodeHostRefused:
        problem = f"could not be reached at {self._base.host}: {str(error) or type(error).__name__}"
        return self.refused("unreachable", problem, "check the network and try again")

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return text


_MEANING = {
    401: ("bad_token", "give it a token that is valid and has not expired"),
    403: ("missing_right", "give the token the right to do this"),
    404: ("not_found", "check the name, and that the token may see it"),
    413: ("too_large", "publish less at once"),
}
