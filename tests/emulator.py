"""Google's Firestore emulator as a process, and clients of it."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from memory.firestore.client import Client

PROJECT = "demo-autonomy"
MAIN = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
QUICK = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Duser.language=en")
START_S = 60.0


@dataclass
class Emulator:
    """Holds its documents in memory: they are gone with the process."""

    command: list[str]
    port: int
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [*self.command, "--host", "127.0.0.1", "--port", str(self.port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + START_S
        while not self._answers():
            assert self.process.poll() is None, f"the emulator ended with {self.process.returncode}"
            assert time.monotonic() < until, "the emulator does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        """The process and whatever it started, without a chance to do anything more."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.host}/", timeout=5) as answer:
                return bool(answer.read().strip() == b"Ok")
        except OSError:
            return False


def running_emulator() -> Iterator[Emulator]:
    """Skips where Java or the emulator of Google's SDK is missing."""
    java, gcloud = shutil.which("java"), shutil.which("gcloud")
    if not java:
        pytest.skip("missing: java, which the Firestore emulator runs on")
    sdk = Path(gcloud).resolve().parent.parent if gcloud else Path("/nowhere")
    jar = sdk / "platform" / "cloud-firestore-emulator" / "cloud-firestore-emulator.jar"
    if not jar.exists():
        pytest.skip("missing: the Firestore emulator of the Google Cloud SDK")
    setpriv = shutil.which("setpriv")
    ending = [setpriv, "--pdeathsig", "KILL"] if setpriv else []  # with tests that are killed and clean nothing up
    emulator = Emulator([*ending, java, *QUICK, "-cp", str(jar), MAIN], free_port())
    emulator.start()
    try:
        yield emulator
    finally:
        emulator.kill()


@pytest.fixture(scope="session")
def firestore() -> Iterator[Emulator]:
    """One for all tests of a session, which keep to collections of their own."""
    yield from running_emulator()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def connecting(host: str) -> "Callable[[], Client]":
    """Makes clients of what listens there, whatever the environment says."""
    from google.auth.credentials import AnonymousCredentials

    from memory.firestore.client import Client  # here, so that only tests of Firestore load it

    def connect() -> Client:
        client = Client(project=PROJECT, credentials=AnonymousCredentials())
        client._emulator_host = host  # what it would have read from FIRESTORE_EMULATOR_HOST
        return client

    return connect
