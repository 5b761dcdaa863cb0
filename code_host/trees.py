"""What a tree holds once the work is laid over it, and its id by what a host lists of it."""

from collections.abc import Iterable, Mapping

from code_host.git_ids import FILE_MODE, FILE_MODES, Entry, tree_id
from core.publication import Overlay


def laid(base: Mapping[str, Entry], overlay: Overlay) -> dict[str, Entry]:
    """The base with the overlay on it: files keep their mode, new ones are plain."""
    kept = {path: entry for path, entry in base.items() if path not in overlay.deletes}
    written = {
        path: Entry(base[path].mode if path in base else FILE_MODE, blob) for path, blob in overlay.writes.items()
    }
    return kept | written


def not_plain(base: Mapping[str, Entry], paths: Iterable[str]) -> set[str]:
    """Those of the paths where the base has a link or a submodule, which text cannot be written to."""
    return {path for path in paths if path in base and base[path].mode not in FILE_MODES}


def listed_id(entries: Iterable[tuple[str, str, str]]) -> str:
    """Id of the tree of which these are all direct entries: (name, octal mode, id), folders too."""
    return tree_id({name: Entry(mode.lstrip("0"), object_id) for name, mode, object_id in entries})
