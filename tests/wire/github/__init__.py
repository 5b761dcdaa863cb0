"""A strict counterpart of GitHub's REST API for one repository, with real git objects in a bare repository on disk."""
