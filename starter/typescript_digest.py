"""What a TypeScript module of the starter exports: signatures, the types in them, and what their comments say first."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SHORT = 40
"""Characters up to which exports share a line."""
_CHUNK = re.compile(r"\n\n(?=\S)")
_COMMENT = re.compile(r"\A/\*\*(.*?)\*/\s*", re.S)
_CLAUSE = re.compile(r"[.;:](?:\s|$)")
_FUNCTION = re.compile(r"export (?:async )?function (\w+)(?:<[^(]*>)?\(")
_INTERFACE = re.compile(r"(?:export )?interface (\w+)(?:<[^{]*?>)?(?: extends (\w+))? \{\n(.*?)\n\}", re.S)
_PARAMETER = re.compile(r"(?:^|, )(\w+\??)(?=:| =)")
_CONSTANT = re.compile(r"export const (\w+)")


@dataclass(frozen=True)
class _Shape:
    """An interface: what it extends, and its members as `name?: type`."""

    parent: str
    members: tuple[str, ...]

    def __str__(self) -> str:
        return f"{{ {'; '.join([*([f'...{self.parent}'] if self.parent else []), *self.members])} }}"


def describe(path: str, text: str) -> str:
    """The module's path, and a line for each of its exports; short ones share one."""
    found = list(_exported(text))
    short = [line for line in found if len(line) <= SHORT]
    lines = [*(["; ".join(short)] if short else []), *(line for line in found if len(line) > SHORT)]
    return "\n".join([f"{path}:", *(f"  {line}" for line in lines)])


def _exported(text: str) -> Iterator[str]:
    chunks = _CHUNK.split(text.strip("\n"))
    shapes = {found[1]: _shape(found) for chunk in chunks if (found := _INTERFACE.search(chunk))}
    used = "\n".join(chunk for chunk in chunks if "export " in chunk)
    for chunk in chunks:
        comment = _COMMENT.match(chunk)
        if comment and "@internal" in comment[1]:
            continue
        body = chunk[comment.end() :] if comment else chunk
        said = f": {_CLAUSE.split(' '.join(comment[1].replace('*', ' ').split()), maxsplit=1)[0]}" if comment else ""
        if function := _FUNCTION.match(body):
            yield f"{function[1]}{_parameters(body, function.end(), shapes)}{said}"
        elif shape := _INTERFACE.match(body):
            public = body.startswith("export ") or _is_needed(shape[1], shapes, used)
            if public and shape[1] != "Props":
                yield f"{shape[1]} {shapes[shape[1]]}{said}"
        elif constant := _CONSTANT.match(body):
            yield f"{constant[1]}{said}"


def _shape(found: re.Match[str]) -> _Shape:
    inner = re.sub(r"/\*\*.*?\*/", "", found[3], flags=re.S)
    members = (re.sub(r"^readonly ", "", " ".join(member.split())) for member in re.split(r";\n|;$", inner))
    return _Shape(found[2] or "", tuple(member for member in members if member))


def _is_needed(name: str, shapes: Mapping[str, _Shape], used: str) -> bool:
    """True when an exported signature names the interface, or one that extends it."""
    heirs = [heir for heir, shape in shapes.items() if shape.parent == name]
    signatures = re.findall(r"\}: ([^)]*)\)|\(props: ([^)]*)\)", used)
    named = " ".join(part for found in signatures for part in found)
    return bool(re.search(rf"\b{name}\b", named)) or any(_is_needed(heir, shapes, used) for heir in heirs)


def _parameters(body: str, start: int, shapes: Mapping[str, _Shape]) -> str:
    """`(name, other)`; for a component, which takes one object, the type of its props."""
    inner = " ".join(body[start : _closing(body, start)].split())
    props = re.fullmatch(r"(?:\{.*\}|props): (.+)", inner)
    if props:
        named = re.sub(r"<Row>|<T>", "", props[1])
        return f" {shapes[named]}" if named == "Props" else f" {named}"
    return f"({', '.join(_PARAMETER.findall(inner))})"


def _closing(text: str, start: int) -> int:
    """Where the bracket that was opened before `start` closes."""
    depth = 1
    for place in range(start, len(text)):
        depth += (text[place] in "([{") - (text[place] in ")]}")
        if depth == 0:
            return place
    raise ValueError("a bracket is not closed")
