#!/bin/sh
# Makes the lock files again; arguments go to uv (for example --upgrade). No lock may hold the address of a package index.
set -eu
cd "$(dirname -- "$0")/.."
scripts/setup.sh
uv=$(.venv/bin/python -m scripts.setup --show-uv)

lock() {
    from=$1 to=$2
    shift 2
    echo "$to" >&2
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-emit-find-links --only-binary :all: --custom-compile-command "make lock" "$from" -o "$to" "$@" >/dev/null
}

lock requirements/run.in requirements.lock "$@"
lock requirements/dev.in requirements/dev.lock "$@"
lock requirements/uv.in requirements/uv.lock "$@"
lock sandbox/toolchains/python/requirements.in sandbox/toolchains/python/requirements.lock "$@"
lock sandbox/toolchains/node/runtime.in sandbox/toolchains/node/runtime.lock "$@"

# npm's versions are exact in package.json, so its lock changes with that file only.
echo sandbox/toolchains/node/package-lock.json >&2
npm install --prefix sandbox/toolchains/node --package-lock-only --omit-lockfile-registry-resolved \
    --ignore-scripts --no-audit --no-fund >&2
