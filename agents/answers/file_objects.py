"""Files in a JSON object, where file blocks were asked for: {"files": {...}}, lists of {path, content}, tool calls."""

import json
from collections.abc import Iterator

from agents.answers.candidates import read_values
from agents.answers.errors import AnswerError
from agents.answers.paths import clean_path, is_path
from core.types import Json

_PATHS = ("path", "file_path", "filepath", "filename", "file", "name")
_CONTENTS = ("content", "contents", "code", "text", "file_text", "body")
_HOLDERS = frozenset({"files", "file", "artifacts", "changes", "outputs"})
_MAX_DEPTH = 6


def read_file_objects(text: str, *, finished: bool) -> dict[str, str]:
    """The files of an answer that is JSON; none where it holds none.

    Raises AnswerError for an answer that is JSON and cannot be read.
    """
    try:
        values = read_values(text)
    except AnswerError as error:
        if not text.lstrip("`json \n").startswith(("{", "[")):
            return {}
        raise AnswerError(str(error) if finished else f"the answer is cut off: {error}") from error
    files: dict[str, str] = {}
    for value in values:
        for path, content in _files(value, 0, named=True):
            files[path] = content if not content or content.endswith("\n") else f"{content}\n"
    return files


def _files(value: Json, depth: int, *, named: bool) -> Iterator[tuple[str, str]]:
    """Paths and contents. `named` says that an object here may be a mapping of paths to contents."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for entry in value:
            yield from _files(entry, depth + 1, named=False)
    if not isinstance(value, dict):
        return
    path = next((clean_path(text) for key in _PATHS if isinstance(text := value.get(key), str)), None)
    content = next((text for key in _CONTENTS if path and (text := _content(path, value.get(key))) is not None), None)
    if path is not None and content is not None and is_path(path):
        yield path, content
        return
    mapped = {clean_path(key): _content(key, entry) for key, entry in value.items()} if named else {}
    if mapped and all(is_path(key) and text is not None for key, text in mapped.items()):
        yield from ((key, text) for key, text in mapped.items() if text is not None)
        return
    for key, entry in value.items():
        yield from _files(entry, depth + 1, named=key.lower() in _HOLDERS)


def _content(path: str, value: Json) -> str | None:
    """The text of a file; a JSON file may be given as the value that it holds."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list) and path.endswith(".json"):
        return json.dumps(value, ensure_ascii=False, indent=2)
    return None
