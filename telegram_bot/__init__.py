"""The chat driver: tells one Telegram chat of tasks and takes people's answers there. Imports core only."""
