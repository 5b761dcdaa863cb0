"""How each agent thinks: renders its prompts, asks its model, reads the answer, checks its own work."""
