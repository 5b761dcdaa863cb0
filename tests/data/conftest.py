"""The applications below are material for checks in the sandbox; their own tests are not tests of this project."""

collect_ignore_glob = ["*/backend/*", "*/e2e/*"]
