"""Links that answer one question without a key: each carries a token that this service alone can make, and works once."""

import json
import secrets
from functools import cached_property

from cryptography.fernet import Fernet, InvalidToken

from api.claims import PATH, Claim
from core.errors import Forbidden

LIFE_S = 30 * 86_400


class DecisionLinks:
    """`key` is a Fernet key (32 bytes, base64), which encrypts and signs; `public_url` is where people reach the service."""

    def __init__(self, key: bytes, public_url: str) -> None:
        self._key = key
        self._public_url = public_url.rstrip("/")

    @cached_property
    def _fernet(self) -> Fernet:
        return Fernet(self._key)

    def make(self, task_id: str, interrupt_id: str) -> str:
        """An address of its own for whoever it is sent to."""
        claim = Claim(task_id=task_id, interrupt_id=interrupt_id, nonce=secrets.token_hex(8))
        return f"{self._public_url}{PATH}/{self._fernet.encrypt(claim.model_dump_json().encode()).decode()}"

    def read(self, token: str) -> Claim:
        """Raises Forbidden when the token is not one of ours, was changed, or is older than 30 days."""
        try:
            return Claim.model_validate(json.loads(self._fernet.decrypt(token, ttl=LIFE_S)))
        except (InvalidToken, ValueError) as error:
            raise Forbidden("this link is not valid, or is older than 30 days") from error
