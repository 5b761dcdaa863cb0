"""LiteLLMClient over real HTTP; the provider and the client run in a process of their own (see wire_probe)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def wire() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.llm.wire_probe"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results: dict[str, Any] = json.loads(done.stdout)
    return results


def test_an_answer_is_streamed_with_the_usage_that_the_provider_reported(wire: dict[str, Any]) -> None:
    assert wire["fine"]["deltas"] == ["Hello, ", "world"]
    assert wire["fine"]["response"]["text"] == "Hello, world"
    assert wire["fine"]["response"]["finish_reason"] == "stop"
    assert wire["long"]["response"]["finish_reason"] == "length"
    assert wire["fine"]["response"]["usage"] == {
        "input_tokens": 1_000,
        "output_tokens": 7,
        "cache_read_tokens": 600,
        "cache_write_tokens": 0,
    }
    assert wire["bare"]["response"]["model"] == "my-own-model"
    assert wire["sent"]["max_tokens"] == 50
    assert wire["sent"]["temperature"] == 0.5
    assert wire["sent"]["messages"][0] == {"role": "system", "content": "You plan."}


def test_each_failure_is_one_request_and_says_whether_to_try_again(wire: dict[str, Any]) -> None:
    assert wire["busy"]["error"] == "ModelTransientError"
    assert wire["busy"]["fields"]["retry_after_s"] == 17
    assert wire["locked"]["error"] == "ModelError"
    assert wire["locked"]["fields"]["provider_status"] == 401
    assert wire["refused_param"]["error"] == "ModelError"
    assert {wire[f"{model}_requests"] for model in ("fine", "long", "cut", "busy", "locked")} == {1}
    assert "canary" not in json.dumps([wire["busy"], wire["locked"]])


def test_a_stream_that_is_cut_or_stalls_is_an_error_and_its_connection_is_closed(wire: dict[str, Any]) -> None:
    assert wire["cut"]["error"] == "ModelTransientError"
    assert "cut off" in wire["cut"]["text"]
    assert wire["stalls"]["error"] == "ModelTransientError"
    assert wire["stalls"]["seconds"] < 5
    assert wire["closed_early"] is True


def test_litellm_is_loaded_at_the_first_call_and_fetches_no_prices(wire: dict[str, Any]) -> None:
    assert wire["loaded_early"] is False
    assert wire["env"] == "True"
