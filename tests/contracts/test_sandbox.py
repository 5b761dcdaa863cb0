"""What every sandbox does, whatever isolates it: the local one, the unisolated one where permitted, E2B's counterpart."""

import asyncio
import os
import random
import socket
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from core.errors import InvalidInput, PathRefused, SandboxError, TooManyTasks
from core.ports import Sandbox, SandboxProvider
from core.sandboxes import Limits, RunReason
from observability.counters import ProcessCounters
from observability.sandbox_runs import WatchedSandboxProvider
from sandbox.bwrap import LocalSandboxProvider
from sandbox.choice import find_bwrap
from sandbox.toolchain import Toolchains
from sandbox.unsafe import OPT_IN, UnsafeSubprocessProvider
from tests.stopwatch import stopwatch
from tests.wire.e2b.driving import provider_of
from tests.wire.e2b.server import running

pytestmark = pytest.mark.sandbox
NOTHING = Toolchains(None, None, None)
ALONE = f"600.{os.getpid()}"
"""Seconds to sleep, by which a command of this test process is known from those of another one."""


def local(state_dir: Path, stack: ExitStack) -> SandboxProvider:
    bwrap = find_bwrap([Path("/usr/bin"), Path("/usr/local/bin")])
    if bwrap is None:
        pytest.skip("missing: bubblewrap (apt-get install bubblewrap)")
    return LocalSandboxProvider(bwrap=bwrap, toolchains=NOTHING, state_dir=state_dir, max_parallel=2, max_demos=1)


def watched(state_dir: Path, stack: ExitStack) -> SandboxProvider:
    return WatchedSandboxProvider(local(state_dir, stack), [ProcessCounters().time_run])


def unisolated(state_dir: Path, stack: ExitStack) -> SandboxProvider:
    """`uid` is a lie when the tests run as root: what it does then is tested on harmless commands only."""
    uid = os.geteuid() or 1000
    return UnsafeSubprocessProvider(
        opt_in=OPT_IN, toolchains=NOTHING, state_dir=state_dir, max_parallel=2, max_demos=1, uid=uid
    )


def remote(state_dir: Path, stack: ExitStack) -> SandboxProvider:
    """Its machines are folders of this one: a box there needs what a box here needs."""
    counterpart = stack.enter_context(running(state_dir / "machines"))
    return provider_of(counterpart, max_parallel=2, max_demos=1)


@pytest.fixture(params=[local, unisolated, watched, remote], ids=["bwrap", "unsafe", "watched", "e2b"])
async def provider(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SandboxProvider]:
    with ExitStack() as stack:
        made: SandboxProvider = request.param(tmp_path, stack)
        probe = await made.probe()
        if not probe.ok:
            pytest.skip(f"missing: bubblewrap that works here: {probe.reason}")
        yield made
        await made.close()


@pytest.fixture
async def sandbox(provider: SandboxProvider) -> Sandbox:
    return await provider.open("task", "none", {"hello.txt": "hello\n", "deep/er.bin": b"\x00\xff"})


@pytest.fixture
def port() -> int:
    """A port that is free on this machine: the unisolated sandbox has no other network."""
    while True:
        number = random.SystemRandom().randrange(10_000, 32_000)  # below those that connections of others are given
        with suppress(OSError), socket.create_server(("127.0.0.1", number)):
            return number


def server(port: int) -> list[str]:
    return ["/usr/bin/python3", "-m", "http.server", str(port), "--bind", "127.0.0.1"]


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


async def test_a_probe_says_what_is_enforced(provider: SandboxProvider) -> None:
    probe = await provider.probe()
    assert probe.ok
    assert probe.isolation
    assert probe.enforced


async def test_the_files_are_there_and_the_output_comes_back(sandbox: Sandbox) -> None:
    result = await sandbox.run(shell("cat hello.txt; od -An -tx1 deep/er.bin; echo oops >&2"))
    assert result.ok
    assert (result.exit_code, result.reason, result.truncated) == (0, RunReason.OK, False)
    assert result.output == "hello\n 00 ff\noops\n"
    assert 0 < result.seconds < 30


async def test_an_exit_code_is_told(sandbox: Sandbox) -> None:
    result = await sandbox.run(shell("exit 7"))
    assert (result.exit_code, result.reason, result.ok) == (7, RunReason.EXIT, False)


async def test_a_death_by_signal_is_told_as_shells_do(sandbox: Sandbox) -> None:
    result = await sandbox.run(shell("kill -SEGV $$"))
    assert (result.exit_code, result.reason) == (139, RunReason.EXIT)


async def test_a_missing_program_is_an_exit(sandbox: Sandbox) -> None:
    assert (await sandbox.run(["no-such-program"])).exit_code == 127


async def test_named_outputs_persist_and_nothing_else_does(sandbox: Sandbox) -> None:
    first = await sandbox.run(
        shell("mkdir r; echo 1 > r/a.xml; echo 2 > r/b.xml; echo 3 > kept; echo 4 > lost; echo 5 > hello.txt"),
        outputs=["r/*.xml", "kept", "missing"],
    )
    assert dict(first.files) == {"r/a.xml": b"1\n", "r/b.xml": b"2\n", "kept": b"3\n"}
    second = await sandbox.run(shell("cat r/a.xml kept hello.txt; ls"))
    assert second.output == "1\n3\nhello\ndeep\nhello.txt\nkept\nr\n"
    assert await sandbox.read(["kept", "lost", "deep/er.bin"]) == {"kept": b"3\n", "deep/er.bin": b"\x00\xff"}


async def test_a_folder_stands_for_all_in_it(sandbox: Sandbox) -> None:
    result = await sandbox.run(shell("mkdir -p out/sub; echo a > out/a; echo b > out/sub/b"), outputs=["out"])
    assert dict(result.files) == {"out/a": b"a\n", "out/sub/b": b"b\n"}


async def test_outputs_of_a_failed_command_come_back_too(sandbox: Sandbox) -> None:
    result = await sandbox.run(shell("echo report > report; exit 1"), outputs=["report"])
    assert (result.exit_code, dict(result.files)) == (1, {"report": b"report\n"})


async def test_links_and_large_files_are_refused_as_outputs(sandbox: Sandbox) -> None:
    script = "ln -s /etc/passwd link; mkfifo pipe; head -c 5000000 /dev/zero > large; echo good > good"
    result = await sandbox.run(shell(script), outputs=["link", "pipe", "large", "good"])
    assert dict(result.files) == {"good": b"good\n"}


async def test_later_files_replace_earlier_ones(sandbox: Sandbox) -> None:
    await sandbox.write({"hello.txt": "other\n", "new.txt": "new\n"})
    assert (await sandbox.run(shell("cat hello.txt new.txt"))).output == "other\nnew\n"


@pytest.mark.parametrize("path", ["/etc/passwd", "../up", "a/../../b", "", ".git/hooks/x", "frontend/node_modules/x"])
async def test_paths_that_lead_out_are_refused_and_nothing_is_written(sandbox: Sandbox, path: str) -> None:
    with pytest.raises(PathRefused):
        await sandbox.write({"fine.txt": "x", path: "x"})
    assert await sandbox.read(["fine.txt"]) == {}


async def test_only_named_variables_are_set(sandbox: Sandbox) -> None:
    result = await sandbox.run(["/usr/bin/env"], env={"GREETING": "hello there"})
    names = {line.partition("=")[0] for line in result.output.splitlines()}
    assert "GREETING=hello there\n" in result.output
    assert names <= {
        "GREETING",
        "PATH",
        "HOME",
        "TMPDIR",
        "LANG",
        "PYTHONDONTWRITEBYTECODE",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "_",
    }


@pytest.mark.parametrize(
    ("argv", "settings"),
    [
        ([], {}),
        ([""], {}),
        (["A=b"], {}),
        (["a\0b"], {}),
        (["true"], {"env": {"a-b": "x"}}),
        (["true"], {"env": {"A": "\0"}}),
        (["true"], {"outputs": ["/etc/passwd"]}),
        (["true"], {"outputs": ["../x"]}),
        (["true"], {"outputs": ["a\nb"]}),
    ],
)
async def test_what_cannot_be_meant_is_refused(sandbox: Sandbox, argv: list[str], settings: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        await sandbox.run(argv, **settings)  # type: ignore[arg-type]  # parametrised


async def test_the_clock_ends_a_run(sandbox: Sandbox) -> None:
    with stopwatch() as spent:
        result = await sandbox.run(["sleep", "30"], limits=Limits(wall_s=0.5))
        assert spent() < 5
    assert result.reason is RunReason.TIMEOUT
    assert result.exit_code != 0


async def test_output_is_bounded(sandbox: Sandbox) -> None:
    result = await sandbox.run(
        shell("echo FIRST; head -c 300000 /dev/zero | tr '\\0' x; echo LAST"), limits=Limits(output=1000)
    )
    assert result.truncated
    assert len(result.output) < 1100
    assert result.output.startswith("FIRST")
    assert result.output.endswith("LAST\n")


async def test_runs_go_on_side_by_side_but_not_more_than_allowed(sandbox: Sandbox) -> None:
    results = await asyncio.gather(*(sandbox.run(shell("date +%s.%N; sleep 0.3; date +%s.%N")) for _ in range(4)))
    spans = [tuple(map(float, result.output.split())) for result in results]
    most = max(sum(begin <= moment < end for begin, end in spans) for moment, _ in spans)
    assert most <= 2
    runs = [asyncio.create_task(sandbox.run(["sleep", ALONE])) for _ in range(4)]
    for pair in (runs[:2], runs[2:]):
        await _until_running(2)
        await asyncio.sleep(0.3)
        assert len(await asyncio.to_thread(_running, ALONE)) == 2
        for run in pair:
            run.cancel()
        await asyncio.gather(*pair, return_exceptions=True)


async def test_a_cancelled_run_is_over(sandbox: Sandbox) -> None:
    run = asyncio.create_task(sandbox.run(["sleep", ALONE]))
    await _until_running(1)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not await asyncio.to_thread(_running, ALONE)


async def test_closing_the_provider_ends_what_runs(provider: SandboxProvider, sandbox: Sandbox) -> None:
    run = asyncio.create_task(sandbox.run(["sleep", ALONE]))
    await _until_running(1)
    await provider.close()
    with pytest.raises((SandboxError, asyncio.CancelledError)):
        await run
    assert not await asyncio.to_thread(_running, ALONE)


async def test_a_closed_sandbox_runs_nothing(sandbox: Sandbox) -> None:
    await sandbox.close()
    with pytest.raises(SandboxError):
        await sandbox.run(["true"])


async def test_a_demo_is_served_until_its_sandbox_is_closed(sandbox: Sandbox, port: int) -> None:
    demo = await sandbox.serve(server(port), port=port, ttl_s=60)
    assert demo.url.startswith("http://127.0.0.1:")
    assert 0 < demo.expires_at - time.time() <= 60
    assert await asyncio.to_thread(_get, f"{demo.url}/hello.txt") == b"hello\n"
    await sandbox.close()
    with pytest.raises(OSError, match=r"refused|reset"):
        await asyncio.to_thread(_get, demo.url)


async def test_a_demo_ends_when_its_time_is_over(sandbox: Sandbox, port: int) -> None:
    demo = await sandbox.serve(server(port), port=port, ttl_s=8)  # which is also what it has to begin
    async with asyncio.timeout(60):
        while await asyncio.to_thread(_is_listened_to, demo.url):  # noqa: ASYNC110  # another process
            await asyncio.sleep(0.02)
    with pytest.raises(OSError, match=r"refused|reset"):
        await asyncio.to_thread(_get, demo.url)


async def test_no_more_demos_than_allowed(provider: SandboxProvider, sandbox: Sandbox, port: int) -> None:
    await sandbox.serve(server(port), port=port, ttl_s=60)
    other = await provider.open("other", "none", {})
    with pytest.raises(TooManyTasks) as error:
        await other.serve(server(port), port=port, ttl_s=60)
    assert error.value.fields["retry_after_s"]
    await sandbox.close()
    await other.serve(server(port), port=port, ttl_s=60)


async def test_a_server_that_ends_is_an_error_with_its_words(sandbox: Sandbox, port: int) -> None:
    with pytest.raises(SandboxError, match="no such module"):
        await sandbox.serve(shell("echo no such module; exit 3"), port=port)


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as response:
        content: bytes = response.read()
        return content


def _is_listened_to(url: str) -> bool:
    host, port = url.removeprefix("http://").split(":")
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except OSError:
        return False
    return True


async def _until_running(number: int) -> None:
    async with asyncio.timeout(120):
        while len(await asyncio.to_thread(_running, ALONE)) < number:  # noqa: ASYNC110  # other processes
            await asyncio.sleep(0.02)


def _running(part: str) -> list[str]:
    """Processes named `sleep` on this machine with `part` in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if command[:1] == [b"sleep"] and part.encode() in command:
            found.append(entry.name)
    return found
