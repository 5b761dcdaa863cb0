"""Helpers of development: set-up, locks, continuous integration."""
