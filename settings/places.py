"""Where the service keeps what it stores when nothing is said about that."""

from pathlib import Path


def default_data_dir(project: Path) -> Path:
    """Beside the code of a checkout; an installed package must not write among other packages."""
    checkout = (project / "pyproject.toml").is_file()
    return project / "data" if checkout else Path.home() / ".local" / "share" / "autonomy"
