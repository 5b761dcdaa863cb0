"""The sandbox: where generated code runs, isolated from this machine."""
