"""What a page must not do while nobody looks: print errors, break its own policy, ask another machine for anything."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Request, WebError

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy broken: ${event.violatedDirective} by ${event.blockedURI}`));
"""
STREAM = "/events"
OF_THE_PAGE = ("data", "blob")


@dataclass
class Watch:
    """Listens to every page of one context. `expected` are patterns of messages that a test brings about on purpose."""

    origin: str
    requests: list[Request] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    under_way: set[Request] = field(default_factory=set)
    """What was asked and is not answered yet, without the stream, which never ends."""
    _wrong: list[str] = field(default_factory=list)

    async def on(self, context: BrowserContext) -> None:
        context.on("console", self._said)
        context.on("weberror", self._thrown)
        context.on("request", self._asked)
        context.on("requestfinished", self._ended)
        context.on("requestfailed", self._ended)
        await context.add_init_script(REPORT_VIOLATIONS)

    def expect(self, *patterns: str) -> None:
        """Messages with one of these in them are part of the test."""
        self.expected.extend(patterns)

    def wrong(self) -> list[str]:
        """Everything that no test expects."""
        return [said for said in self._wrong if not any(re.search(each, said) for each in self.expected)]

    def asked(self, path: str, method: str = "GET") -> list[Request]:
        """The requests for exactly this path, whatever their query."""
        return [each for each in self.requests if each.method == method and urlsplit(each.url).path == path]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._wrong.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _thrown(self, error: WebError) -> None:
        self._wrong.append(f"thrown: {error.error}")

    def _asked(self, request: Request) -> None:
        self.requests.append(request)
        parts = urlsplit(request.url)
        if parts.path != STREAM:
            self.under_way.add(request)
        if parts.scheme not in OF_THE_PAGE and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self._wrong.append(f"left the origin: {request.method} {request.url}")

    def _ended(self, request: Request) -> None:
        self.under_way.discard(request)
