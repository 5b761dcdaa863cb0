"""Where the commands meet the service: the server that holds the data directory, or one inside this process.

The only module of cli/ that knows wiring; it is imported by it when a command really needs it, because it is heavy.
"""

import asyncio
import gc
import logging
import os
import platform
import pwd
import re
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from cli.client import RETRIES, Client
from cli.doctor import Machine
from cli.errors import CommandFailed, ExitCode
from client.connecting import UNIX
from client.errors import ServiceError
from config import Settings, model_setting
from core.errors import AutonomyError, InvalidInput, NotFound, Refused
from core.types import AgentName
from dashboard import dist
from engine.data_lock import DataLock, read_owner
from llm import mailbox

if TYPE_CHECKING:
    from wiring.evaluating import Evaluations

STARTING_S = 20.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


def load_settings(**changes: object) -> Settings:
    """Settings of the environment and `.env`, with `changes` on top. A wrong value ends the command with a sentence."""
    given = {name: value for name, value in changes.items() if value is not None}
    try:
        return Settings.model_validate(given) if not given else Settings(**given)  # type: ignore[arg-type]  # names are checked by pydantic
    except ValidationError as error:
        first = error.errors()[0]
        setting, *inside = (str(part) for part in first["loc"] or ("settings",))
        said = first["msg"].removeprefix("Value error, ")
        raise CommandFailed(ExitCode.USAGE, f"{'.'.join([setting.upper(), *inside])}: {said}") from error


def model_changes(model: str | None) -> dict[str, str]:
    """Settings that give every agent this model."""
    return {} if model is None else dict.fromkeys(map(model_setting, AgentName), model)


def holder_url(settings: Settings) -> str | None:
    """Where the process that holds the data directory listens; None when nobody holds it."""
    owner = read_owner(settings.data_dir)
    if owner is None:
        return None
    url = owner.get("url")
    if not isinstance(url, str) or not url:
        raise Refused(
            f"process {owner.get('pid', 'unknown')} holds {settings.data_dir} and cannot be reached: "
            "wait for its end, or give --server URL"
        )
    return url


@dataclass(frozen=True)
class Target:
    """Which service a command is for: the one at `server`, else the one of the settings' data directory.

    `own_model` is a model that was asked for by name, which only a service inside this process can be given. `via` is
    what answers and cancels are recorded as.
    """

    settings: Settings
    server: str | None = None
    own_model: str | None = None
    via: str = "cli"


@asynccontextmanager
async def reach(target: Target, *, work: bool = True) -> AsyncIterator[Client]:
    """A client of the server that is named, of the one that holds the data directory, or of one inside this process.

    Without `work` a server inside this process goes on with no task. Raises Refused, InvalidInput, ServiceError.
    """
    settings, server = target.settings, target.server
    url = server or holder_url(settings)
    if url is None:
        async with _inside(target, work) as client:
            yield client
        return
    if target.own_model is not None:
        raise Refused(f"--model cannot change the models of the server at {url}: set MODEL_* where it is started")
    async with _client(target, url, trust_env=server is not None) as client:
        if server is None:
            await _wait_until_up(client)
        yield client


@contextmanager
def heavy_imports() -> Iterator[None]:
    """What imports make stays; looking through it for garbage, now and in every later collection, costs a quarter second.

    LangSmith, which comes with LangChain, loads OpenTelemetry's SDK for the sake of a type where it is installed. It goes
    without; whoever wants spans loads it afterwards.
    """
    usual, sdk = gc.get_threshold(), "opentelemetry.sdk"
    gc.set_threshold(10_000, 1_000, 1_000)
    sys.modules.setdefault(sdk, None)  # type: ignore[arg-type]  # None is what refuses an import
    try:
        yield
    finally:
        if sys.modules[sdk] is None:
            del sys.modules[sdk]
        gc.freeze()
        gc.set_threshold(*usual)


def own_version() -> str:
    """Of this package, where it is installed."""
    try:
        return version("autonomy")
    except PackageNotFoundError:
        return "(not installed)"


def caller_name(uid: int) -> str:
    """Who the service is told is calling: the login name of `uid` in the password database, as far as a header may have it."""
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = ""
    return re.sub(r"[^A-Za-z0-9._@-]", "-", name)[:64] or f"uid-{uid}"


def _client(target: Target, url: str, *, name: str = "", trust_env: bool) -> Client:
    """Raises InvalidInput."""
    if not url.startswith(("http://", "https://", UNIX)):
        raise InvalidInput(f"--server must be an http:// or https:// address, not {url!r}", field="server")
    return Client(
        url,
        api_key=target.settings.api_key,
        caller=caller_name(os.getuid()),
        via=target.via,
        name=name,
        retries=RETRIES,
        trust_env=trust_env,
    )


async def _wait_until_up(client: Client) -> None:
    """The process that holds the data directory may just be starting."""
    for _ in range(round(STARTING_S / 0.2)):
        try:
            await client.health()
            return
        except ServiceError as problem:
            if problem.status:
                raise
        await asyncio.sleep(0.2)
    await client.health()


@asynccontextmanager
async def _inside(target: Target, work: bool) -> AsyncIterator[Client]:
    """The whole service in this process, on a socket in a folder that only this user can enter."""
    with heavy_imports():
        from api.app import create_app
        from cli.server import serving
        from main import log_to
        from wiring import open_application

    settings = target.settings
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    log_file = settings.data_dir / "autonomy.log"  # a file, because the terminal belongs to the command
    log_to(RotatingFileHandler(log_file, maxBytes=5 << 20, backupCount=1, delay=True), settings)
    folder = Path(tempfile.mkdtemp(prefix="autonomy-"))
    try:
        path = folder / "api.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            async with open_application(settings, url=f"{UNIX}{path}", work=work) as application:
                # A socket in a folder of this user alone: who can reach it can read the data directory, too.
                served = replace(application.api, gate=replace(application.api.gate, everybody=True))
                app = create_app(lambda: nullcontext(served))
                async with (
                    serving(app, listener, application.api.closing),
                    _client(target, f"{UNIX}{path}", name="this process", trust_env=False) as client,
                ):
                    client.inside = True
                    yield client
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def serve(settings: Settings, *, insecure: bool) -> None:
    """Serve the API until SIGINT or SIGTERM. Raises Refused when it would be open to others, or has no place to be."""
    with heavy_imports():
        from api.app import create_app
        from cli.server import serving
        from main import log_to
        from wiring import has_keys, open_application

    if not (settings.only_loopback or settings.api_key or insecure or has_keys(settings)):
        raise Refused(
            f"{settings.api_host} can be reached from other machines and API_KEY is not set: set API_KEY, make keys "
            "with names (`autonomy keys`), listen on 127.0.0.1, or give --insecure to serve everybody who can reach this machine"
        )
    log_to(logging.StreamHandler(sys.stderr), settings)
    DataLock.acquire(settings.data_dir, {}).release()  # before the port, so that a second server names the first
    with listen(settings.api_host, settings.api_port) as listener:
        url = url_of(listener)
        async with open_application(settings, url=url) as application:
            app = create_app(
                lambda: nullcontext(application.api),
                cors_origins=settings.cors_origins,
                local_only=settings.only_loopback,
                dashboard=dist(),
            )
            with stop_signals() as stop:
                async with serving(app, listener, application.api.closing) as server:
                    print(ready_line(settings, url), flush=True)  # noqa: T201  # the one line of this command
                    await asyncio.wait({server, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)


def ready_line(settings: Settings, url: str) -> str:
    """What `autonomy serve` says when it answers: where, and who thinks."""
    models = sorted(set(settings.models().values()))
    who = f"models: {', '.join(models)}"
    if all(model.startswith("offline/") for model in models):
        why = "AUTONOMY_OFFLINE is set" if settings.autonomy_offline else "no provider key is set"
        who = f"{why}, so the offline model {', '.join(models)} answers: rules in this process, not a language model"
    return f"Autonomy is ready on {url} (dashboard at {url}/ui/, documentation at {url}/docs); {who}"


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, so that the port is known before anything starts. Raises Refused."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise Refused(
            f"{host} port {port} cannot be listened on: {error.strerror}; choose another by --port"
        ) from error
    return listener


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104  # compared, not bound
    return f"http://{shown}:{port}"


@contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """An event that SIGINT and SIGTERM set; a second one of them ends the process at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def ask(number: int) -> None:
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask, number)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


@asynccontextmanager
async def evaluating(settings: Settings, *, parallel: int) -> AsyncIterator["Evaluations"]:
    """What evaluations drive: applications in folders of their own, beside a service that may hold the data directory."""
    with heavy_imports():
        from main import log_to
        from wiring.evaluating import open_evaluations

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    log_file = settings.data_dir / "evals.log"
    log_to(RotatingFileHandler(log_file, maxBytes=5 << 20, backupCount=1, delay=True), settings)
    async with open_evaluations(settings, parallel=parallel) as evaluations:
        yield evaluations


async def own_models(settings: Settings) -> str:
    """What a service with these settings would ask, as JSON; nothing of the data directory is needed. Raises InvalidInput."""
    with heavy_imports():
        from wiring import describe_models

    return (await describe_models(settings)).model_dump_json()


def pending_requests(folder: Path) -> list[tuple[str, str]]:
    """(id, what it is about) of every request that a mailbox model waits with, oldest first. Raises NotFound."""
    if not folder.is_dir():
        raise NotFound(f"there is no folder {folder}")
    return [(each.id, f"{each.prompt_name}, task {each.task_id}") for each in mailbox.list_pending(folder)]


def request_text(folder: Path, request_id: str) -> str:
    """One request in full, as its file for people has it. Raises NotFound."""
    if request_id not in dict(pending_requests(folder)):
        raise NotFound(f"no request {request_id} waits in {folder}")
    return (folder / f"{request_id}.request.md").read_text(encoding="utf-8")


def answer_request(folder: Path, request_id: str, text: str) -> Path:
    """Answer one request; the path of the answer. Raises NotFound, Conflict, TooLarge."""
    return mailbox.answer(folder, request_id, text)


async def examine_machine(settings: Settings) -> Machine:
    """Try every part that a task needs, without disturbing a server that runs."""
    from llm.providers import provider_of
    from sandbox.toolchain import default_home, locate
    from wiring import make_code_host, make_sandbox

    error, holder = await _try_data_dir(settings)
    tools = locate(settings.sandbox_toolchains or default_home(os.getuid(), Path.home()) / "toolchains")
    with tempfile.TemporaryDirectory(prefix="autonomy-doctor-") as apart:
        sandbox = make_sandbox(settings.model_copy(update={"data_dir": Path(apart)}))
        try:
            probe = await sandbox.probe()
        finally:
            await sandbox.close()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    return Machine(
        python=f"{platform.python_version()} at {sys.executable}",
        python_ok=sys.version_info >= (3, 11),
        data_dir=str(settings.data_dir),
        data_error=error,
        data_holder=holder,
        free_bytes=_free_bytes(settings.data_dir),
        sandbox=probe,
        python_tools=f"Python {tools.python_version} at {tools.python}" if tools.python else "",
        node_tools=f"Node {tools.node_version} at {tools.node_modules}" if tools.node_modules else "",
        browser=browser or "",
        models={agent: (model, provider_of(model)) for agent, model in settings.models().items()},
        providers=frozenset(settings.provider_keys) | frozenset(settings.provider_bases),
        code_host=await make_code_host(settings).probe(),
    )


async def _try_data_dir(settings: Settings) -> tuple[str, str]:
    """(why the data directory does not serve, who holds it): both empty when it is free and its stores open."""
    from wiring import open_application

    try:
        holder = read_owner(settings.data_dir)
        if holder is None:
            async with open_application(settings, work=False):
                return "", ""
        with tempfile.TemporaryFile(dir=settings.data_dir):
            return "", f"process {holder.get('pid')} at {holder.get('url') or 'no address'}"
    except (OSError, AutonomyError) as error:
        return str(error), ""


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(next(parent for parent in (folder, *folder.parents) if parent.exists())).free
