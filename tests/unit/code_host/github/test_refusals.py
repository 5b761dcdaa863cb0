"""What GitHub refuses, told as a reason and how to fix it; and that the token is told nowhere."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from code_host.github import GitHubCodeHost
from code_host.rest import Patience
from core.errors import CodeHostRefused, InvalidInput
from core.ports import Workspace
from tests.contracts.fixed_clock import FixedClock
from tests.unit.code_host.github.work import BRANCH, draft, publish, publish_and_open, save
from tests.wire.github.hosts import ONCE, Hosts
from tests.wire.github.server import TOKEN, Fault, GitHub
from tests.wire.github.state import Token

SPENT = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1760000030"}


async def refusal(doing: Awaitable[object]) -> CodeHostRefused:
    with pytest.raises(CodeHostRefused) as refused:
        await doing
    assert refused.value.fields["reason"] in CodeHostRefused.REFUSALS
    assert "; " in str(refused.value), "it says how to fix it"
    assert TOKEN not in str(refused.value)
    return refused.value


CALLS: dict[str, Callable[[GitHubCodeHost, Workspace], Awaitable[Any]]] = {
    "base": lambda host, workspace: host.base(),
    "publish": publish,
    "open": lambda host, workspace: host.open_pull_request(draft(), "0" * 40),
    "find": lambda host, workspace: host.find("t1"),
    "comments": lambda host, workspace: host.comments("t1"),
}


@pytest.mark.parametrize("call", CALLS)
async def test_a_bad_token_is_told_at_every_call(hosts: Hosts, github: GitHub, workspace: Workspace, call: str) -> None:
    refused = await refusal(CALLS[call](hosts.new(token="github_pat_wrong"), workspace))
    assert refused.fields["reason"] == "bad_token"
    assert "GITHUB_TOKEN" in str(refused)
    assert "github_pat_wrong" not in str(refused)


@pytest.mark.parametrize("call", CALLS)
async def test_a_repository_that_the_token_does_not_see_is_not_found(
    hosts: Hosts, github: GitHub, workspace: Workspace, call: str
) -> None:
    github.tokens[TOKEN] = Token(sees=False)
    refused = await refusal(CALLS[call](hosts.new(), workspace))
    assert refused.fields["reason"] == "not_found"
    assert "acme/shop" in str(refused)


@pytest.mark.parametrize("call", CALLS)
async def test_a_host_that_cannot_be_reached_is_told(
    hosts: Hosts, github: GitHub, workspace: Workspace, call: str
) -> None:
    github.faults |= {number: Fault() for number in range(1, 20)}
    refused = await refusal(CALLS[call](hosts.new(), workspace))
    assert refused.fields["reason"] == "unreachable"
    assert len(github.log) == Patience().tries


async def test_a_token_without_the_right_to_write_is_told_which_it_needs(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    github.tokens[TOKEN] = Token(contents=False)
    refused = await refusal(publish(hosts.new(), workspace))
    assert refused.fields["reason"] == "missing_right"
    assert "contents=write" in str(refused)


async def test_a_token_without_the_right_to_requests_is_told(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    github.tokens[TOKEN] = Token(pulls=False)
    refused = await refusal(publish_and_open(hosts.new(), workspace))
    assert refused.fields["reason"] == "missing_right"
    assert "pull_requests=write" in str(refused)


async def test_a_token_without_the_right_to_workflows_is_told_although_github_does_not(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    github.tokens[TOKEN] = Token(workflows=False)
    await save(workspace, {".github/workflows/ci.yml": "on: push\n"})
    refused = await refusal(publish(hosts.new(), workspace))
    assert refused.fields["reason"] == "missing_right"
    assert ".github/workflows/ci.yml" in str(refused)


async def test_an_archived_repository_is_told(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    github.settings.archived = True
    assert (await refusal(publish(hosts.new(), workspace))).fields["reason"] == "archived"


async def test_a_ruleset_against_new_branches_is_told(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    github.settings.rules = ("creation",)
    refused = await refusal(publish(hosts.new(), workspace))
    assert refused.fields["reason"] == "protected"
    assert "creations being restricted" in str(refused)


async def test_a_protected_branch_that_is_continued_is_told(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    origin = await workspace.head()
    published = await publish(hosts.new(), workspace)
    github.settings.protected = frozenset({BRANCH})
    await save(workspace, {"more": "x"})
    refused = await refusal(publish(hosts.new(), workspace, origin=origin, continues=published.commit))
    assert refused.fields["reason"] == "protected"


async def test_a_protected_base_that_is_empty_is_told(hosts: Hosts, workspace: Workspace) -> None:
    hosts.github.settings.protected = frozenset({"main"})
    assert (await refusal(publish(hosts.new(), workspace))).fields["reason"] == "protected"


async def test_a_name_that_stands_in_the_way_of_the_branch_is_told(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    github.objects.set_branch("autonomy", github.objects.branches()["main"])
    assert (await refusal(publish(hosts.new(), workspace))).fields["reason"] == "protected"


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (Fault(status=429, message="API rate limit exceeded", headers=SPENT), [29.5]),
        (Fault(status=403, message="API rate limit exceeded for user", headers=SPENT), [29.5]),
        (Fault(status=403, message="You have exceeded a secondary rate limit", headers={"retry-after": "7"}), [7.0]),
        (Fault(status=429, message="You have exceeded a secondary rate limit", headers={"retry-after": "7"}), [7.0]),
    ],
)
async def test_a_limit_is_waited_for_as_github_asks(
    hosts: Hosts, github: GitHub, workspace: Workspace, fault: Fault, waits: list[float]
) -> None:
    github.faults[5] = fault
    await publish_and_open(hosts.new(), workspace)
    assert hosts.waits == waits


async def test_a_limit_that_says_no_time_is_waited_for_all_the_same(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    github.faults[2] = Fault(status=403, message="You have exceeded a secondary rate limit. Please wait.")
    await publish_and_open(hosts.new(), workspace)
    assert len(hosts.waits) == 1


async def test_a_limit_that_lasts_too_long_is_refused_with_the_time(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    headers = SPENT | {"x-ratelimit-reset": "1760003600"}
    github.faults[3] = Fault(status=403, message="API rate limit exceeded", headers=headers)
    refused = await refusal(publish(hosts.new(), workspace))
    assert (refused.fields["reason"], refused.fields["retry_after_s"]) == ("rate_limited", 3599.5)
    assert hosts.waits == []
    assert BRANCH not in github.objects.branches()


async def test_a_tree_on_which_github_gives_up_is_too_large(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    github.faults[3] = Fault(status=422, message="Sorry, your request timed out. Your input was too large to process.")
    assert (await refusal(publish(hosts.new(), workspace))).fields["reason"] == "too_large"


async def test_a_renamed_repository_is_read_and_not_written_to(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    github.settings.renamed_to = "acme/store"
    assert (await hosts.new().base()).files
    refused = await refusal(publish(hosts.new(), workspace))
    assert refused.fields["reason"] == "not_found"
    assert "has moved" in str(refused)
    await publish(hosts.new(repo="acme/store"), workspace)


async def test_the_token_is_in_no_log_and_in_no_repr(
    hosts: Hosts, github: GitHub, workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("", "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    host = hosts.new(patience=ONCE)
    await publish_and_open(host, workspace)
    github.faults[1] = Fault(status=422, message=f"I do not know {TOKEN}")
    github.reset()
    github.faults[1] = Fault(status=422, message=f"I do not know {TOKEN}")
    refused = await refusal(host.find("t2"))
    assert "[secret]" in str(refused)
    assert TOKEN not in caplog.text + repr(host) + repr(vars(host)) + repr(refused)
    assert caplog.text, "something was logged"


@pytest.mark.parametrize("token", ["", " ", "a b", "a\nb", "ü"])
def test_what_cannot_be_a_token_is_refused_without_telling_it(token: str, clock: FixedClock) -> None:
    with pytest.raises(InvalidInput, match="GITHUB_TOKEN must be a token"):
        GitHubCodeHost(token, "acme/shop", clock)


@pytest.mark.parametrize(
    "repo", ["", "shop", "acme/", "acme/shop/x", "https://github.com/acme/shop", "../x", "a/..", "a b/c"]
)
def test_what_cannot_be_a_repository_is_refused(repo: str, clock: FixedClock) -> None:
    with pytest.raises(InvalidInput, match="owner/name"):
        GitHubCodeHost("x", repo, clock)


async def test_a_repository_that_works_passes_the_probe(hosts: Hosts, github: GitHub) -> None:
    probe = await hosts.new().probe()
    assert (probe.backend, probe.ok, probe.reason, probe.version) == ("github", True, "", "acme/shop (main)")


@pytest.mark.parametrize(
    ("prepare", "reason", "fix"),
    [
        (lambda github: setattr(github.settings, "archived", True), "archived", "unarchive"),
        (lambda github: setattr(github.settings, "disabled", True), "disabled", "ask GitHub"),
        (lambda github: github.tokens.update({TOKEN: Token(pushes=False)}), "may not push", "Write"),
        (lambda github: github.tokens.update({TOKEN: Token(sees=False)}), "404", "GITHUB_REPO"),
        (lambda github: github.tokens.clear(), "401", "GITHUB_TOKEN"),
        (lambda github: github.faults.update({n: Fault() for n in range(1, 9)}), "could not be reached", "network"),
        (lambda github: github.faults.update({n: Fault(status=503) for n in range(1, 9)}), "503", "later"),
    ],
)
async def test_a_probe_says_what_is_wrong_and_how_to_fix_it(
    hosts: Hosts, github: GitHub, prepare: Callable[[GitHub], object], reason: str, fix: str
) -> None:
    prepare(github)
    probe = await hosts.new().probe()
    assert not probe.ok
    assert reason in probe.reason
    assert fix in probe.fix


@pytest.mark.parametrize(
    ("prepare", "warning"),
    [
        (
            lambda github: setattr(github.settings, "rules", ("creation", "deletion")),
            "rulesets say who may make branches",
        ),
        (lambda github: setattr(github.settings, "renamed_to", "acme/store"), "acme/shop is acme/store now"),
        (lambda github: github.tokens.update({TOKEN: Token(scopes="repo, gist")}), "no scope workflow"),
        (lambda github: github.tokens.update({TOKEN: Token(scopes="gist, workflow")}), "no scope repo"),
    ],
)
async def test_a_probe_warns_of_what_may_hinder(
    hosts: Hosts, github: GitHub, prepare: Callable[[GitHub], object], warning: str
) -> None:
    prepare(github)
    probe = await hosts.new().probe()
    assert probe.ok
    assert warning in probe.reason
