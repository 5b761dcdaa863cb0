"""Which code host the settings come to."""

from pathlib import Path
from typing import Any

import pytest

from code_host.bitbucket import BitbucketCodeHost
from code_host.github import GitHubCodeHost
from code_host.gitlab import GitLabCodeHost
from code_host.local import LocalCodeHost
from config import Settings
from core.errors import InvalidInput
from wiring.code_hosts import chosen_host, make_code_host

GITHUB = {"github_token": "t", "github_repo": "acme/shop"}
GITLAB = {"gitlab_token": "t", "gitlab_project": "acme/shop"}
BITBUCKET = {"bitbucket_token": "t", "bitbucket_repo": "acme/shop"}


def settings(folder: Path, **values: Any) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **values)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({}, LocalCodeHost),
        ({"github_token": "t"}, LocalCodeHost),
        (GITHUB, GitHubCodeHost),
        (GITLAB, GitLabCodeHost),
        (BITBUCKET, BitbucketCodeHost),
        ({**GITHUB, "code_host": "local"}, LocalCodeHost),
        ({**GITHUB, **GITLAB, "code_host": "gitlab"}, GitLabCodeHost),
    ],
)
async def test_it_is_the_one_that_is_named_or_set_up(tmp_path: Path, values: dict[str, Any], kind: type) -> None:
    host = make_code_host(settings(tmp_path, **values))
    assert type(host) is kind
    await host.close()


def test_two_that_are_set_up_are_refused_unless_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="github and gitlab are set up: say which one by CODE_HOST"):
        chosen_host(settings(tmp_path, **GITHUB, **GITLAB))


def test_one_that_is_named_without_what_it_needs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="CODE_HOST=github needs GITHUB_REPO"):
        chosen_host(settings(tmp_path, code_host="github", github_token="t"))


def test_what_cannot_be_right_is_refused_by_its_field_and_without_the_token(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_code_host(settings(tmp_path, github_token="canary", github_repo="not a repository"))
    assert "canary" not in str(refused.value)
