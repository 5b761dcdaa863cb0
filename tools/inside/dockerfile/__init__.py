"""Does what a Dockerfile says without Docker: each stage in a folder of its own, inside the sandbox like all generated code."""
