"""The sandbox: where generated code runs, isolated from this machine.

Wiring makes the provider from plain values; nothing less safe than what was asked for is ever used:

    bwrap = find_bwrap([private_tools, Path("/usr/bin"), Path("/usr/local/bin")])
    choice = choose(backend, bwrap=bwrap, opt_in=opt_in, uid=os.geteuid(), only_loopback=True, system=sys.platform,
                    e2b_key=bool(key))
    provider = build(choice, toolchains=locate(home / "toolchains"), state_dir=data / "sandbox", e2b=make_e2b)

`choose`, `build` and `find_bwrap` are in sandbox.choice, `locate` and `default_home` in sandbox.toolchain; `make_e2b` makes the
provider of sandbox.e2b.provider, whose library nobody else loads.
"""
