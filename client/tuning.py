"""What can be asked and changed about what agents learned. Each function describes a request and sends nothing."""

import time

import httpx

from client import requests
from client.agents import Experiment, IdentityAnswer, MemoryDiff, Rule, Version, VersionDiff
from client.models import Page
from client.requests import Call, Pages, Steps, one, path_of, query, stated

LOOK_S = 2.0
"""Between two looks at an experiment."""


def rules(agent: str) -> Call[tuple[Rule, ...]]:
    """The rules of an agent, and how tasks went in which they were told."""
    return Call("GET", path_of("/agents/{agent}/rules", agent=agent), one(tuple[Rule, ...]))


def change_rule(
    agent: str, rule_id: str, *, expected_version: int, pinned: bool | None = None, disabled: bool | None = None
) -> Call[IdentityAnswer]:
    """Pin a rule, disable it, or the reverse. 409 when the identity has changed, so never repeated by itself."""
    path = path_of("/agents/{agent}/rules/{rule_id}", agent=agent, rule_id=rule_id)
    body = stated(pinned=pinned, disabled=disabled, expected_version=expected_version)
    return Call("PATCH", path, one(IdentityAnswer), body=body, repeatable=False)


def add_rule(agent: str, text: str, *, expected_version: int, why: str = "") -> Call[IdentityAnswer]:
    """Put a rule there as a correction. 409 when it is there or the identity has changed, so never repeated by itself."""
    body = stated(text=text, why=why or None, expected_version=expected_version)
    return Call("POST", path_of("/agents/{agent}/rules", agent=agent), one(IdentityAnswer), body=body, repeatable=False)


def delete_rule(agent: str, rule_id: str, *, expected_version: int) -> Call[IdentityAnswer]:
    """Take a rule away, or one on trial. 409 when it is pinned or the identity has changed, so never repeated by itself."""
    path = path_of("/agents/{agent}/rules/{rule_id}", agent=agent, rule_id=rule_id)
    return Call("DELETE", path, one(IdentityAnswer), params=query(expected_version=expected_version), repeatable=False)


def try_rule(agent: str, rule_id: str) -> Call[Experiment]:
    """Have a rule tried, and what follows done; it goes on behind the answer, so this is never repeated by itself."""
    path = path_of("/agents/{agent}/rules/{rule_id}/experiment", agent=agent, rule_id=rule_id)
    return Call("POST", path, one(Experiment), repeatable=False)


def experiment(agent: str, rule_id: str) -> Call[Experiment]:
    """How the last experiment with a rule goes. 404 where none was asked for since the service started."""
    path = path_of("/agents/{agent}/rules/{rule_id}/experiment", agent=agent, rule_id=rule_id)
    return Call("GET", path, one(Experiment))


def wait_for_experiment(agent: str, rule_id: str, *, timeout_s: float | None = None) -> Steps[Experiment]:
    """Wait until the experiment has ended (`ended`), at most `timeout_s`; the experiment as it then is."""
    until = None if timeout_s is None else time.monotonic() + timeout_s
    while True:
        found: Experiment = yield experiment(agent, rule_id)
        left_s = LOOK_S if until is None else until - time.monotonic()
        if found.ended or left_s <= 0:
            return found
        yield min(LOOK_S, left_s)


def version(agent: str, version: int) -> Call[IdentityAnswer]:
    """A kept version, whole; counters of rules are those of the time it was saved."""
    path = path_of("/agents/{agent}/versions/{version}", agent=agent, version=version)
    return Call("GET", path, one(IdentityAnswer))


def versions(agent: str) -> Call[tuple[Version, ...]]:
    """The kept versions of an agent, the newest first."""
    return Call("GET", path_of("/agents/{agent}/versions", agent=agent), one(tuple[Version, ...]))


def version_diff(agent: str, version: int, *, base: int | None = None) -> Call[VersionDiff]:
    """What differs from `base` (the version before it when None) to a version."""
    path = path_of("/agents/{agent}/versions/{version}/diff", agent=agent, version=version)
    return Call("GET", path, one(VersionDiff), params=query(base=base))


def roll_back(agent: str, version: int, *, expected_version: int) -> Call[IdentityAnswer]:
    """Make an earlier version the current one, as a new version. 409 when the identity has changed meanwhile."""
    body = stated(version=version, expected_version=expected_version)
    path = path_of("/agents/{agent}/rollback", agent=agent)
    return Call("POST", path, one(IdentityAnswer), body=body, repeatable=False)


def memory_diffs(agent: str, *, before: str | None = None, page_size: int = 50) -> Pages[MemoryDiff]:
    """What changed an agent, the newest first."""
    path = path_of("/agents/{agent}/memory-diffs", agent=agent)

    def page(below: str | None) -> Call[httpx.Response]:
        return Call("GET", path, requests.whole, params=query(before=below, limit=page_size))

    def read(response: httpx.Response) -> tuple[tuple[MemoryDiff, ...], Call[httpx.Response] | None]:
        found = one(Page[MemoryDiff])(response)
        return found.items, None if found.next is None else page(str(found.next))

    return Pages(page(before), read)
