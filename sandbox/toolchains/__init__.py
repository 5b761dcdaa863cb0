"""Locks of the sandbox's toolchains, and how they are built."""
