"""The client of the HTTP API as the commands have it: the one way in which they reach the service, wherever it runs."""

from client import AsyncAutonomyClient, Retries

RETRIES = Retries(times=2, longest_retry_after_s=0)
"""A full queue ends a command at once, with the sentence and the code that scripts wait for."""


class Client(AsyncAutonomyClient):
    """`inside`: the service lives in this process, and ends with it."""

    inside = False
