"""The bound of tokens against real tokenizers: those that come with LiteLLM, and none of which is used in production."""

import base64
import importlib.util
import json
import random
import string
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from config import PROJECT
from core.models import Message
from llm.tokens import _known_words, input_bound, token_bound
from tests.unit.llm.scripted import a_request

Count = Callable[[str], int]


@pytest.fixture(scope="module")
def counts() -> Mapping[str, Count]:
    """GPT-3, GPT-4, GPT-4o and later, and the last tokenizer that Anthropic published."""
    spec = importlib.util.find_spec("litellm")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "litellm_core_utils" / "tokenizers"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
        encodings = [tiktoken.get_encoding(name) for name in ("p50k_base", "cl100k_base", "o200k_base")]
    claude = Tokenizer.from_file(str(folder / "anthropic_tokenizer.json"))
    found: dict[str, Count] = {each.name: _count_by(each) for each in encodings}
    return {**found, "claude": lambda text: len(claude.encode(text, add_special_tokens=False).ids)}


def _count_by(encoding: tiktoken.Encoding) -> Count:
    return lambda text: len(encoding.encode(text, disallowed_special=()))


def random_text(alphabet: str, length: int = 3_000) -> str:
    return "".join(random.Random(1).choices(alphabet, k=length))


def many(first: int, last: int) -> str:
    return "".join(map(chr, random.Random(1).choices(range(first, last + 1), k=800)))


HARD = {
    "random letters": random_text(string.ascii_letters),
    "capitals": random_text(string.ascii_uppercase),
    "digits": random_text(string.digits),
    "punctuation": random_text(string.punctuation),
    "anything printable": random_text(string.printable),
    "base64": base64.b64encode(random.Random(1).randbytes(3_000)).decode(),
    "hex": random.Random(1).randbytes(2_000).hex(),
    "spaces": " " * 5_000,
    "tabs": "\t" * 3_000,
    "newlines": "\n" * 3_000,
    "blanks of all kinds": random_text(" \t\r\n"),
    "dashes": "-" * 5_000,
    "stops": "..." * 1_000,
    "control characters": many(0, 31),
    "Chinese": many(0x4E00, 0x9FFF),
    "rare Chinese": many(0x20000, 0x2A6DF),
    "Korean": many(0xAC00, 0xD7A3),
    "Arabic": many(0x600, 0x6FF),
    "emoji": many(0x1F300, 0x1FAFF),
    "families of emoji": "👩‍👩‍👧‍👦🏳️‍🌈" * 200,
    "letters that are taken apart": "\ufdfa\u3382\ufb03\u2167" * 200,
    "accents": "e\u0301o\u0308\u0323" * 300,
    "private use": many(0xE000, 0xF8FF),
    "bytes that were no UTF-8": random.Random(1).randbytes(2_000).decode("utf-8", "replace"),
    "Python": (PROJECT / "graph" / "runner.py").read_text(),
    "TypeScript": (PROJECT / "llm/offline/react_app/templates/entity/list.tsx.j2").read_text(),
    "minified JSON": json.dumps(json.loads((PROJECT / "llm/offline/reader/data/entities.json").read_bytes())),
    "lock file": (PROJECT / "requirements.lock").read_text()[:20_000],
    "prose": (PROJECT / "docs" / "architecture.md").read_text(),
}


@pytest.mark.parametrize("kind", HARD)
def test_no_tokenizer_makes_more_of_a_hard_text(counts: Mapping[str, Count], kind: str) -> None:
    bound = token_bound(HARD[kind])
    assert {name: count(HARD[kind]) for name, count in counts.items() if count(HARD[kind]) > bound} == {}


@pytest.mark.parametrize("kind", ["Python", "TypeScript", "minified JSON", "prose"])
def test_of_ordinary_text_it_is_about_twice_what_the_worst_tokenizer_makes(
    counts: Mapping[str, Count], kind: str
) -> None:
    most = max(count(HARD[kind]) for count in counts.values())
    assert token_bound(HARD[kind]) < 2.4 * most


def test_every_known_word_counts_enough_wherever_it_stands(counts: Mapping[str, Count]) -> None:
    for word in sorted(_known_words()[1]):
        capital = word.capitalize()
        for text in (
            word,
            f" {word}",
            capital,
            f" {capital}",
            f"\n{word}",
            f".{word}",
            f"1{word}",
            f"_{word}",
            word + capital,
        ):
            assert all(count(text) <= token_bound(text) for count in counts.values()), text


PIECES = st.one_of(
    st.sampled_from(sorted(_known_words()[1])).map(" {}".format),
    st.sampled_from(sorted(_known_words()[1])),
    st.sampled_from(sorted(_known_words()[1])).map(str.capitalize),
    st.integers(2, 40).map(" ".__mul__),
    st.text(string.punctuation + string.digits + "\n\t", min_size=1, max_size=6),
    st.text(string.ascii_letters, min_size=1, max_size=12),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4),
)


@settings(max_examples=400, deadline=None)
@given(pieces=st.lists(PIECES, min_size=1, max_size=30))
def test_no_tokenizer_makes_more_of_any_mixture(counts: Mapping[str, Count], pieces: list[str]) -> None:
    text = "".join(pieces)
    assert all(count(text) <= token_bound(text) for count in counts.values())


def test_text_outside_of_unicode_counts_by_its_bytes() -> None:
    assert token_bound("\ud800" * 10) == 30


def test_a_request_is_more_than_its_text() -> None:
    request = a_request("Plan")
    texts = sum(token_bound(message.content) for message in request.messages)
    assert input_bound(request) >= texts + 64
    longer = request.model_copy(update={"messages": (*request.messages, Message(role="user", content=""))})
    assert input_bound(longer) > input_bound(request)
    with_schema = request.model_copy(update={"answer_schema": {"type": "object", "description": "x" * 500}})
    assert input_bound(with_schema) > input_bound(request) + 1_500
    with_params = request.model_copy(update={"params": {"stop": ["y" * 100]}})
    assert input_bound(with_params) > input_bound(request) + 100


def test_what_is_taken_apart_is_longer_than_its_bytes() -> None:
    ligature = "\ufdfa"
    assert token_bound(ligature) == len(unicodedata.normalize("NFKC", ligature).encode()) > len(ligature.encode())
