"""What was asked of models and what it cost, for people who look back. Imports core only."""
