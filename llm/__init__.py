"""Models behind core.ports.ModelClient: providers, wrappers around them, and the offline model."""
