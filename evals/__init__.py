"""Evaluations: the same tasks, done by different models, prompts and rules, and what differs between them."""
