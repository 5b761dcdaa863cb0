"""A counterpart for one test, and what the service makes of it."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from observability.bigquery.dataset import Dataset
from tests.wire.bigquery.server import BigQueryServer


@asynccontextmanager
async def running_bigquery() -> AsyncIterator[BigQueryServer]:
    server = BigQueryServer()
    await server.start()
    try:
        yield server
    finally:
        gc.collect()  # errors of the client live in cycles with their responses, and these keep connections open
        await server.stop()


def address(server: BigQueryServer) -> str:
    return server.url.removesuffix(server.prefix)


@asynccontextmanager
async def dataset_of(server: BigQueryServer, name: str = "agent_system") -> AsyncIterator[Dataset]:
    dataset = Dataset(server.project, name, emulator=address(server), request_s=20.0)
    try:
        yield dataset
    finally:
        await dataset.close()
