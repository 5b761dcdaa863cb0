"""Puts ports and adapters together. The only place, beside config.py's settings, that knows both."""

from wiring.adapters import make_code_host, make_sandbox
from wiring.application import Application, open_application
from wiring.stores import SystemClock

__all__ = ["Application", "SystemClock", "make_code_host", "make_sandbox", "open_application"]
