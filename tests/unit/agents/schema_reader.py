"""Reads the compact schema as a careful model would, and writes the smallest and the largest document that it allows."""

import re
from dataclasses import dataclass

from core.types import Json

_MEMBER = re.compile(r"^  (\w+)(\?)?: (.+?)(?:  # .*)?$")
_SAMPLES = {"Snake": "thing", "Pascal": "Thing", "Kebab": "a-thing"}


@dataclass(frozen=True)
class Member:
    name: str
    optional: bool
    shape: str


class SchemaReader:
    """`full` writes optional members too; of several choices it takes the `turn`th."""

    def __init__(self, text: str, *, full: bool, turn: int = 0) -> None:
        self._full = full
        self._turn = turn
        self.types: dict[str, list[Member] | str] = {}
        self.seen: set[str] = set()
        name = ""
        for line in text.splitlines():
            member = _MEMBER.match(line)
            if member:
                members = self.types[name]
                assert isinstance(members, list)
                members.append(Member(member[1], bool(member[2]), member[3]))
            elif " = " in line:
                name, _, shape = line.partition("  # ")[0].partition(" = ")
                self.types[name] = [] if shape == "{" else shape

    def write(self, shape: str) -> Json:
        """A document of the shape: `Plan`, `[FieldSpec]`, `"a" | "b"`, `{string: any}`, `integer | null`."""
        options = _split(shape, " | ")
        if len(options) > 1:
            chosen = [option for option in options if option != "null"]
            return self.write(chosen[self._turn % len(chosen)])
        if shape.startswith("["):
            return [self.write(shape[1:-1])]
        if shape.startswith("{"):
            key, _, value = shape[1:-1].partition(": ")
            return {str(self.write(key)): self.write(value)}
        if shape.startswith('"'):
            return shape[1:-1]
        return self._named(shape)

    def _named(self, shape: str) -> Json:
        self.seen.add(shape)
        known = self.types.get(shape)
        if isinstance(known, list):
            return {one.name: self.write(one.shape) for one in known if self._full or not one.optional}
        simple: dict[str, Json] = {"string": "text", "integer": 3, "number": 2.5, "boolean": True, "any": None}
        if shape in _SAMPLES:
            return _SAMPLES[shape]
        return simple[shape] if shape in simple else self.write(str(known))


def _split(text: str, mark: str) -> list[str]:
    """Split at marks that stand in no bracket."""
    parts, depth, start = [], 0, 0
    for index, char in enumerate(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(char, 0)
        if depth == 0 and text.startswith(mark, index):
            parts.append(text[start:index])
            start = index + len(mark)
    return [*parts, text[start:]]
