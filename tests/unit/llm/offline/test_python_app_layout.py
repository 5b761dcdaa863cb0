"""How generated Python is laid out: literals, docstrings, imports and lines that are too long."""

import ast

import pytest

from llm.offline.python_app.layout import docstring, fit, import_from, literal, sentence, text_call
from llm.offline.python_app.modules import assemble
from llm.offline.python_app.reflow import reflow


@pytest.mark.parametrize("text", ["plain", 'say "so"', "it's", "both ' and \"", "back\\slash", "tab\tnul\x00", "ünï ☃"])
def test_a_literal_reads_back_as_the_text(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text


def test_a_literal_has_the_quotes_that_need_the_fewest_escapes() -> None:
    assert (literal('say "so"'), literal("it's")) == ("'say \"so\"'", '"it\'s"')


def test_a_long_sentence_is_cut_and_still_the_same() -> None:
    text = "A sentence of many words. " * 12
    code = sentence("SAID = ", text)
    assert max(map(len, code.splitlines())) <= 120
    assert ast.literal_eval(code.partition("= ")[2]) == text


def test_a_long_text_before_other_arguments_is_cut() -> None:
    code = text_call("check", "x > 1 AND " * 20, 'name="long"', 8)
    call = ast.parse(code.replace("\n        ", "\n")).body[0]
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    assert ast.literal_eval(call.value.args[0]) == "x > 1 AND " * 20


def test_a_docstring_cannot_be_ended_by_what_it_says() -> None:
    module = ast.parse(docstring('ends """ here \\', 0))
    assert ast.get_docstring(module) == "ends ''' here /"


def test_items_stand_on_one_line_while_they_fit() -> None:
    assert fit("f(", ["a", "b"], ")") == "f(a, b)"
    assert fit("f(", ["a" * 60, "b" * 60], ")") == f"f(\n    {'a' * 60},\n    {'b' * 60},\n)"


def test_imported_names_are_in_the_order_of_isort() -> None:
    assert (
        import_from("m", ["lower", "Class", "CONSTANT", "Another"]) == "from m import CONSTANT, Another, Class, lower"
    )


def test_a_module_imports_what_its_body_uses_and_nothing_else() -> None:
    text = assemble(
        "Doc.", "def f(x: Annotated[int, Field(ge=1)]) -> Thing:\n    return Thing(x)\n", {"Thing": "app.things"}
    )
    assert text.startswith(
        '"""Doc."""\n\nfrom typing import Annotated\n\nfrom pydantic import Field\n\nfrom app.things import Thing\n\n\ndef'
    )


LONG = "a" * 50


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        (f"x = f({LONG}, g({LONG}, 1), h({LONG}))", f"x = f(\n    {LONG},\n    g({LONG}, 1),\n    h({LONG}),\n)"),
        (f"return fun(g({LONG}), h({LONG}))  ".rstrip(), f"return fun(g({LONG}), h({LONG}))"),
        (f"return function_name(g({LONG}), h_h({LONG}))", f"return function_name(\n    g({LONG}), h_h({LONG})\n)"),
        (f"    w(models.{LONG} == query.{LONG}_{LONG})", f"    w(\n        models.{LONG}\n        == query.{LONG}_{LONG}\n    )"),
        (f"s = {{'{LONG}', '{LONG}', '{LONG}'}}", f"s = {{\n    '{LONG}',\n    '{LONG}',\n    '{LONG}',\n}}"),
        (f"# a comment {LONG * 3}", f"# a comment {LONG * 3}"),
    ],
)  # fmt: skip
def test_a_line_that_is_too_long_is_broken_at_its_last_bracket(line: str, broken: str) -> None:
    assert reflow(line) == broken
