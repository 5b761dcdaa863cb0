"""Escaping and imports: what stands between a plan's words and valid TypeScript."""

import pytest

from llm.offline.react_app.imports import LIBRARY, with_imports
from llm.offline.react_app.text import attr, element, in_sentence, jsx, member, object_key, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Posts", "Posts"), ("A & B", '{"A & B"}'), ("{x}", '{"{x}"}'), ("a<b", '{"a<b"}'), (" padded", '{" padded"}')],
)
def test_text_between_tags_stays_text(text: str, expected: str) -> None:
    assert jsx(text) == expected


def test_attributes_with_quotes_become_expressions() -> None:
    assert attr("Title") == '"Title"'
    assert attr('a "b"') == '{"a \\"b\\""}'


def test_names_are_quoted_only_where_they_must_be() -> None:
    assert (object_key("posts"), object_key("blog-posts")) == ("posts", '"blog-posts"')
    assert (member("posts"), member("blog-posts")) == (".posts", '["blog-posts"]')


def test_labels_in_the_middle_of_a_sentence_keep_abbreviations() -> None:
    assert in_sentence("Blog post") == "blog post"
    assert in_sentence("FAQ entry") == "FAQ entry"


def test_plain_words_cannot_end_a_docstring() -> None:
    assert plain('a """b""" \\ c-d') == "a b c-d"


def test_long_elements_take_one_line_per_attribute() -> None:
    assert element("A", ["b"], 2) == "  <A b />"
    long = element("TextField", [f'name="{"x" * 50}"', f'label="{"y" * 50}"'], 2)
    assert long.splitlines()[0] == "  <TextField"
    assert long.splitlines()[-1] == "  />"


def test_imports_follow_what_the_text_uses_and_not_its_words() -> None:
    body = "export function A() {\n  return <Link to={useRowId()}>Page Form Loaded formatDate</Link>;\n}\n"
    assert with_imports("pages/posts/A.tsx", body, LIBRARY).splitlines()[:2] == [
        'import { Link } from "react-router";',
        'import { useRowId } from "../../components/useRowId";',
    ]
