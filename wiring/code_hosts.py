"""Where approved work is published: the code host that the settings name, or the one whose token and repository they have."""

from collections.abc import Callable, Mapping

from code_host.local import LocalCodeHost
from config import Settings
from core.errors import InvalidInput
from core.ports import CodeHost
from wiring.stores import SystemClock

_NEEDS: Mapping[str, tuple[str, ...]] = {
    "github": ("github_token", "github_repo"),
    "gitlab": ("gitlab_token", "gitlab_project"),
    "bitbucket": ("bitbucket_token", "bitbucket_repo"),
}


def make_code_host(settings: Settings) -> CodeHost:
    """Raises InvalidInput for a host that is named without what it needs, and for values that cannot be right."""
    return _MAKERS[chosen_host(settings)](settings)


def chosen_host(settings: Settings) -> str:
    """`local`, or the name of a service. Raises InvalidInput when more than one is set up and none is named."""
    if settings.code_host != "auto":
        missing = [name.upper() for name in _NEEDS.get(settings.code_host, ()) if not getattr(settings, name)]
        if missing:
            raise InvalidInput(f"CODE_HOST={settings.code_host} needs {' and '.join(missing)}", field=missing[0])
        return settings.code_host
    ready = [host for host, names in _NEEDS.items() if all(getattr(settings, name) for name in names)]
    if len(ready) > 1:
        raise InvalidInput(f"{' and '.join(ready)} are set up: say which one by CODE_HOST", field="CODE_HOST")
    return ready[0] if ready else "local"


def _local(settings: Settings) -> CodeHost:
    return LocalCodeHost(settings.data_dir / "code_host", SystemClock())


def _github(settings: Settings) -> CodeHost:
    from code_host.github import GitHubCodeHost

    token, repo = settings.github_token or "", settings.github_repo or ""
    return GitHubCodeHost(token, repo, SystemClock(), api_base=settings.github_api_base)


def _gitlab(settings: Settings) -> CodeHost:
    from code_host.gitlab import GitLabCodeHost

    token, project = settings.gitlab_token or "", settings.gitlab_project or ""
    return GitLabCodeHost(token, project, SystemClock(), api_base=settings.gitlab_api_base)


def _bitbucket(settings: Settings) -> CodeHost:
    from code_host.bitbucket import BitbucketCodeHost

    token, repo = settings.bitbucket_token or "", settings.bitbucket_repo or ""
    return BitbucketCodeHost(token, repo, SystemClock(), user=settings.bitbucket_user)


_MAKERS: Mapping[str, Callable[[Settings], CodeHost]] = {
    "local": _local,
    "github": _github,
    "gitlab": _gitlab,
    "bitbucket": _bitbucket,
}
