"""Takes out of GitHub's published description of its REST API what our adapter uses: `python -m scripts.github_description FILE`.

FILE is `generated/api.github.com.json` of the npm package @octokit/openapi, which is github/rest-api-description with
additions of its own that are left out here. Writes tests/data/github/api.json: the operations below, the schemas that they
refer to, and one example of each answer.
"""

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "tests" / "data" / "github" / "api.json"
_REPO = "/repos/{owner}/{repo}"
OPERATIONS: dict[str, tuple[str, ...]] = {
    _REPO: ("get",),
    f"{_REPO}/branches/{{branch}}": ("get",),
    f"{_REPO}/contents/{{path}}": ("put",),
    f"{_REPO}/git/blobs": ("post",),
    f"{_REPO}/git/commits": ("post",),
    f"{_REPO}/git/commits/{{commit_sha}}": ("get",),
    f"{_REPO}/git/ref/{{ref}}": ("get",),
    f"{_REPO}/git/refs": ("post",),
    f"{_REPO}/git/refs/{{ref}}": ("patch",),
    f"{_REPO}/git/trees": ("post",),
    f"{_REPO}/git/trees/{{tree_sha}}": ("get",),
    f"{_REPO}/issues/{{issue_number}}/comments": ("get",),
    f"{_REPO}/issues/{{issue_number}}/labels": ("post",),
    f"{_REPO}/pulls": ("get", "post"),
    f"{_REPO}/pulls/{{pull_number}}": ("get", "patch"),
    f"{_REPO}/pulls/{{pull_number}}/comments": ("get",),
    f"{_REPO}/pulls/{{pull_number}}/requested_reviewers": ("post",),
    f"{_REPO}/pulls/{{pull_number}}/reviews": ("get",),
    f"{_REPO}/rules/branches/{{branch}}": ("get",),
}
_PROSE = (
    "description",
    "externalDocs",
    "tags",
    "summary",
    "x-github",
    "x-octokit",
    "x-github-breaking-changes",
    "example",
)
_KEPT_EXAMPLE = "default"


def prune(whole: dict[str, Any]) -> dict[str, Any]:
    """The operations alone, without prose, and whatever they refer to."""
    paths: dict[str, Any] = {}
    for path, methods in OPERATIONS.items():
        paths[path] = {method: _without_prose(whole["paths"][path][method]) for method in methods}
    components: dict[str, dict[str, Any]] = {}
    found = _references(paths)
    while found:
        kind, name = found.pop().removeprefix("#/components/").split("/", 1)
        if name in components.setdefault(kind, {}):
            continue
        part = whole["components"][kind][name]
        if kind == "examples":
            components[kind][name] = part
            continue
        components[kind][name] = _answer(part) if kind == "responses" else _without_prose(part)
        found |= _references(components[kind][name])
    info = {key: whole["info"][key] for key in ("title", "version", "license")}
    ordered = {kind: dict(sorted(parts.items())) for kind, parts in sorted(components.items())}
    return {"openapi": whole["openapi"], "info": info, "paths": paths, "components": ordered}


def _references(part: Any) -> set[str]:
    if isinstance(part, list):
        return set().union(*map(_references, part))
    if not isinstance(part, dict):
        return set()
    here = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
    return here.union(*map(_references, part.values()))


def _without_prose(part: Any, *, names: bool = False) -> Any:
    """With `names` the keys are names that the API gives, such as those of properties, and not words of OpenAPI."""
    if isinstance(part, list):
        return [_without_prose(item) for item in part]
    if not isinstance(part, dict):
        return part
    if names:
        return {key: _without_prose(value) for key, value in part.items()}
    kept: dict[str, Any] = {}
    for key, value in part.items():
        if key == "examples":
            kept[key] = _one_example(value)
        elif key == "responses":
            kept[key] = {code: _answer(answer) for code, answer in value.items()}
        elif key not in _PROSE:
            kept[key] = _without_prose(value, names=key in ("properties", "content"))
    return kept


def _answer(part: dict[str, Any]) -> Any:
    """OpenAPI asks for a description of each."""
    kept = _without_prose(part)
    return kept if "$ref" in kept else {"description": "", **kept}


def _one_example(examples: Any) -> Any:
    if not isinstance(examples, dict) or not examples:
        return {}
    name = _KEPT_EXAMPLE if _KEPT_EXAMPLE in examples else next(iter(examples))
    return {_KEPT_EXAMPLE: examples[name]}


def main() -> None:
    pruned = prune(json.loads(Path(sys.argv[1]).read_text()))
    TARGET.write_text(json.dumps(pruned, separators=(",", ":"), ensure_ascii=False) + "\n")
    print(f"{TARGET.name}: version {pruned['info']['version']}, {TARGET.stat().st_size >> 10} KB")


if __name__ == "__main__":
    main()
