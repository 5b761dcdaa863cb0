"""Variables and words of instructions, as Docker reads them."""

import re
import shlex
from collections.abc import Mapping

_VARIABLE = re.compile(r"\\(.)|\$(?:\{(\w+)(?::?([-+?])([^}]*))?\}|(\w+))")


def expand(text: str, known: Mapping[str, str]) -> str:
    """`text` with `$NAME`, `${NAME}`, `${NAME:-else}` and `${NAME:+then}`; a name that is not known is empty."""

    def value(found: re.Match[str]) -> str:
        if found[1] is not None:
            return "$" if found[1] == "$" else found[0]
        name, how, other = found[2] or found[5], found[3], found[4] or ""
        given = known.get(name, "")
        if how == "+":
            return expand(other, known) if given else ""
        return given or (expand(other, known) if how == "-" else "")

    return _VARIABLE.sub(value, text)


def split(text: str) -> list[str]:
    """Words without their quotes; the text as it is where a quote is left open."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def pairs(text: str, known: Mapping[str, str]) -> dict[str, str]:
    """What ENV and LABEL set: `A=1 B="x y"`, or the old form `A x y`."""
    first, _, rest = text.partition(" ")
    if "=" not in first:
        return {first: expand(rest.strip(), known)}
    found = (word.partition("=") for word in split(text))
    return {name: expand(value, known) for name, _, value in found}
