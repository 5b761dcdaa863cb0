"""Sandboxes in E2B's cloud: a virtual machine per task, and in it the same box per run as on this machine.

`agent` and `wire` are sent to the machine and run there by its bare Python; everything else runs here.
"""
