"""The Python half of a generated application, as pure functions of its plan: the same plan gives the same bytes."""

from llm.offline.python_app.backend import backend_files
from llm.offline.python_app.database import database_files
from llm.offline.python_app.qa import backend_tests

__all__ = ["backend_files", "backend_tests", "database_files"]
