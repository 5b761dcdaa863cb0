"""Names and literals of TypeScript and JSX: turns words of a plan into text that is safe in the place it is put."""

import json
import re
from collections.abc import Sequence

WIDTH = 110


def camel(name: str) -> str:
    """`blog_posts` and `BlogPost` -> `blogPosts`, `blogPost`."""
    pascal_name = pascal(name)
    return pascal_name[:1].lower() + pascal_name[1:]


def pascal(name: str) -> str:
    """`due_date` -> `DueDate`; a name that is Pascal case already stays as it is."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def in_sentence(label: str) -> str:
    """A label as it stands in the middle of a sentence: `Blog post` -> `blog post`, `FAQ entry` stays."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def js(value: str | int | float | bool) -> str:
    """A JavaScript literal."""
    return json.dumps(value, ensure_ascii=False)


def plain(text: str) -> str:
    """Words without any character that could end a comment or a docstring."""
    return " ".join(re.findall(r"[\w-]+", text))


def jsx(text: str) -> str:
    """Text between tags."""
    return "{" + js(text) + "}" if re.search(r"[{}<>&\\]|^\s|\s$", text) else text


def attr(text: str) -> str:
    """The value of an attribute, with its quotes."""
    return "{" + js(text) + "}" if re.search(r'["&\\]', text) else f'"{text}"'


def key(name: str, value: str) -> str:
    """A member of an object literal; the shorthand where it is one."""
    return name if name == value else f"{name}: {value}"


def object_key(name: str) -> str:
    """A name before the colon in an object literal: quoted only where it must be."""
    return name if re.fullmatch(r"[A-Za-z_$][\w$]*", name) else js(name)


def member(name: str) -> str:
    """Access to a member: `.posts` or `["blog-posts"]`."""
    quoted = object_key(name)
    return f".{name}" if quoted == name else f"[{quoted}]"


def element(tag: str, attributes: Sequence[str], indent: int, children: str = "") -> str:
    """A JSX element, on one line when it fits, else with one attribute per line."""
    space = " " * indent
    line = f"{space}<{tag}{''.join(' ' + attribute for attribute in attributes)}"
    short = f"{line}>{children}</{tag}>" if children else f"{line} />"
    if len(short) <= WIDTH:
        return short
    head = "\n".join([f"{space}<{tag}", *(f"{space}  {attribute}" for attribute in attributes)])
    if not children:
        return f"{head}\n{space}/>"
    body = f"\n{space}  {children}\n{space}</{tag}>"
    return f"{line}>{body}" if len(line) < WIDTH else f"{head}\n{space}>{body}"


def listing(opening: str, items: Sequence[str], closing: str, indent: int = 0) -> str:
    """`opening item, item closing` on one line when it fits, else one item per line."""
    space = " " * indent
    pad = " " if closing.startswith("}") else ""
    short = f"{space}{opening}{pad}{', '.join(items)}{pad}{closing}"
    if len(short) <= WIDTH:
        return short
    return "\n".join([f"{space}{opening}", *(f"{space}  {item}," for item in items), f"{space}{closing}"])


def words(source: str) -> set[str]:
    """Every identifier in a text, and every other word with them."""
    return set(re.findall(r"\w+", source))
