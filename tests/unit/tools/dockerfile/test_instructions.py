"""Dockerfiles as they are written: continuation lines, comments in between, flags, JSON forms, here-documents."""

import pytest

from tools.inside.dockerfile.instructions import parse
from tools.inside.dockerfile.words import expand, pairs

TEXT = """\
# a comment
FROM python:3.11-slim AS base

RUN apt-get update \\
    # what is needed
    && apt-get install -y gcc \\

    && true
COPY --from=base --chown=app:app /a "/b c" /target/
HEALTHCHECK --interval=5s \\
  CMD ["true"]
RUN <<EOF
echo one
echo two
EOF
CMD ["sh", "-c", "exit 0"]
ENTRYPOINT [not json
"""


def test_instructions_have_the_line_on_which_they_begin() -> None:
    assert [(step.line, step.name) for step in parse(TEXT)] == [
        (2, "FROM"), (4, "RUN"), (9, "COPY"), (10, "HEALTHCHECK"), (12, "RUN"), (16, "CMD"), (17, "ENTRYPOINT"),
    ]  # fmt: skip


def test_comments_and_empty_lines_do_not_end_an_instruction() -> None:
    assert parse(TEXT)[1].text == "apt-get update && apt-get install -y gcc && true"


def test_flags_stand_before_the_text() -> None:
    copy = parse(TEXT)[2]
    assert copy.flags == {"from": "base", "chown": "app:app"}
    assert copy.text == '/a "/b c" /target/'


def test_a_json_array_is_words_and_anything_else_is_for_a_shell() -> None:
    *_, cmd, entry = parse(TEXT)
    assert cmd.words == ("sh", "-c", "exit 0")
    assert entry.words is None


def test_a_here_document_belongs_to_its_instruction() -> None:
    assert parse(TEXT)[4].documents == (("EOF", "echo one\necho two\n"),)


def test_another_escape_character_may_be_named() -> None:
    assert parse("# escape=`\nRUN a `\n  b\\\nUSER x\n")[0].text == "a b\\"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$A/b", "1/b"), ("${A}", "1"), ("${NONE:-else}", "else"), ("${NONE-else}", "else"), ("${A:+then}", "then"),
        ("${NONE:+then}", ""), ("\\$A", "$A"), ("$NONE", ""), ("a$", "a$"),
    ],
)  # fmt: skip
def test_variables_are_put_in(text: str, value: str) -> None:
    assert expand(text, {"A": "1"}) == value


def test_env_has_two_forms() -> None:
    assert pairs('A=1 B="x y" C=$D', {"D": "d"}) == {"A": "1", "B": "x y", "C": "d"}
    assert pairs("A x y", {}) == {"A": "x y"}
