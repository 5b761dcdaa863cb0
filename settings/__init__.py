"""Groups of settings that config.py puts together. Nothing here reads the environment."""
