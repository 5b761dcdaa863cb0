"""The build workflow: one sentence becomes an application."""
