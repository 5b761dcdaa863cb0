"""The sandbox: where generated code runs, isolated from this machine.

Wiring builds a provider from plain values:

    choice = choose(settings.sandbox_backend, Machine(...))
    provider = build(choice, toolchains=locate(root), state_dir=data / "sandbox")
"""
