"""Signing in as the house says, and what accounts must refuse."""

from typing import Any

from .walker import Walker

PASSWORD = "correct horse battery"  # noqa: S105  # of accounts that live for seconds in a box without a network


def sign_in(walker: Walker) -> None:
    """Register the first user and keep the token; without `auth` in the contract there is nothing to do."""
    made = sign_up(walker, "first@example.com")
    if made:
        walker.token, walker.user_id = made


def sign_up(walker: Walker, email: str) -> tuple[str, int | None] | None:
    """Token and id of a new account, None when the application has no accounts or refuses it (which is noted)."""
    register = walker.contract.find("POST /api/auth/register")
    login = walker.contract.find("POST /api/auth/login")
    if register is None or login is None:
        return None
    credentials = {"email": email, "password": PASSWORD}
    account = walker.call(register, body=credentials)
    if not walker.expect(register, account, 201, f"a new account ({email})", "accounts"):
        return None
    _no_secret(walker, account.json())
    answer = walker.call(login, body=credentials)
    document = answer.json()
    if not walker.expect(login, answer, 200, "the right password", "accounts") or not isinstance(document, dict):
        return None
    token, user_id = document.get("access_token"), (account.json() or {}).get("id")
    return (token, user_id) if isinstance(token, str) else None


def _no_secret(walker: Walker, document: Any) -> None:
    leaked = [name for name in document if "password" in name.lower()] if isinstance(document, dict) else []
    register = walker.contract.find("POST /api/auth/register")
    if leaked and register:
        walker.note(register, f"the answer holds `{leaked[0]}`", "secret")


def check_accounts(walker: Walker) -> None:
    """Taken emails, short passwords, wrong passwords, unknown accounts, and who am I."""
    register = walker.contract.find("POST /api/auth/register")
    login = walker.contract.find("POST /api/auth/login")
    me = walker.contract.find("GET /api/auth/me")
    if register is None or login is None or walker.token is None:
        return
    taken = {"email": "first@example.com", "password": PASSWORD}
    wrong = {"email": "first@example.com", "password": "wrong horse battery"}
    nobody = {"email": "nobody@example.com", "password": PASSWORD}
    short = {"email": "short@example.com", "password": "short"}
    no_email = {"email": "not one", "password": PASSWORD}
    walker.expect(register, walker.call(register, body=taken), 409, "an email that is taken", "accounts")
    walker.expect(register, walker.call(register, body=short), 422, "a password of 5 characters", "accounts")
    walker.expect(register, walker.call(register, body=no_email), 422, "an invalid email", "accounts")
    walker.expect(login, walker.call(login, body=wrong), 401, "a wrong password", "accounts")
    walker.expect(login, walker.call(login, body=nobody), 401, "an unknown email", "accounts")
    if me is not None:
        answer = walker.call(me)
        email = (answer.json() or {}).get("email")
        if walker.expect(me, answer, 200, "a valid token", "accounts") and email != "first@example.com":
            walker.note(me, f"the email is {email!r}, expected 'first@example.com'", "accounts")
        for token, what in ((None, "a request without a token"), ("no.such.token", "a token that is none")):
            walker.expect(me, walker.call(me, token=token), 401, what, "authorization")
