"""The checks of an application: each starts a sandbox and turns what comes back into check results."""
