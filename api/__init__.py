"""The HTTP driver: FastAPI over core.ports. Imports core only."""
