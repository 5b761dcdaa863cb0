"""The dashboard: a React application whose build, `dist`, is served at /ui. Python only knows where that is."""

from pathlib import Path


def dist() -> Path:
    """The folder of the built application: of this checkout, or of the installed package. It may be missing."""
    return Path(__file__).resolve().parent / "dist"
