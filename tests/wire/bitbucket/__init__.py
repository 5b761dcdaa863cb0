"""A strict counterpart of Bitbucket Cloud's REST API 2.0, with real git objects."""
