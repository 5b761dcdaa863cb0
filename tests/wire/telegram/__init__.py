"""A strict local counterpart of Telegram's Bot API, and proxies to reach it by."""
