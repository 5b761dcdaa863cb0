"""What people have said on a GitLab merge request: notes, approvals and requests for changes, without machines' words."""

import re
from datetime import datetime
from typing import Literal, TypeVar

from code_host import gitlab_answers as answers
from code_host.foreign import read_as
from code_host.gitlab_repository import PAGE
from code_host.rest import Rest
from core.publication import RequestComment

_MOST_PAGES = 20
_BOT = re.compile(
    r"(project|group)_\d+_bot(_[0-9a-z]+)?|service_account_\w+|(alert|support|gitlab|security|ghost)-?bot", re.I
)
_OURS = "<!-- autonomy"
Verdict = Literal["approved", "changes_requested"]
_SAID: dict[Verdict, str] = {
    "approved": "approved this merge request",
    "changes_requested": "requested changes",
}
T = TypeVar("T")


class GitLabComments:
    """GitLab tells who approves or wants changes now, and in notes of its own when that was said; those give id and time."""

    def __init__(self, rest: Rest, path: str) -> None:
        self._rest = rest
        self._path = f"{path}/merge_requests"

    async def read(self, number: int) -> list[RequestComment]:
        """Oldest first."""
        notes = await self._notes(number)
        people = [note for note in notes if not note.system and not is_bot(note.author.username)]
        found = [_comment(note) for note in people if _OURS not in note.body]
        found += await self._verdicts(number, [note for note in notes if note.system])
        return sorted(found, key=lambda comment: (comment.ts, comment.comment_id))

    async def _notes(self, number: int) -> list[answers.Note]:
        params: dict[str, str | int] = {"sort": "asc", "order_by": "created_at", "per_page": PAGE}
        notes: list[answers.Note] = []
        async for answer in self._rest.pages(f"{self._path}/{number}/notes", params, most=_MOST_PAGES):
            notes += read_as(self._rest, list[answers.Note], answer, "list the notes of a merge request")
        return notes

    async def _verdicts(self, number: int, system: list[answers.Note]) -> list[RequestComment]:
        approvals = await self._optional(answers.Approvals, f"{number}/approvals", answers.Approvals())
        reviewers = await self._optional(list[answers.Reviewer], f"{number}/reviewers", [])
        approving = [(given.user, given.approved_at) for given in approvals.approved_by]
        changing = [(asked.user, asked.created_at) for asked in reviewers if asked.state == "requested_changes"]
        given: list[tuple[Verdict, answers.User, datetime | None]] = [
            *(("approved", user, when) for user, when in approving),
            *(("changes_requested", user, when) for user, when in changing),
        ]
        return [
            _verdict(verdict, user, _last(system, user, _SAID[verdict]), when.timestamp() if when else 0.0)
            for verdict, user, when in given
            if not is_bot(user.username)
        ]

    async def _optional(self, kind: type[T], path: str, otherwise: T) -> T:
        """What not every version and edition has."""
        answer = await self._rest.get(f"{self._path}/{path}")
        return otherwise if answer.status_code in (403, 404) else read_as(self._rest, kind, answer, "show who approves")


def is_bot(username: str) -> bool:
    """Users that GitLab makes for tokens of projects and groups, for service accounts, and for itself."""
    return _BOT.fullmatch(username) is not None


def _last(system: list[answers.Note], user: answers.User, words: str) -> answers.Note | None:
    said = [note for note in system if note.author.id == user.id and note.body.startswith(words)]
    return said[-1] if said else None


def _verdict(verdict: Verdict, user: answers.User, said: answers.Note | None, otherwise: float) -> RequestComment:
    return RequestComment(
        comment_id=f"{verdict}-{user.id}" if said is None else f"note-{said.id}",
        author=user.username,
        body="",
        ts=otherwise if said is None else said.created_at.timestamp(),
        verdict=verdict,
    )


def _comment(note: answers.Note) -> RequestComment:
    position = note.position
    return RequestComment(
        comment_id=f"note-{note.id}",
        author=note.author.username,
        body=note.body,
        ts=note.created_at.timestamp(),
        path=position.new_path if position else None,
        line=position.new_line if position else None,
    )
