"""Routes, one file per thing."""
