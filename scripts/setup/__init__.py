"""Set-up of a fresh machine, in the standard library only: it runs before anything is installed."""
