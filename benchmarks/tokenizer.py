"""The tokenizer of GPT-4o and later, which comes with LiteLLM: a real one that needs no network."""

import importlib.util
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import tiktoken

Tokenize = Callable[[str], Sequence[int]]
NAME = "o200k_base"


def tokenizer() -> Tokenize:
    """What turns a text into its tokens."""
    spec = importlib.util.find_spec("litellm")
    assert spec is not None, "litellm is installed"
    assert spec.origin is not None
    os.environ["TIKTOKEN_CACHE_DIR"] = str(Path(spec.origin).parent / "litellm_core_utils" / "tokenizers")
    encoding = tiktoken.get_encoding(NAME)
    return lambda text: encoding.encode(text, disallowed_special=())
