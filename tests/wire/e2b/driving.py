"""Makes the adapter that speaks with the counterpart."""

from typing import Any

from core.ports import Clock
from sandbox.e2b.cloud import Account
from sandbox.e2b.machine import Machine
from sandbox.e2b.provider import E2BSandboxProvider, Options
from tests.wire.e2b.server import TEMPLATE, Counterpart
from wiring import SystemClock

INSTALLATION = "this-installation"


def account_of(counterpart: Counterpart, **changes: Any) -> Account:
    values = {"api_key": counterpart.key, "api_url": counterpart.url, "sandbox_url": counterpart.url}
    return Account(**{**values, "request_timeout_s": 10.0, **changes})


def provider_of(
    counterpart: Counterpart, *, account: Account | None = None, clock: Clock | None = None, **options: Any
) -> E2BSandboxProvider:
    """It demands no toolchain, and shows demos where the counterpart's machines have them: on this machine."""
    values = {"template": TEMPLATE, "installation": INSTALLATION, "needs": (), "claim_s": 60.0, **options}
    return E2BSandboxProvider(
        account or account_of(counterpart), Options(**values), clock or SystemClock(), url=local_url
    )


def local_url(machine: Machine, port: int) -> str:
    return f"http://127.0.0.1:{port}"
