"""The logs of calls and memory diffs in BigQuery, where those of many machines meet. Imported only where a project is set."""
