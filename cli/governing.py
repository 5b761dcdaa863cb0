"""Keys, the audit log and live demos, from the terminal."""

import time
from dataclasses import dataclass

from cli.errors import ExitCode
from cli.host import Target, reach
from cli.screens import JsonScreen, Screen
from client.access import ApiKey, KeyLimits
from client.errors import ServiceError


@dataclass(frozen=True)
class KeyOptions:
    """What a new key is to be."""

    name: str
    role: str
    per_minute: int | None = None
    active_tasks: int | None = None
    daily_budget_usd: float | None = None
    expires_days: float | None = None


async def create_key(target: Target, options: KeyOptions, screen: Screen) -> ExitCode:
    """The secret is the first line; as JSON it is in the document alone, so that stderr may go into a log."""
    async with reach(target, work=False) as client:
        made = await client.create_key(
            options.name,
            options.role,
            requests_per_minute=options.per_minute,
            active_tasks=options.active_tasks,
            daily_budget_usd=options.daily_budget_usd,
            expires_days=options.expires_days,
        )
    told = [] if isinstance(screen, JsonScreen) else [made.secret, ""]
    screen.finish(
        made.model_dump(mode="json"),
        [
            *told,
            f"the key {made.key.name} ({made.key.role}), id {made.key.key_id}: it is shown this once. Send it as X-API-Key,",
            "or put it into API_KEY for commands of autonomy.",
        ],
    )
    return ExitCode.COMPLETED


async def list_keys(target: Target, screen: Screen) -> ExitCode:
    """One line each, revoked ones too."""
    async with reach(target, work=False) as client:
        keys = await client.keys()
    screen.say(
        [_line(key) for key in keys] or ["no keys yet; make the first with: autonomy keys create NAME --role admin"]
    )
    return ExitCode.COMPLETED


async def revoke_key(target: Target, key_id: str, screen: Screen) -> ExitCode:
    """From then on it opens nothing."""
    async with reach(target, work=False) as client:
        key = await client.revoke_key(key_id)
    screen.say([f"the key {key.name} ({key.key_id}) is revoked"])
    return ExitCode.COMPLETED


async def audit(target: Target, name: str | None, limit: int, screen: Screen) -> ExitCode:
    """Who did what, the newest first."""
    lines: list[str] = []
    async with reach(target, work=False) as client:
        async for entry in client.audit(name=name, page_size=min(limit, 1000)):
            who = f"{entry.name or '-'} ({entry.role or 'no key'})"
            lines.append(f"{_when(entry.ts)}  {entry.status}  {who}  {entry.via}  {entry.action}  {entry.target}")
            if len(lines) == limit:
                break
    screen.say(lines or ["nothing was done yet"])
    return ExitCode.COMPLETED


async def demo(target: Target, task_id: str, screen: Screen, *, again: bool, stop: bool) -> ExitCode:
    """Start the application of a task for people to try, or end it. A demo lives in the service: one must be running."""
    async with reach(target, work=False) as client:
        if client.inside:
            raise ServiceError(0, "No service", "a demo ends with its service: start one first, with `autonomy serve`")
        if stop:
            await client.stop_demo(task_id)
            screen.say([f"the demo of task {task_id} has ended"])
        else:
            served = await client.start_demo(task_id, again=again)
            screen.say([f"{served.url} until {_when(served.expires_at)}"])
    return ExitCode.COMPLETED


def _line(key: ApiKey) -> str:
    state = "revoked" if key.revoked_at else f"until {_when(key.expires_at)}" if key.expires_at else "in use"
    return f"{key.key_id}  {key.role:<8}  {state:<22}  {key.name}{_limits(key.limits)}"


def _limits(limits: KeyLimits) -> str:
    said = [
        f"{limits.requests_per_minute} requests a minute" if limits.requests_per_minute else "",
        f"{limits.active_tasks} tasks at once" if limits.active_tasks else "",
        f"${limits.daily_budget_usd:.2f} a day" if limits.daily_budget_usd is not None else "",
    ]
    return "".join(f", {each}" for each in said if each)


def _when(ts: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(ts))
