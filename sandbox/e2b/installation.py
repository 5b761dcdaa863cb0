"""The name by which the machines of this installation are known among all of an account."""

import uuid
from pathlib import Path

_FILE = "installation"


def installation_id(folder: Path) -> str:
    """The name that `folder` holds, made on first use; the folder belongs to one process. Blocking."""
    file = folder / _FILE
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{_FILE}.partial"
        partial.write_text(uuid.uuid4().hex)
        partial.replace(file)
    return file.read_text().strip()
