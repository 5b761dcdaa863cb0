"""The offline model: deterministic, in-process, no weights. It sees only the rendered messages of a call."""
