"""Writes right answers as careless models do: one meaning, many forms. What comes out is read as it was meant, or refused."""

import json
import random
import re
from collections.abc import Callable, Mapping

from core.types import Json, JsonObject

LANGUAGES = {
    "py": "python",
    "tsx": "tsx",
    "ts": "typescript",
    "md": "markdown",
    "ini": "ini",
    "txt": "text",
    "html": "html",
}
EXAMPLES = ("```bash\nmake test\n```", "```\nuvicorn app.main:app\n```", "```text\n41 passed\n```")
OPENINGS = (
    "",
    "Sure! Here are the files.",
    "I fixed `backend/app/main.py` and its tests:",
    '<think>\nLet me see. {"a": 1}\n```python\nx = 1\n```\nThat is it.\n</think>',
    "The draft is done, so\n</think>\n\nHere it is.",
)
ENDINGS = ("", "I hope this helps!", "Run it with\n\n```bash\nmake up\n```", "<|im_end|>")


def careless_files(files: Mapping[str, str], chance: random.Random) -> str:
    """The files with fences, names, order and words as they come; a habit holds for a whole answer, slips happen anywhere."""
    habit = chance.choice(_NAMINGS)
    ticks = chance.choice(["```", "````", "````", "~~~"])
    parts = [chance.choice(OPENINGS)]
    for path, content in files.items():
        parts.append(_one_file(path, content, habit, ticks, chance))
        if chance.random() < 0.1:
            parts.append(f"Try it:\n\n{chance.choice(EXAMPLES)}")
    text = "\n\n".join(part for part in parts if part)
    ending = chance.choice(ENDINGS)
    text = f"{text}{ending}" if ending.startswith("<|") else f"{text}\n\n{ending}"
    if chance.random() < 0.1:
        text = text.replace("\n", "\r\n")
    return f"\ufeff{text}" if chance.random() < 0.1 else text


def _one_file(
    path: str, content: str, habit: Callable[[str, str], tuple[str, str]], ticks: str, chance: random.Random
) -> str:
    above, info = habit(path, LANGUAGES.get(path.rsplit(".", 1)[-1], ""))
    slip = chance.random()
    closing = ticks
    if slip < 0.05:
        closing = "```"
    elif slip < 0.08:
        closing = ""
    elif slip < 0.11 and not content.endswith("```\n"):
        content = content.removesuffix("\n")
        return f"{above}{ticks}{info}\n{content}{closing}"
    elif slip < 0.14 and content:
        content = "".join(
            f"{number:>4}| {line}\n" for number, line in enumerate(content.removesuffix("\n").split("\n"), 1)
        )
    return f"{above}{ticks}{info}\n{content}{closing}".rstrip("\n")


_NAMINGS: tuple[Callable[[str, str], tuple[str, str]], ...] = (
    lambda path, language: ("", f"{language} path={path}"),
    lambda path, language: ("", f'{language} file="{path}"'),
    lambda path, language: ("", f"{language}:{path}"),
    lambda path, language: ("", path),
    lambda path, language: (f"### `{path}`\n\n", language),
    lambda path, language: (f"**{path}**\n", language),
    lambda path, language: (f"File: {path}\n", language),
    lambda path, language: (f"- `{path}` (new):\n\n", language),
    lambda path, language: ("", f"{language} path={path.replace('/', chr(92))}"),
    lambda path, language: ("", f"{language} path=./{path}"),
)


def careless_json(value: JsonObject, chance: random.Random) -> str:
    """One object, written by hand: quotes, commas, comments, words of Python, brackets left out at the end, prose around."""
    style = _Style(chance)
    text = style.write(value, 0)
    if chance.random() < 0.1:
        text = re.sub(r"[\]}\s]+$", "", text)
    around = chance.choice(
        [
            "{}",
            "```json\n{}\n```",
            "Here is my answer:\n\n{}\n\nThat is all.",
            "```\n{}\n```",
            '<think>\nHm, {{"a": 1}}.\n</think>\n{}',
        ]
    )
    return (
        around.replace("{{", "{").replace("}}", "}").replace("{}", text)
        if "{{" in around
        else around.replace("{}", text)
    )


class _Style:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._quote = chance.choice(['"', '"', '"', "'", "\u201c"])
        self._bare = chance.random() < 0.15
        self._python = chance.random() < 0.3
        self._raw = chance.random() < 0.3
        self._trailing = chance.random() < 0.4
        self._comments = chance.random() < 0.2
        self._indent = chance.choice(["", "  ", "    "])

    def write(self, value: Json, depth: int) -> str:
        if isinstance(value, dict):
            members = [f"{self._key(key)}: {self.write(entry, depth + 1)}" for key, entry in value.items()]
            return self._block("{", members, "}", depth)
        if isinstance(value, list):
            return self._block("[", [self.write(entry, depth + 1) for entry in value], "]", depth)
        if isinstance(value, str):
            return self._text(value)
        if value is None or isinstance(value, bool):
            return repr(value) if self._python else json.dumps(value)
        return json.dumps(value)

    def _block(self, opening: str, members: list[str], closing: str, depth: int) -> str:
        if not members:
            return opening + closing
        new_line = f"\n{self._indent * (depth + 1)}" if self._indent else " "
        comment = f" // {self._chance.choice(['see above', 'it is 5'])}\n" if self._comments and self._indent else ""
        text = opening + comment + new_line + f",{new_line}".join(members) + ("," if self._trailing else "")
        return text + (f"\n{self._indent * depth}" if self._indent else "") + closing

    def _key(self, key: str) -> str:
        return key if self._bare else self._text(key)

    def _text(self, text: str) -> str:
        written = json.dumps(text, ensure_ascii=False)[1:-1]
        if self._raw:
            written = written.replace("\\n", "\n").replace("\\t", "\t")
        if self._quote == "'":
            return "'" + written.replace('\\"', '"').replace("'", "\\'") + "'"
        if self._quote == "\u201c":
            return f"\u201c{written}\u201d"
        if self._chance.random() < 0.05:
            written = re.sub(r'\\"(\w[\w ]*)\\"', r'"\1"', written)
        return f'"{written}"'


def careless_edit(path: str, old: list[str], new: list[str], chance: random.Random) -> str:
    """One edit of lines, with what models do to what they quote: blanks, indentation, numbers, fences, markers."""
    if chance.random() < 0.3:
        old = [line.rstrip() + chance.choice(["", "", "  "]) for line in old]
    shift = chance.choice(["", "", "", "    ", "  "])
    if shift and chance.random() < 0.5:
        old, new = ([shift + line if line.strip() else line for line in lines] for lines in (old, new))
    elif shift and all(not line.strip() or line.startswith(shift) for line in (*old, *new)):
        old, new = ([line.removeprefix(shift) for line in lines] for lines in (old, new))
    elif chance.random() < 0.2:
        old = [f"{number:>3} | {line}" for number, line in enumerate(old, chance.randint(1, 40))]
    if chance.random() < 0.1:
        old, new = ["", *old], ["", *new]
    count = chance.choice([5, 7, 7, 7, 9])
    pair = [f"{'<' * count} SEARCH", *old, "=" * count, *new, f"{'>' * count} REPLACE"]
    text = "\n".join(pair)
    match chance.randint(0, 4):
        case 0:
            return f"{path}\n```python\n{text}\n```"
        case 1:
            return f"```python\n{path}\n{text}\n```"
        case 2:
            return f"Changed:\n\n{path}\n{text}\n\nDone."
        case 3:
            return f"````python path={path}\n{text}\n````"
        case _:
            return f"````edit path={path}\n{text}\n````"
