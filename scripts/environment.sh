#!/bin/sh
# Makes the virtual environment .venv and installs pinned requirements into it; does nothing when they are there.
#
#   scripts/environment.sh requirements.txt [requirements-dev.txt]
#
# PYTHON=/path/to/python chooses the interpreter. uv is used when it is installed, pip otherwise.
set -eu
cd "$(dirname "$0")/.."

VENV=.venv
RECENT='import sys; sys.exit(sys.version_info < (3, 11))'

fail() {
    echo "$*" >&2
    exit 1
}

is_recent() { "$1" -c "$RECENT" >/dev/null 2>&1; }
has_uv() { command -v uv >/dev/null 2>&1; }
makes_venvs() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

# Sets $python to an interpreter that can make the environment, or says in one line why there is none.
find_python() {
    recent=
    for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        is_recent "$python" || continue
        recent=$python
        if has_uv || makes_venvs "$python"; then return; fi
    done
    if [ -n "$recent" ]; then
        version=$("$recent" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        fail "$recent cannot make virtual environments: install its venv module" \
            "(Debian and Ubuntu: apt install python$version-venv) and run this again."
    fi
    found=$("${PYTHON:-python3}" -V 2>&1) || found="no ${PYTHON:-python3}"
    fail "Python 3.11 or newer is needed (found: $found). Install it, or name it: make run PYTHON=/path/to/python3"
}

# An environment that was left half made, or whose interpreter is gone, is made again.
make_environment() {
    if is_recent "$VENV/bin/python" && { has_uv || "$VENV/bin/python" -c 'import pip' 2>/dev/null; }; then return; fi
    find_python
    echo "Making the virtual environment $VENV with $("$python" -V)."
    if has_uv && uv venv --quiet --clear --python "$(command -v "$python")" "$VENV"; then return; fi
    "$python" -m venv --clear "$VENV" || fail "The virtual environment could not be made; see the lines above."
}

install_with_uv() {
    has_uv || return 1
    uv pip install --quiet --python "$VENV/bin/python" "$@" && return
    echo "uv could not install the requirements; pip takes over."
    return 1
}

install_with_pip() {
    "$VENV/bin/python" -c 'import pip' 2>/dev/null || "$VENV/bin/python" -m ensurepip >/dev/null
    "$VENV/bin/python" -m pip install -qq --disable-pip-version-check --no-input "$@"
}

# The stamps hold what was installed, so a changed file is seen whatever its date.
installed() {
    for file; do cmp -s "$file" "$VENV/installed/$file" || return 1; done
}

make_environment
if ! installed "$@"; then
    echo "Installing the pinned requirements; the first time takes about a minute."
    rm -rf "$VENV/installed"
    files=
    for file; do files="$files -r $file"; done
    # shellcheck disable=SC2086 - the names of our own files, without spaces
    install_with_uv $files || install_with_pip $files ||
        fail "The requirements could not be installed; see the lines above and run this again."
    mkdir "$VENV/installed"
    cp "$@" "$VENV/installed/"
fi
