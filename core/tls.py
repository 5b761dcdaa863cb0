"""Whom connections over TLS trust: read once for all of a process, for reading it takes 25 ms in which nothing else runs."""

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """What httpx reads for each client that is given nothing: its own list, or that of SSL_CERT_FILE or SSL_CERT_DIR."""
    return httpx.create_ssl_context()
