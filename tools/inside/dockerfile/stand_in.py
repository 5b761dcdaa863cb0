"""Programs that do in the sandbox what others do in an image: package managers without a network, users without root."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from . import notes
from .npm import npm, npx
from .packages import pip, venv


def main(arguments: list[str]) -> int:
    name, *rest = arguments
    return PROGRAMS[name](rest)


def _system_packages(name: str) -> Callable[[list[str]], int]:
    def run(arguments: list[str]) -> int:
        words = [word for word in arguments if not word.startswith("-")]
        notes.write("not executed", f"{name} {' '.join(words)[:80]}: no network")
        if words[:1] in (["install"], ["add"]):
            notes.write("tools", " ".join(re.split(r"[=<>~]", word)[0] for word in words[1:]))
        return 0

    return run


def _no_network(name: str) -> Callable[[list[str]], int]:
    def run(arguments: list[str]) -> int:
        notes.write("not executed", f"{name} {' '.join(arguments)[:80]}: it cannot be stood in for")
        notes.lacking("*", f"what {name} would have installed is not in the sandbox")
        return 0

    return run


def uv(arguments: list[str]) -> int:
    """`uv pip install` is pip's; of the rest nothing is here."""
    if arguments[:2] == ["pip", "install"]:
        return pip([word for word in arguments[1:] if word != "--system"])
    return _no_network("uv")(arguments)


_TAKING = ("-u", "--uid", "-g", "--gid", "-d", "--home", "--home-dir", "-s", "--shell", "-G", "--groups", "-c", "--comment",
           "-h", "--gecos", "-k", "--ingroup", "-o", "--owner", "-m", "--mode", "--group", "-p", "--password")  # fmt: skip


def _taken(arguments: list[str], taking: tuple[str, ...] = _TAKING) -> tuple[dict[str, str], list[str]]:
    """Options with their values, and the other words."""
    options, words = dict[str, str](), []
    rest = iter(arguments)
    for word in rest:
        name, equals, value = word.partition("=")
        if name in taking:
            options[name] = value if equals else next(rest, "")
        elif word.startswith("-"):
            options[word] = ""
        else:
            words.append(word)
    return options, words


def add_user(arguments: list[str]) -> int:
    """useradd and adduser. `-m` makes the home folder, as adduser does by itself."""
    taking = tuple(one for one in _TAKING if one not in ("-m", "--mode", "-o"))
    options, words = _taken(arguments, taking)
    if not words:
        return 1
    name = words[0]
    uid = options.get("-u") or options.get("--uid") or name
    notes.write("user", f"{name}={uid}")
    home = options.get("-d") or options.get("--home") or options.get("--home-dir") or options.get("-h")
    if home and home.startswith(os.environ["IMAGE_ROOT"]) and {"-m", "--create-home"} & options.keys():
        Path(home).mkdir(parents=True, exist_ok=True)
    folder = home or f"{os.environ['IMAGE_ROOT']}/home/{name}"
    if {"-m", "--create-home"} & options.keys() or "-rm" in options:
        Path(folder).mkdir(parents=True, exist_ok=True)
    if Path(folder).is_dir():
        notes.write("owner", f"{uid}={folder}")
    return 0


def add_group(_arguments: list[str]) -> int:
    return 0


def change_owner(arguments: list[str]) -> int:
    _, words = _taken(arguments, ())
    for path in words[1:]:
        if not Path(path).exists():
            sys.stderr.write(f"chown: cannot access '{path}': No such file or directory\n")
            return 1
        notes.write("owner", f"{words[0]}={Path(path).absolute()}")
    return 0


def install(arguments: list[str]) -> int:
    """install without the owner, which is only noted."""
    options, words = _taken(arguments, ("-o", "--owner", "-g", "--group", "-m", "--mode", "-t", "--target-directory"))
    owner = options.pop("-o", "") or options.pop("--owner", "")
    kept = []
    for name, value in options.items():
        if name not in ("-g", "--group"):
            kept += [name, value] if value and not name.startswith("--") else [f"{name}={value}" if value else name]
    command = ["/usr/bin/install", *kept, *words]
    code = subprocess.run(command, check=False).returncode  # noqa: S603  # inside the sandbox
    for path in words if owner else ():
        notes.write("owner", f"{owner}={Path(path).absolute()}")
    return code


def python_venv(arguments: list[str]) -> int:
    """`python -m venv`: the folder is what is no option."""
    _, words = _taken(arguments, ())
    return venv(words[-1]) if words else 1


PROGRAMS: dict[str, Callable[[list[str]], int]] = {
    "pip": pip, "pip3": pip, "npm": npm, "npx": npx, "venv": python_venv, "uv": uv,
    "useradd": add_user, "adduser": add_user, "groupadd": add_group, "addgroup": add_group, "usermod": add_group,
    "chown": change_owner, "chgrp": add_group, "install": install,
    **{name: _system_packages(name) for name in ("apt-get", "apt", "apk")},
    **{name: _no_network(name) for name in ("poetry", "pipenv", "yarn", "pnpm", "corepack", "setcap")},
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
