"""Writes the service's OpenAPI document to standard output: what the dashboard's types are generated from."""

import json
import sys
from contextlib import AbstractAsyncContextManager

from api.app import create_app
from api.services import ApiServices


def _closed() -> AbstractAsyncContextManager[ApiServices]:
    raise RuntimeError("the document is made without a service")


def document() -> str:
    """The document, the same text each time."""
    return json.dumps(create_app(_closed).openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
