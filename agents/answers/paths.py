"""How models name a file: in the info string of a fence, on a line above it, or in a comment on its first line."""

import re

_CANONICAL = re.compile(r"\w* ?path=((?:[\w@+-][\w@.+-]*/)*[\w@+.-]+\w)")
_NAMED = re.compile(
    r"(?:^|[\s{(,])(?P<key>path|file|filename|filepath|file_path|title|name)\s*[=:]\s*(?P<value>\S.*)$", re.IGNORECASE
)
_NEXT_ATTRIBUTE = re.compile(r"\s+[\w-]+\s*=\s*\S")
_REMARK = re.compile(r"\s+(?:\([^()]*\)|\[[^\[\]]*\]|#.*|//.*|<!--.*|—.*|–.*|-\s.*)$")
_QUOTES = "\"'`\u201c\u201d\u2018\u2019"
_PART = r"[\w@.+()\[\]~-]"
_PATH = re.compile(
    rf"(?:\.{{0,2}}/)?(?:{_PART}+/)*(?:{_PART}*\.[A-Za-z]\w*|Dockerfile|Makefile|Procfile|LICENSE|{_PART}*\.lock)"
)
_BARE_WORD = re.compile(r"\w+:(?P<rest>\S+)")
_PATH_TAG = re.compile(r"<(path|file|filename|file_path)>\s*(.*?)\s*</\1>", re.IGNORECASE)
_LEAD = re.compile(r"(?:>\s*)?(?:#{1,6}\s+|[-*+]\s+|\d{1,3}[.)]\s+)*")
_WORD = re.compile(
    r"(?:(?:new|updated|modified|changed|complete|full|final)\s+)?(?:file(?:\s?name|\s?path)?|path)\b\s*\d{0,3}\s*[:=]?\s*",
    re.IGNORECASE,
)
_DASH = re.compile(r"`?\s+[-–—]\s")
_TAIL = re.compile(r"\s*(?:\([^()]*\))?\s*:?$")
_DESCRIBED = re.compile(r"(?P<path>\*\*`?[^*`]+`?\*\*|`[^`]+`)\s*:?\s*[-–—:]\s")
_COMMENT = re.compile(
    r"\s*(?:#|//|--|;|%|/\*+|<!--|\{/\*|\"\"\")\s*(?:file(?:\s?name|\s?path)?\s*[:=]|path\s*[:=])?\s*"
    r"(?P<path>\S+)\s*(?:\*/\}?|-->|\"\"\")?\s*$",
    re.IGNORECASE,
)
_MAX_LABEL = 240

LANGUAGES = {
    "py": {"python", "py", "python3"}, "ts": {"typescript", "ts", "tsx", "javascript", "js"},
    "tsx": {"tsx", "typescript", "ts", "jsx", "javascript", "typescriptreact"}, "js": {"javascript", "js"},
    "jsx": {"jsx", "javascript", "js"}, "json": {"json", "jsonc", "json5"}, "html": {"html", "xml"}, "css": {"css", "scss"},
    "yaml": {"yaml", "yml"}, "yml": {"yaml", "yml"}, "toml": {"toml", "ini"}, "ini": {"ini", "toml", "cfg"},
    "sql": {"sql"}, "Dockerfile": {"dockerfile", "docker"}, "md": {"markdown", "md"}, "sh": {"sh", "bash", "shell", "zsh"},
}  # fmt: skip
"""Fence languages that go with a suffix; a suffix that is not here goes with all."""

CODE = frozenset().union(*(words for suffix, words in LANGUAGES.items() if suffix not in ("md", "sh"))) - {"xml"}
"""Languages that files are written in, as opposed to commands, output and prose."""


def clean_path(raw: str) -> str:
    """A path as it was meant: without quotes, emphasis, a leading `./` or `/`, with slashes, without markdown's escapes."""
    path = raw.replace("\u00a0", " ").strip().strip(_QUOTES).strip()
    while path.startswith("**") and path.endswith("**") and len(path) > 4:
        path = path[2:-2].strip(_QUOTES)
    if "\\" in path:
        path = re.sub(r"\\([_*\-.\[\]()])", r"\1", path) if "/" in path else re.sub(r"\\+", "/", path)
    while path.startswith("./"):
        path = path[2:]
    return path.lstrip("/") if not path.startswith("//") else path


def is_path(text: str) -> bool:
    """Whether a word can be nothing but the path of a file."""
    return len(text) <= _MAX_LABEL and _PATH.fullmatch(text.replace("\\", "/")) is not None


def suffix_of(path: str) -> str:
    """`py` of `a/b.py`; the name itself where there is none, as of `Dockerfile`."""
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[-1]


def fits_language(path: str, language: str) -> bool:
    """Whether a block of this fence language can be the whole file; a block without language can."""
    return not language or language in LANGUAGES.get(suffix_of(path), {language}) or language in ("diff", "patch")


def path_in_info(info: str) -> str | None:
    """The path that an info string names: `python path=a/b.py`, `python:a/b.py`, `a/b.py`, `python {file="a/b.py"}`."""
    if not info or len(info) > 2 * _MAX_LABEL:
        return None
    canonical = _CANONICAL.fullmatch(info)
    if canonical:
        return canonical[1].removeprefix("./")
    named = _NAMED.search(info)
    path = _attribute(named["value"]) if named else ""
    if named and (named["key"].lower() not in ("title", "name") or is_path(path)):
        return path or None
    for word in info.split():
        bare = word.strip("(){}<>,;" + _QUOTES)
        rest = _BARE_WORD.fullmatch(bare)
        for candidate in (rest["rest"], bare) if rest else (bare,):
            if is_path(candidate) and ("/" in candidate or "\\" in candidate or "." in candidate):
                return clean_path(candidate)
    return None


def _attribute(value: str) -> str:
    """The value of `path=`: quoted, or up to the next attribute or remark; it may hold blanks."""
    value = value.strip().rstrip("}").rstrip()
    if value[:1] in _QUOTES:
        ends = [at for at in (value.find(quote, 1) for quote in _QUOTES) if at > 0]
        return clean_path(value[1 : min(ends)] if ends else value[1:])
    following = _NEXT_ATTRIBUTE.search(value)
    if following:
        value = value[: following.start()]
    remark = _REMARK.search(value)
    if remark and is_path(clean_path(value[: remark.start()])):
        value = value[: remark.start()]
    return clean_path(value)


def path_in_label(line: str) -> str | None:
    """The path that a line names and does nothing else: a heading, a list entry, `**File:** a/b.py`, "`a/b.py` (new):"."""
    if not line or len(line) > _MAX_LABEL:
        return None
    text = line.replace("\u00a0", " ").strip()
    lead = _LEAD.match(text)
    text = text[lead.end() :] if lead else text
    described = _DESCRIBED.match(text)
    tagged = _PATH_TAG.fullmatch(text)
    if described:
        text = described["path"]
    elif tagged:
        text = tagged[2]
    text = _undecorated(text)
    word = _WORD.match(text)
    if word and not is_path(clean_path(text)):
        text = _undecorated(text[word.end() :])
    remark = _DASH.search(text)
    for candidate in (text, text[: remark.start()]) if remark else (text,):
        path = clean_path(candidate)
        if is_path(path):
            return path
    return None


def _undecorated(text: str) -> str:
    for _ in range(3):
        text = _TAIL.sub("", text.strip()).strip()
        for mark in ("**", "__", "`", "*", '"', "'"):
            if len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark):
                text = text[len(mark) : -len(mark)]
        if text.startswith("**") and "**" in text[2:]:  # **File:** a/b.py
            text = text.replace("**", "")
        text = text.strip("`").strip()
    return text


def path_in_comment(line: str) -> str | None:
    """The path that stands alone in a comment: `# a/b.py`, `// File: a/b.ts`, `<!-- a.html -->`; or alone on the line."""
    if not line or len(line) > _MAX_LABEL:
        return None
    match = _COMMENT.fullmatch(line)
    path = clean_path(match["path"] if match else line.strip())
    return path if is_path(path) and ("/" in path or match is not None) else None
