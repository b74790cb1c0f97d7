#!/bin/sh
# Asks whether the pinned requirements can be installed, as wheels, for the oldest Python that is promised (Debian 12
# has 3.11.2) and for newer ones. Installs nothing.
#
#   scripts/resolve_requirements.sh
#
# pip answers for the Python that is asked about, but reads markers (`; python_version < ...`) as the one that runs
# it; a machine with the real one is scripts/bare_machine.sh.
set -u
cd "$(dirname "$0")/.."
python=.venv/bin/python
failed=

resolve() {
    if "$python" -c 'import pip' 2>/dev/null; then
        "$python" -m pip install -qq --disable-pip-version-check --no-input --dry-run --ignore-installed \
            --python-version "$1" --only-binary=:all: --target "${TMPDIR:-/tmp}/nothing" -r requirements-dev.txt
    else
        uv pip compile --quiet --python-version "$1" --only-binary :all: requirements-dev.txt >/dev/null
    fi
}

for version in 3.11.2 3.12 3.13; do
    if resolve "$version"; then
        echo "The requirements can be installed with Python $version."
    else
        failed="$failed $version"
    fi
done
[ -z "$failed" ] || { echo "The requirements cannot be installed with Python$failed." >&2; exit 1; }
