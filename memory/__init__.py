"""Stores of one machine over SQLite: tasks, interrupts, events, spend and identities. Imports core only."""
