#!/bin/sh
# Sets everything up that is missing; ends at once when nothing it depends on has changed. Progress goes to stderr.
# Finds Python 3.11 or newer and hands over to scripts/setup. `--again` looks at every part in any case.
set -eu
cd -- "$(dirname -- "$0")/.."

# The stamp is good for one user, one place and one content of these files.
key=$(
    {
        id -u
        pwd
        printf '%s\n' "${HOME-}" "${SANDBOX_TOOLCHAINS-}"
        cat pyproject.toml requirements.lock requirements/*.lock scripts/setup.sh scripts/setup/*.py sandbox/toolchain.py \
            sandbox/toolchains/*.py sandbox/toolchains/*/*lock*
    } | cksum
)

fresh() {
    [ -x .venv/bin/autonomy ] && [ -f .venv/setup.stamp ] || return 1
    {
        IFS= read -r stamped && [ "$stamped" = "$key" ] || return 1
        while IFS= read -r path; do
            [ -e "$path" ] || return 1
        done
    } <.venv/setup.stamp
}

if [ $# -eq 0 ] && fresh; then
    exit 0
fi

for python in python3 python3.13 python3.12 python3.11 /usr/bin/python3 /usr/local/bin/python3; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' </dev/null >/dev/null 2>&1; then
        exec "$python" -E -s -m scripts.setup --key "$key" "$@" </dev/null >&2
    fi
done
echo "Autonomy needs Python 3.11 or newer and finds none on PATH: install it" \
    "(Debian 12 or newer, Ubuntu 24.04 or newer: \`apt-get install python3\`) and run this again." >&2
exit 1
