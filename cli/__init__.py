"""The terminal driver: a client of the HTTP API, of a server that runs or of one inside its own process. Imports core only."""
