"""What can be taken out of a service and into another one. Each function describes a request and sends nothing."""

from pathlib import Path
from typing import Literal

import httpx

from client.base import Model
from client.requests import Call, one, query

MOVE_S = 3600.0
"""An archive of a million calls is looked through before anything is said of it."""


class Moved(Model):
    """So many came in, were there already, or belong to a history that was not taken over."""

    new: int = 0
    known: int = 0
    left_out: int = 0


class IdentityMoved(Model):
    """`outcome` is taken over, the same, left alone, merged or replaced; `version` is the current one afterwards."""

    agent: str
    outcome: str
    version: int


class ImportReport(Model):
    """What became of an archive; with `dry_run` what would have."""

    dry_run: bool
    identities: tuple[IdentityMoved, ...]
    memory_diffs: Moved
    episodes: Moved
    interactions: Moved


def export_archive(file: Path) -> Call[None]:
    """Write identities, memory diffs, episodes and calls into `file`, as one archive."""
    return Call("GET", "/export", _nothing, answer_s=MOVE_S, into=file)


def import_archive(
    file: Path, *, existing: Literal["keep", "merge", "replace"] = "keep", dry_run: bool = False
) -> Call[ImportReport]:
    """Take an archive in. `existing` is for identities with a history of their own. The same again changes nothing."""
    params = query(existing=existing, dry_run=dry_run)
    return Call("POST", "/import", one(ImportReport), params=params, answer_s=MOVE_S, sent=file, repeatable=False)


def export_examples(
    file: Path,
    *,
    format: Literal["openai", "anthropic", "sharegpt"],  # noqa: A002  # the API's own name
    agent: str | None = None,
    outcome: Literal["clean", "accepted", "all"] = "clean",
    since: float | None = None,
    split: float = 0.1,
    seed: int = 0,
    max_chars: int = 100_000,
    identity: bool = True,
) -> Call[None]:
    """Write examples for fine-tuning into `file`: a zip file with train.jsonl, validation.jsonl and manifest.json."""
    params = query(
        format=format,
        agent=agent,
        outcome=outcome,
        since=since,
        split=split,
        seed=seed,
        max_chars=max_chars,
        identity=identity,
    )
    return Call("GET", "/export/finetune", _nothing, params=params, answer_s=MOVE_S, into=file)


def _nothing(response: httpx.Response) -> None:
    """The answer went into a file."""
    if response.headers.get("content-type") != "application/zip":
        raise ValueError("without an archive")
