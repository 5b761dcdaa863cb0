"""Reads what models answer: fenced file blocks and JSON, tolerant of what models really write."""

import json
import re
from dataclasses import dataclass, field

from core.types import JsonObject

_FENCE = re.compile(r"^(?P<indent> {0,3})(?P<ticks>`{3,}|~{3,})(?P<info>[^\n`]*)$")
_PATH_IN_INFO = re.compile(r"(?:path|file|filename|title)\s*[=:]\s*[\"']?(?P<path>[^\s\"'}]+)")
_PATH_ABOVE = re.compile(
    r"^(?:#{1,6}\s*|[-*]\s+|\d+[.)]\s+)?(?:\*\*|__)?(?:File(?:name)?|Path)?:?\s*[`\"']?(?P<path>[\w@.\-/\[\]()]+\.\w+|[\w.\-/]*Dockerfile)[`\"']?"
    r"(?:\*\*|__)?:?$",
    re.IGNORECASE,
)
_PATH_LIKE = re.compile(r"^[\w@.\-]+(?:/[\w@.\-\[\]()]+)*\.\w+$|^(?:[\w.\-]+/)*(?:Dockerfile|\.dockerignore)$")
_THINK = re.compile(r"<(think|thinking|reasoning)>.*?</\1>\s*", re.S)


class AnswerError(Exception):
    """The answer cannot be read; the message tells the model what was wrong."""


@dataclass(frozen=True)
class FilesAnswer:
    """Files by path, paths to delete, whether the last block was closed, and the words around the blocks."""

    files: dict[str, str] = field(default_factory=dict)
    deletes: tuple[str, ...] = ()
    complete: bool = True
    prose: str = ""


def decode_files(text: str) -> FilesAnswer:
    """Read every file block of an answer.

    The canonical block is a fence of four backticks with `path=...`; also read are three backticks, tildes, `file=`,
    a bare path as the info string, a path on the line above the fence, and fences inside of fences (a block ends at the
    first bare fence at least as long as its own whose removal leaves inner fences paired).
    """
    lines = _THINK.sub("", text).replace("\r\n", "\n").split("\n")
    files: dict[str, str] = {}
    deletes: list[str] = []
    prose: list[str] = []
    complete = True
    index = 0
    while index < len(lines):
        opening = _FENCE.match(lines[index])
        path = _block_path(opening, prose) if opening else None
        if opening is None or path is None:
            prose.append(lines[index])
            index += 1
            continue
        end = _closing_index(lines, index, opening["ticks"])
        complete = complete and end is not None
        body = lines[index + 1 : end if end is not None else len(lines)]
        if opening["info"].strip().lower().startswith("delete"):
            deletes.append(path)
        else:
            content = "\n".join(body)
            files[path] = content if not content or content.endswith("\n") else content + "\n"
        index = (end + 1) if end is not None else len(lines)
    return FilesAnswer(files, tuple(deletes), complete, "\n".join(prose).strip())


def _block_path(opening: re.Match[str], prose: list[str]) -> str | None:
    info = opening["info"].strip()
    named = _PATH_IN_INFO.search(info)
    if named:
        return named["path"]
    for word in info.split():
        word = word.split(":", 1)[-1] if ":" in word else word
        if _PATH_LIKE.match(word) and ("/" in word or "." in word):
            return word
    above = next((line.strip() for line in reversed(prose[-2:]) if line.strip()), "")
    found = _PATH_ABOVE.match(above)
    return found["path"] if found else None


def _closing_index(lines: list[str], start: int, ticks: str) -> int | None:
    """Index of the line that closes the block opened at `start`; inner fences of the same length are paired off."""
    depth = 0
    for index in range(start + 1, len(lines)):
        fence = _FENCE.match(lines[index])
        if fence is None or fence["ticks"][0] != ticks[0] or len(fence["ticks"]) < len(ticks):
            continue
        if fence["info"].strip():
            depth += 1
        elif depth:
            depth -= 1
        else:
            return index
    return None


def decode_json(text: str) -> JsonObject:
    """Read the JSON object of an answer: bare, fenced, or amid prose; with comments, trailing commas, smart or single quotes.

    Raises AnswerError when there is no object, naming the place where reading stopped.
    """
    cleaned = _THINK.sub("", text).strip()
    problem = "there is no JSON object in the answer"
    for candidate in _json_candidates(cleaned):
        for attempt in (candidate, _mended(candidate)):
            try:
                value = json.loads(attempt)
            except ValueError as error:
                problem = f"the JSON cannot be read: {error}"
                continue
            if isinstance(value, dict):
                return value
            problem = "the answer must be one JSON object"
    raise AnswerError(problem)


def _json_candidates(text: str) -> list[str]:
    fenced = re.findall(
        r"^(?:`{3,}|~{3,})[ \t]*(?:json[c5]?)?[ \t]*\n(.*?)\n?(?:`{3,}|~{3,})[ \t]*$", text, re.S | re.M | re.I
    )
    found = [text, *(block.strip() for block in reversed(fenced))]
    start, end = text.find("{"), text.rfind("}")
    if start >= 0:
        found.append(text[start : end + 1] if end > start else text[start:])
    return found


def _mended(text: str) -> str:
    out = text.translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'"})
    strings: list[str] = []

    def keep(match: re.Match[str]) -> str:
        token = match.group(0)
        if token.startswith("'"):
            token = json.dumps(token[1:-1].replace("\\'", "'"))
        strings.append(token)
        return f"\x00{len(strings) - 1}\x00"

    out = re.sub(r'"(?:\\.|[^"\\])*"|(?<=[\[{,:\s])\'(?:\\.|[^\'\\])*\'(?=\s*[\]},:])', keep, out)
    out = re.sub(r"//[^\n]*|/\*.*?\*/|(?m:^\s*#[^\n]*$)", "", out, flags=re.S)
    out = re.sub(r",(\s*[\]}])", r"\1", out)
    out = re.sub(r"\bTrue\b", "true", re.sub(r"\bFalse\b", "false", re.sub(r"\bNone\b", "null", out)))
    out = re.sub(r"(?<=[{,])(\s*)([A-Za-z_]\w*)(\s*):", r'\1"\2"\3:', out)
    out += _missing_ends(out)
    return re.sub(r"\x00(\d+)\x00", lambda match: strings[int(match[1])], out)


def _missing_ends(text: str) -> str:
    stack: list[str] = []
    for char in text:
        if char in "{[":
            stack.append("}" if char == "{" else "]")
        elif char in "}]" and stack:
            stack.pop()
    return "".join(reversed(stack))
