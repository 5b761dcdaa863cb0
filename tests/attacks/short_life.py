"""A server that starts one box and is then killed from outside: says a word right before it starts it."""

import os
import sys
from pathlib import Path

from core.sandboxes import Limits
from sandbox import archive
from sandbox.box import Job
from sandbox.bwrap import PRIVATE_UID
from sandbox.command import Launcher, Mounts, payload_command
from sandbox.supervise import Stop, run
from tests.attacks.driver import become

if __name__ == "__main__":
    uid = int(sys.argv[2])
    launcher = Launcher(Path(sys.argv[1]), PRIVATE_UID if uid == 0 else None)
    job = Job(payload_command(sys.argv[3:], {}, (), Limits()), Mounts(), Limits(), archive.pack({"a": b"b"}))
    if uid != os.geteuid():
        become(uid)
    sys.stdout.write("now\n")
    sys.stdout.flush()
    run(launcher, job, None, Stop())
