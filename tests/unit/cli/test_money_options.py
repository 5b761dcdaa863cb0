"""Amounts on the command line: refused before anything is asked of a service."""

import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.commands import ReplyOptions
from client.models import Action


@pytest.mark.parametrize("command", [("build", "a todo list"), ("fork", "t1"), ("reply", "t1")])
@pytest.mark.parametrize("amount", ["0", "-1", "nan", "inf", "1e308", "1000001"])
def test_a_budget_that_is_none_is_wrong_use_and_the_limit_is_named(command: tuple[str, ...], amount: str) -> None:
    ended = CliRunner().invoke(app, [*command, "--budget", amount])
    assert ended.exit_code == 2
    assert "--budget" in ended.output
    assert "more than 0 and at most" in ended.output


@pytest.mark.parametrize("given", [[], ["ship it", "--go-on"], ["--go-on", "--budget", "2"]])
def test_an_answer_is_one_thing(given: list[str]) -> None:
    ended = CliRunner().invoke(app, ["reply", "t1", *given])
    assert ended.exit_code == 2
    assert "one of TEXT, --budget USD and --go-on" in ended.output


def test_amounts_are_decisions_that_no_model_reads() -> None:
    assert ReplyOptions("ship it").action is None
    assert ReplyOptions(budget_usd=2.0).action is Action.RAISE_BUDGET
    assert ReplyOptions(go_on=True).action is Action.RETRY
