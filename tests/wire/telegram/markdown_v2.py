"""MarkdownV2 as the Bot API's documentation describes it: what is seen of a text, or why it is refused."""

from dataclasses import dataclass, field

RESERVED = "_*[]()~`>#+-=|{}.!"
UNSEEN = "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u0333\u033f\u034a"
"""Characters that the service leaves out of any text."""
PAIRED = {"*": "bold", "~": "strikethrough"}


class CannotParse(Exception):
    """The service's words, behind `can't parse entities: `."""


@dataclass(frozen=True)
class Entity:
    """`offset` and `length` in UTF-16 code units of what is seen."""

    type: str
    offset: int
    length: int
    url: str = ""


@dataclass
class _Open:
    type: str
    offset: int
    at: int


@dataclass
class _Parser:
    source: str
    at: int = 0
    seen: list[str] = field(default_factory=list)
    offset: int = 0
    opened: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def put(self, char: str) -> None:
        self.seen.append(char)
        self.offset += 1 + (char > "\uffff")
        self.at += 1

    def ahead(self, text: str) -> bool:
        return self.source.startswith(text, self.at)

    def parse(self) -> None:
        while self.at < len(self.source):
            char = self.source[self.at]
            if char == "\\" and self.at + 1 < len(self.source) and 0 < ord(self.source[self.at + 1]) <= 126:
                self.at += 1
                self.put(self.source[self.at])
            elif self.opened and self.opened[-1].type in ("code", "pre"):
                self.code(char)
            elif char in RESERVED:
                self.mark(char)
            else:
                self.put(char)
        if self.opened:
            last = self.opened[-1]
            raise CannotParse(f"Can't find end of {last.type} entity at byte offset {_bytes(self.source, last.at)}")

    def code(self, char: str) -> None:
        end = "`" if self.opened[-1].type == "code" else "```"
        if char != "`":
            self.put(char)
        elif self.ahead(end):
            self.close(len(end))
        elif self.opened[-1].type == "pre":
            self.put(char)

    def mark(self, char: str) -> None:
        kind = self.kind(char)
        if self.opened and self.opened[-1].type == kind[0] and (kind[0] != "text_link" or char == "]"):
            self.close(kind[1])
        elif char == ">" and (not self.seen or self.seen[-1] == "\n"):
            self.at += 1  # a quotation: the mark is not seen
        elif kind[0] and char != "]":
            self.opened.append(_Open(kind[0], self.offset, self.at))
            self.at += kind[1]
            if kind[0] == "pre":
                self.language()
        else:
            raise CannotParse(f"Character '{char}' is reserved and must be escaped with the preceding '\\'")

    def kind(self, char: str) -> tuple[str, int]:
        """The entity that begins or ends here and the length of its mark; nothing where the character is reserved."""
        if char in PAIRED:
            return PAIRED[char], 1
        if char == "_":
            return ("underline", 2) if self.ahead("__") else ("italic", 1)
        if char == "|" and self.ahead("||"):
            return "spoiler", 2
        if char == "`":
            return ("pre", 3) if self.ahead("```") else ("code", 1)
        return ("text_link", 1) if char in "[]" else ("", 0)

    def language(self) -> None:
        """The rest of the first line, when it is one word."""
        end = self.at
        while end < len(self.source) and not self.source[end].isspace() and self.source[end] != "`":
            end += 1
        if end > self.at and end < len(self.source) and self.source[end] != "`":
            self.at = end
        if self.ahead("\n"):
            self.at += 1

    def close(self, length: int) -> None:
        opened = self.opened.pop()
        self.at += length
        url = self.address() if opened.type == "text_link" else ""
        if self.offset > opened.offset and (url or opened.type != "text_link"):
            self.entities.append(Entity(opened.type, opened.offset, self.offset - opened.offset, url))

    def address(self) -> str:
        if not self.ahead("("):
            return ""
        begun, url = self.at, ""
        self.at += 1
        while self.at < len(self.source) and self.source[self.at] != ")":
            if self.ahead("\\"):
                self.at += 1
            url += self.source[self.at : self.at + 1]
            self.at += 1
        if self.at >= len(self.source):
            raise CannotParse(f"Can't find end of a URL at byte offset {_bytes(self.source, begun)}")
        self.at += 1
        return url


def _bytes(text: str, at: int) -> int:
    return len(text[:at].encode())


def parse(source: str) -> tuple[str, tuple[Entity, ...]]:
    """What is seen, and the entities in it. Raises CannotParse."""
    parser = _Parser("".join(char for char in source if char not in UNSEEN))
    parser.parse()
    return "".join(parser.seen), tuple(parser.entities)


def visible(text: str) -> str:
    """As the service shows any text: controls as spaces, without what it leaves out and without space around."""
    kept = "".join(" " if char < " " and char != "\n" else char for char in text if char not in UNSEEN and char != "\r")
    return kept.strip()


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2
