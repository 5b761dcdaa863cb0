"""Which backend is used, decided from plain values. Nothing less safe is ever taken silently."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.ports import SandboxProvider
from sandbox.bwrap import LocalSandboxProvider
from sandbox.demos import Shown
from sandbox.probing import ELSEWHERE, INSTALL
from sandbox.refusing import RefusingProvider
from sandbox.toolchain import Toolchains
from sandbox.unsafe import OPT_IN, UnsafeSubprocessProvider

Backend = Literal["auto", "bwrap", "unsafe-subprocess", "e2b"]


@dataclass(frozen=True)
class Choice:
    """`backend` is what to use; `refuse` comes with the reason and what to do about it. `bwrap` is the program, if found."""

    backend: Literal["bwrap", "unsafe-subprocess", "e2b", "refuse"]
    reason: str = ""
    fix: str = ""
    bwrap: Path | None = None


def find_bwrap(folders: Sequence[Path]) -> Path | None:
    """The first bwrap program in `folders`, None when there is none."""
    found = shutil.which("bwrap", path=":".join(map(str, folders)))
    return Path(found) if found else None


def choose(
    backend: Backend,
    *,
    bwrap: Path | None,
    opt_in: str = "",
    uid: int,
    only_loopback: bool = True,
    system: str = "linux",
    e2b_key: bool = False,
) -> Choice:
    """The backend for what was asked.

    `opt_in` is the value of SANDBOX_ALLOW_UNSANDBOXED; `only_loopback` says that the API cannot be reached from elsewhere;
    `e2b_key` that there is a key for E2B, which `auto` takes for the wish to use it.
    """
    if backend == "e2b" and not e2b_key:
        return _refuse("E2B needs a key", "Set E2B_API_KEY as well, or SANDBOX_BACKEND=bwrap to run on this machine")
    if backend == "e2b" or (backend == "auto" and e2b_key):
        return Choice("e2b")
    if backend == "unsafe-subprocess":
        return _unsafe(opt_in, uid, only_loopback)
    if system != "linux":
        return _refuse(f"the local sandbox needs Linux, this is {system}", f"{ELSEWHERE}, or E2B: set E2B_API_KEY")
    if bwrap is None:
        return _refuse("bubblewrap is missing", INSTALL)
    return Choice("bwrap", bwrap=bwrap)


def build(
    choice: Choice,
    *,
    toolchains: Toolchains,
    state_dir: Path,
    max_parallel: int | None = None,
    max_demos: int = 5,
    shown: Shown | None = None,
    e2b: Callable[[], SandboxProvider] | None = None,
) -> SandboxProvider:
    """The provider of `choice`; one that refuses to run anything, with the reason, when nothing else is right.

    `e2b` makes the one of E2B, whose library is loaded for nobody else.
    """
    if choice.backend == "e2b" and e2b:
        return e2b()
    if choice.backend == "bwrap" and choice.bwrap:
        return LocalSandboxProvider(
            bwrap=choice.bwrap,
            toolchains=toolchains,
            state_dir=state_dir,
            max_parallel=max_parallel,
            max_demos=max_demos,
            shown=shown,
        )
    if choice.backend == "unsafe-subprocess":
        return UnsafeSubprocessProvider(
            opt_in=OPT_IN, toolchains=toolchains, state_dir=state_dir, max_parallel=max_parallel, max_demos=max_demos
        )
    return RefusingProvider(choice.reason, choice.fix)


def _unsafe(opt_in: str, uid: int, only_loopback: bool) -> Choice:
    if opt_in != OPT_IN:
        return _refuse(
            "unsafe-subprocess runs generated code with all your rights and was not allowed",
            f"Set SANDBOX_ALLOW_UNSANDBOXED={OPT_IN} as well, or SANDBOX_BACKEND=auto",
        )
    if uid == 0:
        return _refuse("generated code is never run unisolated as root", "Start the service as an ordinary user")
    if not only_loopback:
        return _refuse(
            "generated code is never run unisolated while the API can be reached from other machines",
            "Bind the API to 127.0.0.1, or use an isolating backend",
        )
    return Choice("unsafe-subprocess")


def _refuse(reason: str, fix: str) -> Choice:
    return Choice("refuse", reason, fix)
