"""How the offline model writes its answers: file blocks and JSON in the canonical form."""

import json
import re
from collections.abc import Iterable, Mapping

from core.types import JsonObject

_LANGUAGES = {
    "py": "python", "ts": "typescript", "tsx": "tsx", "json": "json", "md": "markdown", "yml": "yaml", "yaml": "yaml",
    "toml": "toml", "css": "css", "html": "html", "ini": "ini", "js": "javascript", "txt": "text", "mako": "mako", "sh": "bash",
}  # fmt: skip


def render_files(said: str, files: Mapping[str, str], deletes: Iterable[str] = ()) -> str:
    """A sentence, then one fenced block per file; fences are longer than any inside the content."""
    parts = [said, *(_block(path, files[path]) for path in sorted(files))]
    parts += [f"````delete path={path}\n````" for path in sorted(deletes)]
    return "\n\n".join(parts) + "\n"


def _block(path: str, content: str) -> str:
    longest = max((len(run) for run in re.findall(r"^ {0,3}(`{4,})", content, re.M)), default=3)
    fence = "`" * (longest + 1)
    language = _LANGUAGES.get(path.rsplit(".", 1)[-1], "dockerfile" if path.endswith("Dockerfile") else "text")
    body = content if content.endswith("\n") or not content else f"{content}\n"
    return f"{fence}{language} path={path}\n{body}{fence}"


def read_files(answer: str) -> dict[str, str]:
    """The files of an answer that was written here: path to text."""
    found = re.finditer(r"^(`{4,})\w+ path=(\S+)\n(.*?)^\1$", answer, re.M | re.S)
    return {block[2]: block[3] for block in found if not block[0].startswith(f"{block[1]}delete ")}


def render_json(value: JsonObject) -> str:
    return f"```json\n{json.dumps(value, ensure_ascii=False, indent=2)}\n```\n"
