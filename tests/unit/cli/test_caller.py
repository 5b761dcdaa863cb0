"""Whose turn a command takes: the login name of the person, which no variable of the surroundings can change."""

import os
import pwd

import pytest

from cli.host import caller_name


def test_the_caller_is_the_login_name_whatever_the_surroundings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert caller_name(os.getuid()) == pwd.getpwuid(os.getuid()).pw_name


def test_a_user_without_a_name_is_called_by_number() -> None:
    known = {entry.pw_uid for entry in pwd.getpwall()}
    unknown = next(uid for uid in range(60_000, 90_000) if uid not in known)
    assert caller_name(unknown) == f"uid-{unknown}"


def test_a_name_that_a_header_cannot_have_is_spelled_with_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    strange = pwd.struct_passwd(("DOM\\jörg smith" + "x" * 80, "x", 1, 1, "", "/", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: strange)
    assert caller_name(1) == ("DOM-j-rg-smith" + "x" * 80)[:64]
