"""Whether `.env.example` lists exactly the settings that the application, its compose file and its scripts read."""

import ast
import re
from collections.abc import Iterator

from ..box import Report
from . import files

PATH = ".env.example"
OF_THE_PLATFORM = frozenset({"PORT", "HOME", "PATH", "TMPDIR", "HOSTNAME"})
_LISTED = re.compile(r"^#?\s?([A-Z][A-Z0-9_]*)=(.*)$")
_OF_A_SHELL = re.compile(r"\$\{([A-Z][A-Z0-9_]*)")


def check_settings(report: Report) -> None:
    listed: dict[str, int] = {}
    for number, line in enumerate(files.text(PATH).splitlines(), 1):
        if found := _LISTED.match(line):
            listed.setdefault(found[1], number)
            value = found[2].strip("\"' ")
            if (
                files.SECRET_NAME.search(found[1])
                and re.fullmatch(r"\S{16,}", value)
                and not files.REFERENCE.match(value)
            ):
                report.add(f"{found[1]} looks like a real secret; leave it empty", PATH, number, category="secret")
    wanted = {**dict(_of_compose()), **dict(_of_code())}
    if not files.named("backend/app/**/*.py"):
        return  # the code is not here to compare with
    for name, where in sorted(wanted.items()):
        if name not in listed and name not in OF_THE_PLATFORM:
            report.add(f"{PATH} does not list {name}, which {where} reads", PATH, category="settings")
    others = {name for path in files.named("deploy/*.sh", "*.sh") for name in _OF_A_SHELL.findall(files.text(path))}
    for name, number in listed.items():
        if name not in wanted and name not in others:
            report.add(f"{PATH} lists {name}, which nothing reads", PATH, number, category="settings")


def _of_compose() -> Iterator[tuple[str, str]]:
    for path in files.named(*files.COMPOSE):
        for number, line in enumerate(files.text(path).splitlines(), 1):
            for name in _OF_A_SHELL.findall(line.replace("$$", "")):
                yield name, f"{path}:{number}"


def _of_code() -> Iterator[tuple[str, str]]:
    """Fields of settings classes, and names that are asked of the environment."""
    for path in files.named("backend/app/**/*.py", "backend/migrations/*.py"):
        try:
            parsed = ast.parse(files.text(path))
        except (SyntaxError, ValueError):
            continue  # another check says so
        for node in ast.walk(parsed):
            if isinstance(node, ast.ClassDef) and any("BaseSettings" in ast.unparse(base) for base in node.bases):
                yield from ((name, f"{path}:{line}") for name, line in _fields(node))
            elif name := _asked(node):
                yield name, f"{path}:{getattr(node, 'lineno', 1)}"


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, int]]:
    prefix = ""
    for one in node.body:
        if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "model_config":
            found = re.search(r"env_prefix=['\"](\w*)['\"]", ast.unparse(one.value))
            prefix = found[1] if found else ""
    for one in node.body:
        if (
            isinstance(one, ast.AnnAssign)
            and isinstance(one.target, ast.Name)
            and "ClassVar" not in ast.unparse(one.annotation)
        ):
            said = ast.unparse(one.value) if one.value else ""
            alias = re.search(r"(?:validation_alias|alias)=['\"](\w+)['\"]", said)
            if one.target.id != "model_config":
                yield (alias[1] if alias else f"{prefix}{one.target.id}").upper(), one.lineno


def _asked(node: ast.AST) -> str:
    """The name in `os.environ["X"]`, `os.environ.get("X")` and `os.getenv("X")`; empty for other nodes."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
        key = node.slice
    elif isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in ("os.environ.get", "os.getenv"):
        key = node.args[0]
    else:
        return ""
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
