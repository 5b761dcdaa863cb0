"""The MCP driver: hosts of the Model Context Protocol submit, watch and answer tasks. Imports the client of the API only."""
