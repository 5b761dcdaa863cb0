"""Workspace port: the files of each task in a git repository of its own. Runs nothing."""
