"""Errors as Google's APIs word them."""

from tests.wire.rest_server import Refused

_STATUS = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ALREADY_EXISTS"}


def refused(code: int, reason: str, message: str) -> Refused:
    one = {"message": message, "domain": "global", "reason": reason}
    error = {"code": code, "message": message, "errors": [one], "status": _STATUS.get(code, "UNKNOWN")}
    return Refused(code, {"error": error})


def invalid(message: str) -> Refused:
    return refused(400, "invalid", message)


def invalid_query(message: str) -> Refused:
    return refused(400, "invalidQuery", message)


def not_found(what: str) -> Refused:
    return refused(404, "notFound", f"Not found: {what}")


def duplicate(what: str) -> Refused:
    return refused(409, "duplicate", f"Already Exists: {what}")


def denied(permission: str, what: str) -> Refused:
    return refused(
        403,
        "accessDenied",
        f"Access Denied: {what}: Permission {permission} denied on {what.lower()} (or it may not exist).",
    )
