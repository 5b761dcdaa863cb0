"""The words of the product: types, ports, events, errors and pure rules. Imports nothing of ours and does no I/O."""
