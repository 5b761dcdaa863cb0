"""Tests against real services, for people with credentials: `pytest -m live`. They cost a little money."""
