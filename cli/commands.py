"""What each command does, given its settings: build, tasks, show, reply, cancel."""

import asyncio
import shlex
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cli import past
from cli.client import Client
from cli.doctor import examine, healthy
from cli.errors import CommandFailed, ExitCode
from cli.follow import Answering, Follower
from cli.host import (
    Target,
    answer_request,
    examine_machine,
    holder_url,
    own_models,
    pending_requests,
    reach,
    request_text,
)
from cli.models import describe_checks, describe_setup
from cli.models import document as models_document
from cli.screens import Screen
from cli.words import describe_end, describe_forecast, describe_money, describe_task
from client.insight import ModelSetup
from client.models import Action

PROGRAM = "./autonomy"


@dataclass(frozen=True)
class BuildOptions:
    """What `autonomy build` submits; None leaves it to the service's settings."""

    sentence: str
    approve: bool = False
    output: Path | None = None
    budget_usd: float | None = None
    max_iterations: int | None = None
    use_sandbox: bool = True

    @property
    def output_directory(self) -> str | None:
        return str(self.output.absolute()) if self.output else None


async def build(target: Target, options: BuildOptions, screen: Screen) -> ExitCode:
    """Submit the sentence and follow the task."""
    async with reach(target) as client:
        task = await client.submit(
            options.sentence,
            use_sandbox=options.use_sandbox,
            budget_usd=options.budget_usd,
            max_iterations=options.max_iterations,
            output_directory=options.output_directory,
        )
        screen.say([f"task {task.task_id}, by {client.address}"])
        if task.forecast is not None:
            screen.say(describe_forecast(task.forecast, task.budget_usd))
        return await _follow(client, target, task.task_id, screen, approve=options.approve)


@dataclass(frozen=True)
class ReplyOptions:
    """One of three: words, which a model reads; the cap that is asked about; or that the task may go on without more."""

    message: str = ""
    budget_usd: float | None = None
    go_on: bool = False

    @property
    def action(self) -> Action | None:
        """What was said without words."""
        if self.budget_usd is not None:
            return Action.RAISE_BUDGET
        return Action.RETRY if self.go_on else None


async def reply(target: Target, task_id: str, options: ReplyOptions, screen: Screen) -> ExitCode:
    """Answer the open question, then follow the task."""
    if [options.message != "", options.budget_usd is not None, options.go_on].count(True) != 1:
        raise CommandFailed(ExitCode.USAGE, "reply needs one of TEXT, --budget USD and --go-on")
    async with reach(target) as client:
        if options.action is None:
            answered = await client.reply(task_id, options.message)
            action = answered.decision.action.value if answered.decision else "an answer"
            screen.say([f"understood as: {action}"])
        else:
            asked = (await client.task(task_id)).interrupt_id
            if asked is None:
                raise CommandFailed(ExitCode.FAILED, f"task {task_id} asks nothing")
            await client.decide(task_id, asked, options.action, budget_usd=options.budget_usd)
        return await _follow(client, target, task_id, screen, catch_up=True)


async def show(target: Target, task_id: str, screen: Screen, *, follow: bool) -> ExitCode:
    """Everything about a task; with `follow` also what happens from now on."""
    async with reach(target, work=follow) as client:
        if follow:
            return await _follow(client, target, task_id, screen, catch_up=True)
        task = await client.task(task_id)
        progress = await Follower(client, task_id, screen, _answering(target, task_id)).catch_up()
        published = await client.pull_request(task_id)
        screen.finish(task.model_dump(mode="json"), describe_task(task, progress, published))
        if task.interrupt_id and progress.question:
            screen.say([f"answer it: {_answering(target, task_id).command(progress.question.kind)}"])
    return ExitCode.COMPLETED


async def replay(target: Target, task_id: str, screen: Screen, speed: float | None) -> ExitCode:
    """The story of a task as its log has it, the state of the task last."""
    async with reach(target, work=False) as client:
        progress = await past.replay(client, task_id, screen, speed)
        task = await client.task(task_id)
        published = await client.pull_request(task_id)
        lines = describe_end(task, progress, published) if task.status.final else [f"task {task_id} is {task.status}"]
        screen.finish(task.model_dump(mode="json"), lines)
    return ExitCode.COMPLETED


async def checkpoints(target: Target, task_id: str, screen: Screen) -> ExitCode:
    """The points that a task can be gone on from."""
    async with reach(target, work=False) as client:
        for view in await client.checkpoints(task_id):
            screen.say(past.describe_checkpoint(view))
    return ExitCode.COMPLETED


@dataclass(frozen=True)
class ForkOptions:
    """`at` is the number or id of a checkpoint, the newest when None."""

    at: str | None = None
    feedback: str = ""
    budget_usd: float | None = None
    max_iterations: int | None = None
    approve: bool = False
    same_request: bool = False


async def fork(target: Target, task_id: str, options: ForkOptions, screen: Screen) -> ExitCode:
    """Go on from a checkpoint as a new task, and follow that one."""
    async with reach(target) as client:
        view = await past.find_checkpoint(client, task_id, options.at)
        forked = await client.fork(
            task_id,
            checkpoint_id=view.checkpoint_id,
            feedback=options.feedback,
            budget_usd=options.budget_usd,
            max_iterations=options.max_iterations,
            continue_request=options.same_request or None,
        )
        spent = f"${view.spent_after_usd:.4f} were spent behind checkpoint {view.number}"
        screen.say([f"task {forked.task.task_id} goes on from there; {forked.warning} ({spent})"])
        return await _follow(client, target, forked.task.task_id, screen, approve=options.approve)


async def tasks(target: Target, limit: int, screen: Screen) -> ExitCode:
    """The newest tasks, one line each."""
    async with reach(target, work=False) as client:
        shown = 0
        async for task in client.tasks(page_size=limit):
            sentence = " ".join(task.task_description.split())
            created = time.strftime("%Y-%m-%d %H:%M", time.localtime(task.created_at))
            cost = describe_money(task.total_cost_usd, task.budget_usd)
            screen.say([f"{task.task_id}  {task.status:<17}  {created}  {cost}  {sentence[:80]}"])
            shown += 1
            if shown == limit:
                break
        if not shown:
            screen.say([f'no tasks yet; begin with: {PROGRAM} build "a todo list with user accounts"'])
    return ExitCode.COMPLETED


async def cancel(target: Target, task_id: str, screen: Screen) -> ExitCode:
    """End a task; its files and history stay."""
    async with reach(target) as client:
        task = await client.cancel(task_id)
        screen.say([f"task {task.task_id} is {task.status}"])
    return ExitCode.COMPLETED


async def doctor(target: Target, screen: Screen) -> ExitCode:
    """One line per part; fails when something that is needed does."""
    lines = examine(await examine_machine(target.settings))
    screen.say(map(str, lines))
    return ExitCode.COMPLETED if healthy(lines) else ExitCode.FAILED


async def models(target: Target, screen: Screen, *, check: bool) -> ExitCode:
    """Which models there are; with `check` each is asked, by the service that would use it. Fails when one does not answer."""
    served = target.server or holder_url(target.settings)
    if served is None and not check:
        setup = ModelSetup.model_validate_json(await own_models(target.settings))
        checks, where = None, ""
    else:
        async with reach(target, work=False) as client:
            setup = await client.models()
            where = f"the service {'in' if client.inside else 'at'} {client.address}"
            checks = await client.check_models() if check else None
    lines = [f"models of {where or 'these settings; no service runs here'}", ""]
    lines += describe_setup(setup)
    lines += describe_checks(checks, where) if checks else ()
    screen.finish(models_document(setup, checks), lines)
    answered = checks is None or all(each.ok for each in checks.checks)
    return ExitCode.COMPLETED if answered else ExitCode.FAILED


class MailboxAction(StrEnum):
    LIST = "list"
    SHOW = "show"
    ANSWER = "answer"


async def mailbox(folder: Path, action: MailboxAction, request_id: str, file: str, screen: Screen) -> ExitCode:
    """The requests that wait in `folder`; one of them in full; or the answer to one, from a file or stdin (`-`)."""
    if action is MailboxAction.LIST:
        requests = pending_requests(folder)
        screen.say(f"{waiting}  {about}" for waiting, about in requests)
        if not requests:
            screen.say([f"no request waits in {folder}"])
    elif not request_id:
        raise CommandFailed(ExitCode.USAGE, f"mailbox DIR {action} needs the ID of a request")
    elif action is MailboxAction.SHOW:
        screen.say([request_text(folder, request_id)])
    else:
        screen.say([f"answered: {answer_request(folder, request_id, await asyncio.to_thread(_read_answer, file))}"])
    return ExitCode.COMPLETED


def _read_answer(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(ExitCode.USAGE, f"{file} cannot be read: {error}") from error


async def _follow(
    client: Client, target: Target, task_id: str, screen: Screen, *, approve: bool = False, catch_up: bool = False
) -> ExitCode:
    follower = Follower(client, task_id, screen, _answering(target, task_id, approve=approve))
    async with _resumable(client, target, task_id, screen):
        if catch_up:
            await follower.catch_up()
        return await follower.run()


@asynccontextmanager
async def _resumable(client: Client, target: Target, task_id: str, screen: Screen) -> AsyncIterator[None]:
    """Says, when the command is interrupted, what becomes of the task."""
    try:
        yield
    except asyncio.CancelledError:
        again = f"{PROGRAM} show {task_id} --follow{_where(target)}"
        if client.inside:
            screen.say(["", f"stopping; task {task_id} is kept and goes on with: {again}"])
        else:
            screen.say(["", f"task {task_id} goes on in the server; watch it with: {again}"])
        raise


def _answering(target: Target, task_id: str, *, approve: bool = False) -> Answering:
    return Answering(approve=approve, reply_command=f'{PROGRAM} reply {task_id} "{{}}"{_where(target)}')


def _where(target: Target) -> str:
    return f" --server {shlex.quote(target.server)}" if target.server else ""
