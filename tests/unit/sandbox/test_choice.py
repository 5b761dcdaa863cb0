"""Which backend is used: nothing less safe than what was asked for, ever."""

import os
from pathlib import Path

import pytest

from core.errors import Refused
from sandbox.bwrap import LocalSandboxProvider
from sandbox.choice import Choice, build, choose, find_bwrap
from sandbox.refusing import RefusingProvider
from sandbox.toolchain import Toolchains
from sandbox.unsafe import OPT_IN, UnsafeSubprocessProvider

BWRAP = Path("/usr/bin/bwrap")
NOTHING = Toolchains(None, None, None)


def test_bubblewrap_is_used_when_it_is_there() -> None:
    assert choose("auto", bwrap=BWRAP, uid=1000) == Choice("bwrap", bwrap=BWRAP)
    assert choose("bwrap", bwrap=BWRAP, uid=0) == Choice("bwrap", bwrap=BWRAP)


@pytest.mark.parametrize("backend", ["auto", "bwrap"])
def test_without_bubblewrap_everything_is_refused(backend: str) -> None:
    choice = choose(backend, bwrap=None, opt_in=OPT_IN, uid=1000)  # type: ignore[arg-type]  # parametrised
    assert choice.backend == "refuse"
    assert "apt-get install bubblewrap" in choice.fix


def test_other_systems_are_refused() -> None:
    choice = choose("auto", bwrap=BWRAP, uid=1000, system="darwin")
    assert choice.backend == "refuse"
    assert "darwin" in choice.reason


def test_the_unsafe_way_needs_both_words() -> None:
    assert choose("unsafe-subprocess", bwrap=BWRAP, opt_in=OPT_IN, uid=1000).backend == "unsafe-subprocess"
    for other in ("", "yes", "true", "1", OPT_IN.upper()):
        refused = choose("unsafe-subprocess", bwrap=BWRAP, opt_in=other, uid=1000)
        assert refused.backend == "refuse"
        assert OPT_IN in refused.fix


def test_the_opt_in_alone_chooses_nothing_unsafe() -> None:
    assert choose("auto", bwrap=BWRAP, opt_in=OPT_IN, uid=1000).backend == "bwrap"


def test_the_unsafe_way_is_refused_to_root_and_to_servers_others_can_reach() -> None:
    assert choose("unsafe-subprocess", bwrap=None, opt_in=OPT_IN, uid=0).backend == "refuse"
    assert choose("unsafe-subprocess", bwrap=None, opt_in=OPT_IN, uid=1000, only_loopback=False).backend == "refuse"


def test_e2b_is_used_when_it_is_asked_for_or_a_key_is_there() -> None:
    assert choose("e2b", bwrap=None, uid=0, e2b_key=True, system="darwin") == Choice("e2b")
    assert choose("auto", bwrap=BWRAP, uid=1000, e2b_key=True) == Choice("e2b")
    assert choose("bwrap", bwrap=BWRAP, uid=1000, e2b_key=True).backend == "bwrap", "what is named is taken"


def test_e2b_without_a_key_is_refused_in_a_clear_sentence() -> None:
    choice = choose("e2b", bwrap=BWRAP, uid=1000)
    assert choice.backend == "refuse"
    assert "E2B_API_KEY" in choice.fix


def test_elsewhere_e2b_is_offered() -> None:
    assert "E2B_API_KEY" in choose("auto", bwrap=None, uid=1000, system="darwin").fix


def test_the_first_program_found_is_taken(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir()
    (private / "bwrap").write_text("#!/bin/sh\n")
    assert find_bwrap([private]) is None, "it cannot be executed"
    (private / "bwrap").chmod(0o755)
    assert find_bwrap([tmp_path, private]) == private / "bwrap"


def test_each_choice_has_its_provider(tmp_path: Path) -> None:
    assert isinstance(build(Choice("bwrap", bwrap=BWRAP), toolchains=NOTHING, state_dir=tmp_path), LocalSandboxProvider)
    unsafe = build(Choice("unsafe-subprocess"), toolchains=NOTHING, state_dir=tmp_path)
    assert isinstance(unsafe, UnsafeSubprocessProvider)
    assert isinstance(build(Choice("refuse", "why", "how"), toolchains=NOTHING, state_dir=tmp_path), RefusingProvider)
    made = RefusingProvider("stands for it", "")
    assert build(Choice("e2b"), toolchains=NOTHING, state_dir=tmp_path, e2b=lambda: made) is made
    assert isinstance(build(Choice("e2b"), toolchains=NOTHING, state_dir=tmp_path), RefusingProvider), (
        "nobody can make it"
    )


async def test_a_refusing_provider_says_why_and_how() -> None:
    provider = RefusingProvider("bubblewrap is missing", "Install it")
    probe = await provider.probe()
    assert (probe.ok, probe.reason, probe.fix) == (False, "bubblewrap is missing", "Install it")
    with pytest.raises(Refused, match=r"bubblewrap is missing. Install it"):
        await provider.open("t", "none", {})
    await provider.close()


@pytest.mark.parametrize(
    ("opt_in", "uid", "word"), [("", 1000, "not allowed"), ("yes", 1000, "not allowed"), (OPT_IN, 0, "root")]
)
async def test_the_unsafe_provider_refuses_by_itself_too(tmp_path: Path, opt_in: str, uid: int, word: str) -> None:
    provider = UnsafeSubprocessProvider(opt_in=opt_in, toolchains=NOTHING, state_dir=tmp_path, uid=uid)
    probe = await provider.probe()
    assert (probe.ok, probe.isolation) == (False, "none")
    with pytest.raises(Refused, match=word):
        await provider.open("t", "none", {})
    assert not os.listdir(tmp_path)
