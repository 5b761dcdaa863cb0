"""TypeScript by its tokens: code, strings and comments apart, and what must not stand in each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from llm.offline.reviewing.notes import AUTHENTICATION, CRYPTOGRAPHY, INJECTION, QUALITY, Note, Severity

_Rule = tuple[str, Severity, str, str]
_MARKUP = "puts text into the page as HTML: render it as text"
_SECRET_SEEN = "a secret stands in the code, readable by everybody who loads the page"  # noqa: S105  # a message
_IN_CODE: tuple[_Rule, ...] = (
    (r"dangerouslySetInnerHTML\s*[=:]", "critical", INJECTION, f"dangerouslySetInnerHTML {_MARKUP}"),
    (r"\.(?:innerHTML|outerHTML|srcdoc)\s*\+?=(?!=)", "critical", INJECTION, f"innerHTML {_MARKUP}"),
    (r"\.insertAdjacentHTML\s*\(|\.createContextualFragment\s*\(", "critical", INJECTION, f"insertAdjacentHTML {_MARKUP}"),
    (r"\bdocument\.write(?:ln)?\s*\(", "critical", INJECTION, f"document.write {_MARKUP}"),
    (r"(?<![\w.$])(?:window\.|globalThis\.)?eval\s*\(|\bnew\s+Function\s*\(", "critical", INJECTION, "eval runs text as code"),
    (r"(?<![\w.$])(?:window\.)?set(?:Timeout|Interval)\s*\(\s*\u0001", "critical", INJECTION, "a timer runs text as code"),
    (
        r"\blocalStorage\s*(?:\.setItem\s*\(|\[|\.)(?P<stored>[^;\n]*)", "high", AUTHENTICATION,
        "the token is kept in localStorage, where it outlives the session and every script reads it: keep it in memory",
    ),
    (r"\bpostMessage\s*\([^;\n]*,\s*\u0001\*\u0001", "high", AUTHENTICATION, "a message goes to any origin: name the receiver"),
    (
        r"(?:[:<,(|&]\s*|\bas\s+|=>\s*)any\b(?!\s*[:(])", "medium", QUALITY,
        "`any` switches type checking off: name the type, or use unknown",
    ),
    (
        r"\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}|\.catch\s*\(\s*\(\s*\w*\s*\)\s*=>\s*\{\s*\}\s*\)", "medium", QUALITY,
        "an error is swallowed: show it to the user",
    ),
    (r"\bdebugger\b", "medium", QUALITY, "a debugger statement is left in the code"),
    (r"\bconsole\.(?:log|debug|dir)\s*\(", "low", QUALITY, "debugging output is left in the code"),
)  # fmt: skip
_IN_STRINGS: tuple[_Rule, ...] = (
    (
        r"[?&](?:access_?|auth_?|id_?|refresh_?)?(?:token|jwt|api_?key|password)=\$?", "high", AUTHENTICATION,
        "the token stands in a URL, where logs and histories keep it: send it in a header",
    ),
    (r"^\s*javascript:", "high", INJECTION, "a link runs text as code"),
    (
        r"\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}|\bsk-[A-Za-z0-9_-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY|"
        r"^eyJ[A-Za-z0-9_-]{10,}\.eyJ", "critical", CRYPTOGRAPHY, _SECRET_SEEN,
    ),
)  # fmt: skip
_SILENCED = re.compile(r"@ts-(?:ignore|nocheck)\b|eslint-disable(?!-next-line react-refresh)")
_SECRET = re.compile(
    r"(?i)\b(\w*(?:secret|passwd|password|api_?key|private_?key|access_?token|auth_?token)\w*)\s*(?::\s*string\s*)?"
    r"[:=]\s*(?P<quote>\u0001)"
)
_RANDOM = re.compile(r"(?=.*\d)[\w+/=.-]{12,}|(?=.*[a-z])(?=.*[^A-Za-z\s])\S{10,}")
_KEYWORDS = frozenset(
    {"return", "case", "from", "import", "typeof", "in", "of", "default", "await", "yield", "else", "as"}
)
_STORED_TOKEN = re.compile(r"(?i)token|jwt|password|secret|credential")


@dataclass(frozen=True)
class Text:
    """A string or a comment: where it begins, its line, and what it says."""

    start: int
    line: int
    said: str


@dataclass(frozen=True)
class Source:
    """`code` is the file with strings and comments blanked (quotes become U+0001), every character at its place."""

    code: str
    strings: tuple[Text, ...]
    comments: tuple[Text, ...]


def typescript_notes(path: str, text: str) -> Iterator[Note]:
    source = tokenize(text)
    for pattern, severity, category, message in _IN_CODE:
        for match in re.finditer(pattern, source.code):
            line = source.code.count("\n", 0, match.start()) + 1
            if "stored" not in match.groupdict() or _stores_token(source, match, line):
                yield Note(path, line, severity, category, message)
    for string in source.strings:
        for pattern, severity, category, message in _IN_STRINGS:
            if re.search(pattern, string.said):
                yield Note(path, string.line, severity, category, message)
    for comment in source.comments:
        if _SILENCED.search(comment.said):
            yield Note(path, comment.line, "medium", QUALITY, "a check is silenced: repair what it says instead")
    yield from _secrets(path, source)


def _stores_token(source: Source, match: re.Match[str], line: int) -> bool:
    """True when what is written into localStorage, or its key, is called a token."""
    if re.search(r"\.(?:getItem|removeItem|clear|length|key)\b", match.group()):
        return False
    keys = " ".join(string.said for string in source.strings if string.line == line)
    return bool(_STORED_TOKEN.search(f"{match['stored']} {keys}"))


def _secrets(path: str, source: Source) -> Iterator[Note]:
    by_start = {string.start: string for string in source.strings}
    for match in _SECRET.finditer(source.code):
        string = by_start.get(match.start("quote"))
        if string and _RANDOM.fullmatch(string.said) and "${" not in string.said:
            message = f"{_SECRET_SEEN}: `{match[1]}`"
            yield Note(path, string.line, "critical", CRYPTOGRAPHY, message)


def tokenize(text: str) -> Source:
    """Tell code from strings and comments. Text of JSX counts as code; a quote without its partner on the line is text."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._code: list[str] = []
        self._strings: list[Text] = []
        self._comments: list[Text] = []
        self._braces: list[int] = []
        self._templates: list[tuple[int, list[str]]] = []

    def scan(self) -> Source:
        at = 0
        while at < len(self._text):
            at = self._step(at)
        return Source("".join(self._code), tuple(self._strings), tuple(self._comments))

    def _step(self, at: int) -> int:
        text, here = self._text, self._text[at]
        if text.startswith("//", at) and not text.startswith(":", at - 1):
            return self._comment(at, text.find("\n", at))
        if text.startswith("/*", at):
            end = text.find("*/", at + 2)
            return self._comment(at, end + 2 if end >= 0 else -1)
        if here in "\"'":
            return self._string(at, here)
        if here == "`":
            self._code.append("\u0001")
            return self._template(at + 1, at, [])
        if here == "{":
            self._braces = [*self._braces[:-1], self._braces[-1] + 1] if self._braces else []
        elif here == "}" and self._braces:
            if self._braces[-1] == 0:
                self._braces.pop()
                start, said = self._templates.pop()
                self._code.append("}")
                return self._template(at + 1, start, said)
            self._braces[-1] -= 1
        self._code.append(here)
        return at + 1

    def _comment(self, at: int, end: int) -> int:
        end = end if end >= 0 else len(self._text)
        said = self._text[at:end]
        self._comments.append(Text(at, self._line(at), said))
        self._code.append(re.sub(r"[^\n]", " ", said))
        return end

    def _string(self, at: int, quote: str) -> int:
        match = re.compile(rf"{quote}(?:\\.|[^\\\n{quote}])*{quote}").match(self._text, at)
        if match is None or self._is_apostrophe(at):
            self._code.append(" ")
            return at + 1
        said = match.group()[1:-1]
        self._strings.append(Text(at, self._line(at), said))
        self._code.append("\u0001" + ("*" if said == "*" else " " * len(said)) + "\u0001")
        return match.end()

    def _is_apostrophe(self, at: int) -> bool:
        """True for the quote of `It's` in text of JSX: it stands right behind a word that is no keyword."""
        before = re.search(r"\w+$", self._text[max(0, at - 20) : at])
        return before is not None and before.group() not in _KEYWORDS

    def _template(self, at: int, start: int, said: list[str]) -> int:
        """The text of a template up to its end, or up to the code in its next `${`."""
        text = self._text
        while at < len(text) and text[at] != "`":
            if text.startswith("${", at):
                self._templates.append((start, [*said, "${}"]))
                self._braces.append(0)
                self._code.append("${")
                return at + 2
            said = [*said, text[at]]
            self._code.append("\n" if text[at] == "\n" else " ")
            at += 1
            if text[at - 1] == "\\" and at < len(text):
                self._code.append("\n" if text[at] == "\n" else " ")
                at += 1
        self._strings.append(Text(start, self._line(start), "".join(said)))
        self._code.append("\u0001")
        return at + 1

    def _line(self, at: int) -> int:
        return self._text.count("\n", 0, at) + 1
