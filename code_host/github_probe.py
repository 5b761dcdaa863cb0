"""Whether GitHub will take what is published, found out without publishing anything."""

import httpx

from code_host.github_rest import GitHubRest
from core.errors import CodeHostRefused
from core.sandboxes import Probe

BACKEND = "github"
_HINDERING = {
    "creation": "who may make branches",
    "update": "who may add to branches",
    "required_signatures": "that commits are signed",
    "commit_message_pattern": "what commit messages say",
    "commit_author_email_pattern": "whose address commits have",
    "committer_email_pattern": "whose address commits have",
    "branch_name_pattern": "how branches are named",
    "file_path_restriction": "which files may change",
    "file_extension_restriction": "which files may change",
    "max_file_path_length": "how long paths are",
    "max_file_size": "how large files are",
}


async def probe(rest: GitHubRest) -> Probe:
    """`ok` with a `reason` is a warning. What a fine-grained token may do shows only when it does it."""
    try:
        answer = await rest.get(rest.repo)
        found = rest.taken(answer, "show the repository")
        refused = _refused(rest, found)
        if refused is not None:
            return refused
        warnings = [*_renamed(rest, found), *_scopes(answer), *await _rules(rest)]
    except CodeHostRefused as error:
        problem, _, fix = str(error).rpartition("; ")
        return Probe(BACKEND, ok=False, reason=problem, fix=fix)
    fix = "see docs/github.md" if warnings else ""
    return Probe(
        BACKEND, ok=True, reason="; ".join(warnings), fix=fix, version=f"{rest.name} ({found['default_branch']})"
    )


def _refused(rest: GitHubRest, found: dict[str, object]) -> Probe | None:
    rights = found.get("permissions")
    if found.get("archived"):
        return _no(
            f"{rest.name} is archived", f"unarchive it, or set GITHUB_REPO to another repository than {rest.name}"
        )
    if found.get("disabled"):
        return _no(f"{rest.name} is disabled", "ask GitHub why, or set GITHUB_REPO to another repository")
    if not isinstance(rights, dict) or not rights.get("push"):
        return _no(
            f"the token's user may not push to {rest.name}",
            "give that user the role Write, or use the token of one who has it",
        )
    return None


def _no(reason: str, fix: str) -> Probe:
    return Probe(BACKEND, ok=False, reason=reason, fix=fix)


def _renamed(rest: GitHubRest, found: dict[str, object]) -> list[str]:
    name = str(found["full_name"])
    return [] if name.lower() == rest.name.lower() else [f"{rest.name} is {name} now: set GITHUB_REPO to that name"]


def _scopes(answer: httpx.Response) -> list[str]:
    """Classic tokens tell their scopes."""
    given = [scope.strip() for scope in answer.headers.get("x-oauth-scopes", "").split(",") if scope.strip()]
    if not given:
        return []
    lacking = [] if {"repo", "public_repo"} & set(given) else ["repo"]
    lacking += [] if "workflow" in given else ["workflow"]
    return [f"the token has no scope {scope}" for scope in lacking]


async def _rules(rest: GitHubRest) -> list[str]:
    """Rules for branches named as ours are, whether or not this token is exempt from them, which GitHub does not tell."""
    answer = await rest.get(f"{rest.repo}/rules/branches/autonomy%2Fprobe", {"per_page": 100})
    if not answer.is_success:
        return []
    kinds = {str(rule["type"]) for rule in rest.read(answer)}
    said = dict.fromkeys(words for kind, words in _HINDERING.items() if kind in kinds)
    return [f"rulesets say {words}" for words in said]
