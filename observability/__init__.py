"""How the service is seen from outside: the log of model calls, spans, figures, log lines. Imports core only."""
