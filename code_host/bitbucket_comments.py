"""What people have said on a pull request on Bitbucket: comments, approvals and requests for changes."""

from code_host import bitbucket_answers as answers
from code_host.bitbucket_repository import PAGE, next_page
from code_host.foreign import read_as
from code_host.rest import Rest
from core.publication import RequestComment

_MOST_PAGES = 20
_OURS = "<!-- autonomy"


class BitbucketComments:
    """Without what is deleted, not sent off yet, said by an app or a token, or marked as ours."""

    def __init__(self, rest: Rest, path: str) -> None:
        self._rest = rest
        self._path = f"{path}/pullrequests"

    async def read(self, request: answers.PullRequest) -> list[RequestComment]:
        """Oldest first; `request` is whole."""
        params: dict[str, str | int] = {"pagelen": PAGE}
        found: list[RequestComment] = []
        pages = self._rest.pages(f"{self._path}/{request.id}/comments", params, most=_MOST_PAGES, follow=next_page)
        async for answer in pages:
            comments = read_as(self._rest, answers.Comments, answer, "list the comments of a pull request").values
            found += [_comment(comment) for comment in comments if _is_said(comment)]
        found += [_verdict(each) for each in request.participants if each.state and _is_person(each.user)]
        return sorted(found, key=lambda comment: (comment.ts, comment.comment_id))


def _is_said(comment: answers.Comment) -> bool:
    hidden = comment.deleted or comment.pending or _OURS in comment.content.raw
    return not hidden and _is_person(comment.user)


def _is_person(user: answers.Account | None) -> bool:
    """Accounts that were deleted have no user; apps and tokens have another type."""
    return user is None or user.type == "user"


def _name(user: answers.Account | None) -> str:
    return "somebody" if user is None else user.nickname or user.display_name or user.uuid


def _comment(comment: answers.Comment) -> RequestComment:
    return RequestComment(
        comment_id=f"comment-{comment.id}",
        author=_name(comment.user),
        body=comment.content.raw,
        ts=comment.created_on.timestamp(),
        path=comment.inline.path if comment.inline else None,
        line=comment.inline.to if comment.inline else None,
    )


def _verdict(given: answers.Participant) -> RequestComment:
    """It counts of reviewers alone: of a public repository anybody may take part.

    Its time is part of its id, so that the same person's next verdict is another one.
    """
    when = 0 if given.participated_on is None else int(given.participated_on.timestamp())
    return RequestComment(
        comment_id=f"{given.state}-{given.user.uuid}-{when}",
        author=_name(given.user),
        body="",
        ts=float(when),
        verdict=given.state or "none" if given.role == "REVIEWER" else "none",
    )
