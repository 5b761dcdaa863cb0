"""Renders prompts from `prompts/<agent>/<step>.md`. Nothing of a prompt stands in Python."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from pydantic import BaseModel

from core.blocks import BlockKind, number_lines, render_block
from core.types import AgentName


@dataclass(frozen=True)
class Rendered:
    """A rendered template: its name, the hash of its source (the prompt's version), and the text."""

    name: str
    source_hash: str
    text: str


class PromptLibrary:
    """All templates under one folder. A variable that a template names and the caller does not give is an error."""

    def __init__(self, root: Path) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(root),
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # noqa: S701  # prompts are plain text; data is fenced by render_block instead
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
        )
        self._environment.filters["block"] = _block
        self._environment.filters["json"] = _as_json
        self._environment.globals["file_blocks"] = _file_blocks
        self._hashes: dict[str, str] = {}

    def render(self, agent: AgentName, step: str, **values: object) -> Rendered:
        """Render `<agent>/<step>.md`, or `shared/<step>.md` where the agent has none of its own."""
        name = f"{agent}/{step}.md"
        template = self._environment.select_template([name, f"shared/{step}.md"])
        return Rendered(
            f"{agent}/{step}", self._hash(template.name or name), template.render(agent=agent, step=step, **values)
        )

    def _hash(self, name: str) -> str:
        if name not in self._hashes:
            assert self._environment.loader is not None
            source, _, _ = self._environment.loader.get_source(self._environment, name)
            self._hashes[name] = hashlib.sha256(source.encode()).hexdigest()[:16]
        return self._hashes[name]


def _block(text: str, name: str, kind: BlockKind = "untrusted") -> str:
    return render_block(name, text, kind)


def _as_json(value: object) -> str:
    if isinstance(value, jinja2.Undefined):
        return str(value)  # raises, and names the variable
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value


def _file_blocks(files: Mapping[str, str], *, numbered: bool = False) -> str:
    texts = {path: files[path].removesuffix("\n") for path in sorted(files)}
    return "\n".join(
        render_block(path, number_lines(text) if numbered else text, "file") for path, text in texts.items()
    )
