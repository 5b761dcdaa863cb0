"""Adapters of the Notifier port."""
