"""What the build is given: the application's files without what `.dockerignore` names, and copies of them into stages."""

import fnmatch
import os
import posixpath
import shutil
from pathlib import Path

from .ignoring import ignoring
from .notes import BOX
from .stage import Stage

_NOT_OURS = (".autonomy", "frontend/node_modules", ".git")


class Uncopied(Exception):
    """A source that is not there; the text names it."""


class Context:
    """The files by their path in the repository."""

    def __init__(self) -> None:
        every = [path for path in _walk(BOX) if not path.startswith(_NOT_OURS)]
        text = (BOX / ".dockerignore").read_text() if (BOX / ".dockerignore").is_file() else ""
        ignored = ignoring(text)
        self.files = sorted(path for path in every if not ignored(path))
        self.left_out = sorted(set(every) - set(self.files))

    def copy(self, sources: list[str], target: str, stage: Stage) -> None:
        """COPY from the context. Raises Uncopied."""
        chosen = [(source, self._chosen(source)) for source in sources]
        into = _is_folder(target, chosen, stage)
        for source, found in chosen:
            for path, inner in found:
                place = stage.real(posixpath.join(target, inner or posixpath.basename(path)) if into else target)
                _copy_file(BOX / path, place)
                stage.copied[str(place)] = path
            if not found and source:
                stage.real(target).mkdir(parents=True, exist_ok=True)

    def _chosen(self, source: str) -> list[tuple[str, str]]:
        """(path, path below the copied folder) of each file: the content of a folder, not the folder itself."""
        wanted = posixpath.normpath(source.lstrip("/") or ".")
        if wanted.startswith(".."):
            raise Uncopied(f"`{source}` is outside of the build's context")
        if wanted == ".":
            return [(path, path) for path in self.files]
        tops = {path if path.count("/") == wanted.count("/") else "/".join(path.split("/")[: wanted.count("/") + 1])
                for path in self.files}  # fmt: skip
        matched = sorted(top for top in tops if fnmatch.fnmatchcase(top, wanted))
        if not matched:
            out = any(path == wanted or path.startswith(f"{wanted}/") for path in self.left_out)
            why = "which .dockerignore keeps out" if out else "which the application does not have"
            raise Uncopied(f"`{source}`, {why}")
        return [
            (path, path.removeprefix(f"{top}/") if path != top else "")
            for top in matched
            for path in self.files
            if path == top or path.startswith(f"{top}/")
        ]


def copy_between(source: Stage, paths: list[str], target: str, stage: Stage) -> None:
    """COPY --from another stage. Raises Uncopied."""
    for path in paths:
        found = source.root / posixpath.normpath(path).lstrip("/")
        if not os.path.lexists(found):
            raise Uncopied(f"`{path}`, which the stage {source.name or source.number} does not have")
        into = target.endswith("/") or len(paths) > 1 or stage.real(target).is_dir()
        if found.is_dir() and not found.is_symlink():
            _copy_tree(found, stage.real(target), source, stage)
        else:
            place = stage.real(posixpath.join(target, found.name) if into else target)
            _copy_entry(found, place, source, stage)


def _copy_tree(found: Path, place: Path, source: Stage, stage: Stage) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for entry in sorted(os.scandir(found), key=lambda one: one.name):
        if entry.is_dir(follow_symlinks=False):
            _copy_tree(Path(entry.path), place / entry.name, source, stage)
        else:
            _copy_entry(Path(entry.path), place / entry.name, source, stage)


def _copy_entry(found: Path, place: Path, source: Stage, stage: Stage) -> None:
    """One file or link; a program's first line names the interpreter where it is now."""
    if found.is_symlink():
        place.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(place):
            return
        place.symlink_to(os.readlink(found))
        return
    _copy_file(found, place)
    if str(found) in source.copied:
        stage.copied[str(place)] = source.copied[str(found)]
    start = f"#!{source.root}/".encode()
    content = place.read_bytes()
    if content.startswith(start):
        place.write_bytes(f"#!{stage.root}/".encode() + content[len(start) :])


def _copy_file(source: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, place)
    shutil.copymode(source, place)


def _is_folder(target: str, chosen: list[tuple[str, list[tuple[str, str]]]], stage: Stage) -> bool:
    """Whether files are put into the target, and not in its place."""
    below = any(inner for _, found in chosen for _, inner in found)
    return target.endswith(("/", ".")) or below or len(chosen) > 1 or stage.real(target).is_dir()


def _walk(root: Path) -> list[str]:
    found = []
    for folder, names, files in os.walk(root):
        inner = os.path.relpath(folder, root)
        names[:] = [name for name in names if name not in ("node_modules", ".autonomy", ".git")]
        found += [file if inner == "." else f"{inner}/{file}" for file in files]
    return found
