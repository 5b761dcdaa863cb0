"""Bodies of answers: GitHub's own examples with our values in them, so that no field is missing that it would give."""

import json
from collections.abc import Mapping
from typing import Any

from dulwich.objects import Commit

from tests.wire.github.description import example
from tests.wire.github.state import NAME, OWNER, REPO, REPO_ID, Pull, Settings, Token, iso


class Shapes:
    """`base` is the address of this API, `clone_url` that of the repository."""

    def __init__(self, base: str, clone_url: str) -> None:
        self._base = base
        self._clone_url = clone_url

    def repository(self, settings: Settings, token: Token, size: int) -> Any:
        body = self._example("full-repository-default-response")
        for name in ("parent", "source", "template_repository", "temp_clone_token"):
            body.pop(name)
        rights = {"admin": False, "maintain": False, "push": token.pushes, "triage": True, "pull": True}
        return body | {
            **self._identity(settings),
            "default_branch": settings.default_branch,
            "archived": settings.archived,
            "disabled": settings.disabled,
            "permissions": rights,
            "size": size,
            "language": None,
        }

    def _identity(self, settings: Settings) -> dict[str, Any]:
        full = settings.renamed_to or REPO
        owner, _, name = full.partition("/")
        return {
            "id": REPO_ID,
            "name": name,
            "full_name": full,
            "owner": self.user(owner, kind="Organization"),
            "clone_url": self._clone_url,
        }

    def branch(self, name: str, sha: str, commit: Commit, protected: bool) -> Any:
        body = self._example("branch-get")
        inner = self.git_commit(sha, commit)
        body["name"], body["protected"] = name, protected
        body["commit"]["sha"] = sha
        body["commit"]["commit"] |= {"message": inner["message"], "tree": inner["tree"]}
        body["commit"]["parents"] = inner["parents"]
        return body

    def git_commit(self, sha: str, commit: Commit) -> Any:
        body = self._example("git-commit")
        (template,) = body["parents"]
        who = {"name": "Octavia", "email": "octavia@example.com", "date": iso(commit.commit_time)}
        tree: bytes = commit.tree
        return body | {
            "sha": sha,
            "author": who,
            "committer": who,
            "message": commit.message.decode(),
            "tree": {"sha": tree.decode(), "url": f"{self._base}/repos/{REPO}/git/trees/{tree.decode()}"},
            "parents": [{**template, "sha": parent.decode()} for parent in commit.parents],
        }

    def ref(self, branch: str, sha: str) -> Any:
        body = self._example("git-ref")
        body["object"] |= {"sha": sha, "type": "commit"}
        return body | {"ref": f"refs/heads/{branch}"}

    def tree(self, sha: str, rows: list[dict[str, Any]], truncated: bool) -> Any:
        url = f"{self._base}/repos/{REPO}/git"
        listed = [{**row, "url": f"{url}/{row['type']}s/{row['sha']}"} for row in rows]
        return {"sha": sha, "url": f"{url}/trees/{sha}", "tree": listed, "truncated": truncated}

    def blob(self, sha: str) -> Any:
        return {"sha": sha, "url": f"{self._base}/repos/{REPO}/git/blobs/{sha}"}

    def file_commit(self, path: str, blob: str, commit: str) -> Any:
        body = self._example("file-commit-example-for-creating-a-file")
        body["content"] |= {"name": path, "path": path, "sha": blob}
        body["commit"]["sha"] = commit
        return body

    def pull(self, pull: Pull, settings: Settings, counts: tuple[int, int, int] | None) -> Any:
        """Whole with `counts` (files, added, deleted lines), else as it is listed."""
        body = self._example("pull-request" if counts else "pull-request-simple-items")
        body = body if counts else body[0]
        body |= {
            **self._pull_words(pull),
            "head": self._end(body["head"], pull.head, pull.head_sha, settings, pull.from_fork),
            "base": self._end(body["base"], pull.base, pull.base_sha, settings, None),
        }
        if counts:
            files, added, deleted = counts
            body |= {"changed_files": files, "additions": added, "deletions": deleted, "merged": bool(pull.merged_at)}
            body |= {"comments": len(pull.comments), "review_comments": len(pull.remarks), "commits": 1}
        return body

    def _pull_words(self, pull: Pull) -> dict[str, Any]:
        return {
            "number": pull.number,
            "id": 9_000 + pull.number,
            "html_url": f"https://github.com/{REPO}/pull/{pull.number}",
            "state": "open" if pull.open else "closed",
            "locked": False,
            "title": pull.title,
            "body": pull.body,
            "draft": pull.draft,
            "user": self.user(pull.author),
            "labels": [self.label(name) for name in pull.labels],
            "milestone": None,
            "created_at": pull.created_at,
            "updated_at": pull.updated_at,
            "closed_at": None if pull.open else pull.updated_at,
            "merged_at": pull.merged_at,
            "assignee": None,
            "assignees": [],
            "requested_reviewers": [self.user(login) for login in pull.reviewers],
            "requested_teams": [self.team(slug) for slug in pull.teams],
        }

    def _end(self, body: Any, ref: str, sha: str, settings: Settings, fork: int | None) -> Any:
        own = self._identity(settings) if fork is None else {"id": fork, "full_name": "stranger/shop"}
        return body | {"ref": ref, "sha": sha, "label": f"{OWNER}:{ref}", "repo": body["repo"] | own}

    def label(self, name: str) -> Any:
        return self._example("label-items")[0] | {"name": name}

    def team(self, slug: str) -> Any:
        team: Any = self._example("pull-request")["requested_teams"][0]
        return team | {"slug": slug, "name": slug, "type": "organization", "parent": None}

    def user(self, login: str, *, kind: str = "User") -> Any:
        user: Any = self._example("issue-comment-items")[0]["user"]
        return user | {"login": login, "type": kind}

    def said(self, kind: str, given: Mapping[str, Any]) -> Any:
        """A review, remark or comment: the example of its kind with what is given; `login` and `bot` make its author."""
        body = self._example(kind)[0]
        for name in ("in_reply_to_id", "line", "original_line", "submitted_at"):
            body.pop(name, None)
        values = {name: value for name, value in given.items() if name not in ("login", "bot")}
        login = given.get("login", "rita")
        author = None if login is None else self.user(login, kind="Bot" if given.get("bot") else "User")
        return body | {"user": author} | values

    def rule(self, kind: str) -> Any:
        where = {"ruleset_source_type": "Repository", "ruleset_source": REPO, "ruleset_id": 42}
        if kind.endswith("_pattern"):
            return {"type": kind, **where, "parameters": {"operator": "starts_with", "pattern": "x"}}
        return {"type": kind, **where}

    def _example(self, name: str) -> Any:
        text = json.dumps(example(name)).replace("octocat/Hello-World", f"{OWNER}/{NAME}")
        return json.loads(text.replace("https://api.github.com", self._base))
