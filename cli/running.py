"""How a command ends: an expected failure is one sentence, a bug one sentence and a file, Ctrl-C and SIGTERM an end in order."""

import asyncio
import contextlib
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

import typer

from cli.errors import CommandFailed, ExitCode, exit_code
from cli.screens import plain
from client.errors import ServiceError
from core.errors import AutonomyError


def run(command: Callable[[], Coroutine[Any, Any, ExitCode | None]]) -> None:
    """Run to the end; an expected failure is one sentence on stderr, a bug one sentence and a file."""
    try:
        code = asyncio.run(_until_told(command()))
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except CommandFailed as failed:
        code = failed.code
        _complain(str(failed))
    except (AutonomyError, ServiceError) as error:
        code = exit_code(error)
        _complain(str(error))
    except Exception as error:
        code = ExitCode.FAILED
        said = " ".join(str(error).split())
        _complain(f"this is a bug of autonomy: {type(error).__name__}: {said} (details in {_write_details()})")
    raise typer.Exit(code or ExitCode.COMPLETED)


async def _until_told(command: Coroutine[Any, Any, ExitCode | None]) -> ExitCode | None:
    """SIGTERM ends the command as Ctrl-C does: in order."""
    this = asyncio.current_task()
    assert this is not None, "runs as a task"
    with contextlib.suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    try:
        return await command
    except asyncio.CancelledError:
        return ExitCode.INTERRUPTED


def _complain(sentence: str) -> None:
    if sentence:
        sys.stderr.write(f"autonomy: {plain(sentence.strip())}\n")


def _write_details() -> str:
    with tempfile.NamedTemporaryFile("w", prefix="autonomy-", suffix=".log", delete=False) as file:
        traceback.print_exc(file=file)
    return file.name
