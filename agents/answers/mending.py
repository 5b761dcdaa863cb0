"""Brings a value closer to a JSON Schema where models change what does not matter: the case of names and of words of a choice."""

from agents.answers.lenient_json import Word
from agents.answers.lenient_strings import folded
from core.types import Json, JsonObject


class Mender:
    """Knows one schema with its definitions. Values are never dropped; what does not fit is left for the validation to refuse."""

    def __init__(self, schema: JsonObject) -> None:
        self._schema = schema
        self._definitions = _object(schema.get("$defs"))
        self.names = frozenset(_names(schema))

    def mend(self, value: Json) -> Json:
        """The value with names and words as the schema writes them, single values in the lists that were asked for."""
        return self._mend(value, self._schema)

    def _mend(self, value: Json, schema: JsonObject) -> Json:
        schema = self._resolved(schema)
        options = schema.get("anyOf") or schema.get("oneOf")
        if isinstance(options, list):
            return self._one_of(value, [option for option in options if isinstance(option, dict)])
        words = schema.get("enum") or ([schema["const"]] if "const" in schema else None)
        if isinstance(words, list):
            return _word(value, words)
        match schema.get("type"):
            case "object":
                return self._object(value, schema) if isinstance(value, dict) else value
            case "array":
                return self._array(value, _object(schema.get("items")))
            case "string":
                return _string(value)
        return value

    def _one_of(self, value: Json, options: list[JsonObject]) -> Json:
        """The first option whose type is that of the value; a word that is in none of them stays a word."""
        for option in options:
            if _type_fits(value, self._resolved(option)):
                return self._mend(value, option)
        return value

    def _object(self, value: JsonObject, schema: JsonObject) -> JsonObject:
        properties = _object(schema.get("properties"))
        others = schema.get("additionalProperties")
        words = self._resolved(_object(schema.get("propertyNames"))).get("enum")
        by_fold = {
            folded(name): name
            for name in (*properties, *(words if isinstance(words, list) else ()))
            if isinstance(name, str)
        }
        mended: JsonObject = {}
        for key, entry in value.items():
            name = key if key in properties else by_fold.get(folded(key), key)
            if name != key and (name in value or name in mended):
                name = key
            known = properties.get(name, others)
            if entry is None and isinstance(known, dict) and _drops_null(self._resolved(known)):
                continue
            mended[name] = self._mend(entry, known) if isinstance(known, dict) else entry
        return mended

    def _array(self, value: Json, items: JsonObject) -> Json:
        if isinstance(value, list):
            return [self._mend(entry, items) for entry in value]
        single = value is not None and _type_fits(value, self._resolved(items))
        return [self._mend(value, items)] if single else value

    def _resolved(self, schema: JsonObject) -> JsonObject:
        for _ in range(8):
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                break
            schema = _object(self._definitions.get(reference.rsplit("/", 1)[-1]))
        return schema


def _drops_null(schema: JsonObject) -> bool:
    """Whether a null stands for the default of a member that cannot be null."""
    return "default" in schema and "anyOf" not in schema and schema.get("type") in ("string", "array", "object")


def _string(value: Json) -> Json:
    if isinstance(value, Word):
        return str(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _word(value: Json, words: list[Json]) -> Json:
    """The word of a choice that the value means."""
    if not isinstance(value, str) or (value in words and not isinstance(value, Word)):
        return value
    meant = [word for word in words if isinstance(word, str) and folded(word) == folded(value.strip())]
    return meant[0] if len(meant) == 1 else value


def _type_fits(value: Json, schema: JsonObject) -> bool:
    match schema.get("type"):
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "null":
            return value is None
        case "integer" | "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str)
    return ("enum" in schema or "const" in schema) and isinstance(value, str)


def _names(schema: Json) -> list[str]:
    """Every member name that a schema knows, folded."""
    found: list[str] = []
    if isinstance(schema, dict):
        found += [folded(name) for name in _object(schema.get("properties"))]
        for entry in schema.values():
            found += _names(entry)
    elif isinstance(schema, list):
        for entry in schema:
            found += _names(entry)
    return found


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}
