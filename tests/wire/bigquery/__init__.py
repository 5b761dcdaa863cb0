"""A strict local counterpart of BigQuery: what it refuses, how streaming forgets, and SQL that really runs (DuckDB)."""
