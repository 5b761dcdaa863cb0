"""A strict local counterpart of E2B: its control plane, and envd made of the SDK's own generated server classes.

It encodes our reading of the public API description and of envd's source; it was never compared with the real service.
Commands are plain processes of this machine, so it is for our own programs alone.
"""
