"""What people have said on a pull request on GitHub: reviews, remarks on lines, and comments."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from code_host.github_rest import GitHubRest
from core.publication import RequestComment

MOST_PAGES = 20
PER_PAGE = 100
_OURS = "<!-- autonomy"
_TRUSTED = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_VERDICTS: dict[str, Literal["approved", "changes_requested"]] = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes_requested",
}


class Comments:
    def __init__(self, rest: GitHubRest) -> None:
        self._rest = rest

    async def of(self, number: int) -> list[RequestComment]:
        """Oldest first, at most 2,000 of each kind. What bots said, or carries a mark of ours, is left out."""
        repo = self._rest.repo
        found = [
            *[_review(one) for one in await self._all(f"{repo}/pulls/{number}/reviews") if _says_something(one)],
            *[_remark(one) for one in await self._all(f"{repo}/pulls/{number}/comments")],
            *[_comment(one) for one in await self._all(f"{repo}/issues/{number}/comments")],
        ]
        return sorted(found, key=lambda comment: (comment.ts, comment.comment_id))

    async def _all(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        async for answer in self._rest.pages(path, {"per_page": PER_PAGE}, most=MOST_PAGES):
            if not answer.is_success:
                raise self._rest.refusal(answer, "list what was said on a pull request")
            found += _of_people(self._rest.read(answer))
        return found


def _of_people(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        bot = row["user"] is not None and row["user"]["type"] == "Bot"
        if not bot and _OURS not in (row["body"] or ""):
            yield row


def _says_something(review: dict[str, Any]) -> bool:
    """A review that is not sent off yet has no time; one of remarks alone has neither words nor a verdict."""
    return bool(review.get("submitted_at") and (review["body"] or review["state"] in _VERDICTS))


def _review(row: dict[str, Any]) -> RequestComment:
    """Anybody may review in a public repository: the verdict counts of those whom the repository trusts."""
    trusted = row["author_association"] in _TRUSTED
    return RequestComment(
        comment_id=f"review-{row['id']}",
        author=_author(row),
        body=row["body"] or "",
        ts=_ts(row["submitted_at"]),
        verdict=_VERDICTS.get(row["state"], "none") if trusted else "none",
    )


def _remark(row: dict[str, Any]) -> RequestComment:
    """Its line is that of the newest commit, or where it was once that is gone; a remark on a file has none."""
    line = row.get("line") or row.get("original_line")
    return RequestComment(
        comment_id=f"line-{row['id']}",
        author=_author(row),
        body=row["body"],
        ts=_ts(row["created_at"]),
        path=row["path"],
        line=None if row.get("subject_type") == "file" else line,
    )


def _comment(row: dict[str, Any]) -> RequestComment:
    return RequestComment(
        comment_id=f"comment-{row['id']}", author=_author(row), body=row["body"] or "", ts=_ts(row["created_at"])
    )


def _author(row: dict[str, Any]) -> str:
    """GitHub shows the words of accounts that were deleted as those of `ghost`."""
    return "ghost" if row["user"] is None else str(row["user"]["login"])


def _ts(when: str) -> float:
    return datetime.fromisoformat(when).timestamp()
