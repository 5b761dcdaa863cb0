"""The Python half of a generated application, as pure functions of its plan: the same plan gives the same bytes."""

from llm.offline.python_app.backend import backend_files
from llm.offline.python_app.database import database_files

__all__ = ["backend_files", "database_files"]
