"""The tests as QA wrote them, as one hash: what a builder's turn must not move."""

import hashlib
from collections.abc import Mapping

from core.ownership import owner_of
from core.plan import Plan
from core.types import AgentName


def tests_digest(plan: Plan, files: Mapping[str, str]) -> str:
    """SHA-256 over paths and contents of every file that qa_agent owns; equal as long as no test was changed."""
    digest = hashlib.sha256()
    for path in sorted(files):
        if owner_of(plan.ownership, path) is AgentName.QA:
            content = files[path].encode()
            digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
