"""Settings that are wrong end a command with a sentence."""

import pytest

from cli.errors import CommandFailed, ExitCode
from cli.host import load_settings


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MODEL_LLM_PARAMS", '{"gpt-5": {"stream": 1}}', "MODEL_LLM_PARAMS: gpt-5: stream may not be set: "),
        (
            "AGENT_LLM_PARAMS",
            '{"planner": {"temperature": "hot"}}',
            "AGENT_LLM_PARAMS: planner: temperature must be a number",
        ),
        ("AGENT_LLM_PARAMS", "not json", "AGENT_LLM_PARAMS: is not JSON: "),
        ("MODEL_LLM_PARAMS", '{"gpt-5": 3}', "MODEL_LLM_PARAMS.gpt-5: Input should be a valid dictionary"),
        ("MODEL_QA", "gpt 5", "MODEL_QA: 'gpt 5' is not the name of a model: it has blanks in it"),
        ("MAX_ITERATIONS", "0", "MAX_ITERATIONS: Input should be greater than or equal to 1"),
    ],
)
def test_the_sentence_names_the_setting_and_what_in_it_is_wrong(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(CommandFailed) as caught:
        load_settings()
    assert caught.value.code == ExitCode.USAGE
    assert str(caught.value).startswith(said)
