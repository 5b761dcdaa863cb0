"""Expected failures. Each carries the HTTP status and the sentence a person reads; anything else raised is a bug."""

from core.types import Json, JsonObject


class AutonomyError(Exception):
    """Base of all expected failures.

    `status` is the HTTP status, `title` the short name in problem+json, `str(error)` the sentence for people.
    `fields` are extra members of the problem document (for example `limit`, `winner`).
    """

    status = 500
    title = "Internal error"

    def __init__(self, message: str, **fields: Json) -> None:
        super().__init__(message)
        self.fields: JsonObject = fields


class InvalidInput(AutonomyError):
    """A value that a caller sent is not acceptable; the message names the field and the limit."""

    status = 422
    title = "Invalid input"


class TooLarge(AutonomyError):
    status = 413
    title = "Too large"


class NotFound(AutonomyError):
    status = 404
    title = "Not found"


class Conflict(AutonomyError):
    """The answer came too late, the question is not asked, or the thing shown has changed; `winner` says who was first."""

    status = 409
    title = "Conflict"


class Unauthorized(AutonomyError):
    status = 401
    title = "Unauthorized"


class Forbidden(AutonomyError):
    """The key is known and its role is not enough; the message names the role that is."""

    status = 403
    title = "Forbidden"


class TooManyRequests(AutonomyError):
    """A key has used up what it may ask in a minute; `retry_after_s` says when to come back."""

    status = 429
    title = "Too many requests"


class TooManyTasks(AutonomyError):
    """Queue and workers are full; `retry_after_s` says when to come back."""

    status = 429
    title = "Too many tasks"


class Refused(AutonomyError):
    """The service will not do this on this machine (for example no isolation); the message says how to fix it."""

    status = 503
    title = "Refused"


class PathRefused(InvalidInput):
    """A path that an agent or a person gave is not allowed in a workspace."""

    title = "Path refused"


class ModelError(AutonomyError):
    """A model call failed for good, after retries and fallback."""

    status = 502
    title = "Model call failed"


class ModelTransientError(ModelError):
    """Worth another try: rate limit, overload, connection; `retry_after_s` when the provider said so."""

    title = "Model is busy"


class ContentFiltered(ModelError):
    """The model or its provider declined to answer; the same question gets the same answer, another model may do it."""

    title = "Refused by the model"


class ContextOverflow(ModelError):
    """The messages do not fit into the model's context window; a model with a larger one may take them."""

    title = "Too much for the model"


class Diverged(AutonomyError):
    """A task that is replayed asks what its cassette does not hold; the message shows the difference.

    Not a ModelError: neither a retry nor another model nor a person may answer in its place, so it ends the task.
    """

    status = 409
    title = "Replay diverged"


class BudgetExceeded(AutonomyError):
    """The worst case of the next call does not fit under a cap, or a person has to speak first; nothing was spent for it.

    `fields`: `account`, `scope`, `cap_usd`, `spent_usd`, `reserved_usd`, `needed_usd`; `kept_usd` of the cap are for
    reading replies alone; of a day `ends_at` (Unix time) and `opens` (for people); `overrun_usd` where a provider charged
    too much; `unknown_price` and `model` where the price is a guess.
    """

    status = 402
    title = "Budget exceeded"


class SandboxError(AutonomyError):
    """The sandbox could not be set up or its run could not be supervised; no result of it may be believed."""

    status = 503
    title = "Sandbox failed"


class CodeHostRefused(AutonomyError):
    """The code host did not take what was to be published; the message says how to fix it, then trying again is safe.

    `reason` (a field) is one of REFUSALS; `paths` are those in conflict or too large; `retry_after_s` as the host said.
    """

    status = 502
    title = "Refused by the code host"
    REFUSALS = (
        "bad_token", "missing_right", "not_found", "archived", "empty", "protected", "rate_limited", "conflict",
        "branch_taken", "too_large", "rejected", "unreachable",
    )  # fmt: skip


class DeliveryFailed(AutonomyError):
    """A message did not reach the outside; `retry_after_s` when the receiver said when to come back.

    `final` (a field) says that trying again cannot help.
    """

    status = 502
    title = "Delivery failed"


class NoRoom(AutonomyError):
    """The disk that holds the data directory is full, or nearly; nothing was stored."""

    status = 507
    title = "Insufficient storage"


class Damaged(AutonomyError):
    """What is stored cannot be read, and there is nothing else to go on from."""

    title = "Damaged"


class KilledAgain(AutonomyError):
    """The service was killed each time it ran what comes next, and nobody can be asked about it."""

    title = "Killed again and again"
