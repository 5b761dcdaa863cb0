"""How many tokens a request can have at most, whoever counts them.

No provider's tokenizer is at hand: Anthropic and Google publish none, and OpenAI's takes seconds and tens of megabytes to load.
"""

import functools
import re
import unicodedata
from pathlib import Path

import orjson

from core.models import ModelRequest

_FRAME, _MESSAGE = 64, 16
"""What providers put around a request and around each message; a chat template needs 3 to 8 for a message."""
_SCHEMA = 1_024
"""What a provider adds that holds an answer to a schema: 300 to 500 where it is done by tools."""
_WORDS = Path(__file__).parent / "words.txt"
_WORD = re.compile(r"( ?)(?<![A-Za-z])([a-z]{3,})(?![A-Za-z])|( ?)([A-Z]?[a-z]{3,})")
"""Space and word where it stands alone in small letters; else space and word."""
_SPACES = re.compile(r" {3,}")


def input_bound(request: ModelRequest) -> int:
    """Upper bound of the tokens of everything that is sent."""
    texts = sum(_MESSAGE + token_bound(message.content) for message in request.messages)
    extra = orjson.dumps(request.params) if request.params else b""
    if request.answer_schema is not None:
        extra += orjson.dumps(request.answer_schema)
        texts += _SCHEMA
    return _FRAME + texts + len(extra)


def token_bound(text: str) -> int:
    """Upper bound of the tokens of `text`.

    A tokenizer that works on bytes, or falls back to them, makes at most one token of each. Words of words.txt count 2 in
    small letters with a space before them (1 in every tokenizer that was tried), those of its first part 2 wherever they
    stand alone, and 3 in any other place. Of a run of spaces every fourth counts.
    Letters that some tokenizers take apart first (NFKC) count as they are then.
    """
    if text.isascii():
        return len(text) - _saved(text)
    plain = len(text.encode("utf-8", "surrogatepass"))
    return max(plain, len(unicodedata.normalize("NFKC", text).encode("utf-8", "surrogatepass"))) - _saved(text)


def _saved(text: str) -> int:
    """Bytes that are no tokens of their own."""
    short, known = _known_words()
    saved = 0
    for space, alone, other_space, other in _WORD.findall(text):
        if alone in known:
            saved += len(space) + len(alone) - (2 if space or alone in short else 3)
        elif other and other.lower() in known:
            saved += len(other_space) + len(other) - 3
    return saved + sum(_saved_spaces(len(run)) for run in _SPACES.findall(text))


def _saved_spaces(count: int) -> int:
    """The last space may belong to a word behind it."""
    return count - 1 - -(-(count - 1) // 4)


@functools.cache
def _known_words() -> tuple[frozenset[str], frozenset[str]]:
    """(those of the first part, all of them); read with the first call that costs money."""
    short, _, others = _WORDS.read_text("ascii").partition("\n\n")
    return frozenset(short.split()), frozenset(short.split() + others.split())
