"""What is taken out of texts, and what must stay."""

import json
import time

import pytest

from core.redaction import Redactor, is_secret_name, named_secrets

KEYS = (
    "sk-ant-api03-abcdefghijklmnop",
    "sk-proj-ABCDEFGHIJKLMNOP",
    "sk-1234567890abcdefABCDEF",
    "sk-abcd****************wxyz",
    "gsk_1234567890abcdef",
    "xai-1234567890abcdef",
    "AIzaSyA-1234567890_abcdefghijkl",
    "ghp_1234567890abcdefghij",
    "github_pat_11ABCDEFG0abcdefghij",
    "hf_abcdefghijklmnop12",
    "AKIAIOSFODNN7EXAMPLE",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----",
)
INNOCENT = (
    "sk-folding-cube-container { animation: sk-fold }",
    "skeleton_loading_card = key_function_parameters + keyboard_navigation_2",
    "task-1234567890abcdef and desk-1234567890abcdef",
    "monkey_1234567890abcdef",
    "key: value, key_2, hf_model",
    "d41d8cd98f00b204e9800998ecf8427e",
)


@pytest.mark.parametrize("key", KEYS)
def test_what_looks_like_a_key_is_taken_out(key: str) -> None:
    assert Redactor().text(f'Incorrect key "{key}", see {key}.') == 'Incorrect key "[redacted]", see [redacted].'


@pytest.mark.parametrize("text", INNOCENT)
def test_ordinary_code_and_prose_stay(text: str) -> None:
    assert Redactor().text(text) == text


def test_configured_secrets_are_taken_out_as_they_are_and_as_json_writes_them() -> None:
    redactor = Redactor(['can"ary', "canary-long", "canary", "abc"])
    document = json.dumps({"k": 'can"ary'})
    assert redactor.text(f"a canary-long b {document} abc") == 'a [redacted] b {"k": "[redacted]"} abc'


def test_json_is_redacted_by_value_and_by_name() -> None:
    given = {
        "extra_headers": {"Authorization": "Bearer opaque", "X-Api-Key": "opaque2", "user": "ada"},
        "max_tokens": 5,
        "stop": ["canary"],
        "password": {"type": "string"},
    }
    assert Redactor(["canary"]).json(given) == {
        "extra_headers": {"Authorization": "[redacted]", "X-Api-Key": "[redacted]", "user": "ada"},
        "max_tokens": 5,
        "stop": ["[redacted]"],
        "password": {"type": "string"},
    }
    assert set(named_secrets(given)) == {"Bearer opaque", "opaque", "opaque2"}


@pytest.mark.parametrize(
    ("name", "secret"),
    [("api_key", True), ("aws_secret_access_key", True), ("token", True), ("max_tokens", False), ("monkey", False)],
)
def test_names_say_what_is_a_secret(name: str, secret: bool) -> None:
    assert is_secret_name(name) is secret


def test_a_text_made_to_be_slow_is_not() -> None:
    started = time.process_time()
    for text in ("sk-" * 700_000, "-----BEGIN PRIVATE KEY-----" * 2_000, "sk_" + "a" * 2_000_000):
        Redactor(["canary"]).text(text)
    assert time.process_time() - started < 5
