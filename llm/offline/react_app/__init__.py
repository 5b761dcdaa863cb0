"""The frontend of a generated application, and its tests: React, TypeScript, Vite, Vitest and Playwright, from a plan."""

from llm.offline.react_app.browser import browser_tests
from llm.offline.react_app.frontend import frontend_files, frontend_tests

__all__ = ["browser_tests", "frontend_files", "frontend_tests"]
