"""Checks of how an application is shipped: published schemas, linters, and what the files say of each other."""
