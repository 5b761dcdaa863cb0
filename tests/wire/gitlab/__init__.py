"""A strict counterpart of GitLab's REST API v4, with real git objects."""
