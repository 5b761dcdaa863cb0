"""Puts ports and adapters together. The only place, beside config.py's settings, that knows both."""

from wiring.adapters import make_sandbox
from wiring.application import Application, open_application
from wiring.code_hosts import make_code_host
from wiring.model_setup import describe_models
from wiring.stores import SystemClock, has_keys

__all__ = [
    "Application",
    "SystemClock",
    "describe_models",
    "has_keys",
    "make_code_host",
    "make_sandbox",
    "open_application",
]
