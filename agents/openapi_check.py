"""Whether a document is OpenAPI 3.1. The validator is heavy (7 MB, 0.1 s), so it is loaded for the first contract."""

from collections.abc import Iterator

from core.types import Json, JsonObject

_REFERENCES = ("$ref", "$dynamicRef")
_LONGEST = 300


def find_errors(document: JsonObject) -> list[str]:
    """What is wrong with the document, each with its place in it; empty when it is valid.

    References lead to places in the document alone: the validator would fetch others, from any address or file.
    """
    from openapi_spec_validator import OpenAPIV31SpecValidator
    from referencing.exceptions import Unresolvable

    foreign = [reference for reference in _references(document) if not reference.startswith("#")]
    if foreign:
        return [f"the reference {each[:_LONGEST]} leads out of the document" for each in dict.fromkeys(foreign)]
    try:
        errors = list(OpenAPIV31SpecValidator(document).iter_errors())
    except Unresolvable as error:
        return [f"the reference {error.ref[:_LONGEST]} does not resolve"]
    except RecursionError:
        return ["references lead in a circle"]
    except (LookupError, AssertionError, AttributeError, TypeError, ValueError) as error:
        # the validator takes some shapes for granted
        return [f"it cannot be read as OpenAPI ({type(error).__name__}: {str(error)[:_LONGEST]})"]
    return [f"at {'/'.join(map(str, error.path)) or 'its root'}: {error.message[:_LONGEST]}" for error in errors]


def _references(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (reference for name in _REFERENCES if isinstance(reference := value.get(name), str))
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _references(inner)
