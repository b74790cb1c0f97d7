#!/usr/bin/env bash
# Does what the README says on a machine with nothing but what it asks for: Debian 12, git, make, Python 3.11.2 and an
# ordinary user. What is committed is served once, on an address that is free, and all is gone afterwards.
#
#   scripts/bare_machine.sh
#
# Makes that machine as a folder, for which it needs root, mmdebstrap and unshare; without them it says so and ends well.
set -uo pipefail
cd "$(dirname "$0")/.."
most_seconds=600

leave_out() {
    echo "The bare machine is left out: $*."
    exit 0
}

[ "$(id -u)" = 0 ] || leave_out "only root can make one"
command -v mmdebstrap >/dev/null || leave_out "mmdebstrap is not installed"
# What runs and is mounted in namespaces of its own ends with them, however we end.
apart=(unshare --mount --pid --fork --kill-child)
"${apart[@]}" true 2>/dev/null || leave_out "this machine allows no namespaces"

folder=$(mktemp -d)
root=$folder/root
user=
finish() {
    [ -z "$user" ] || { kill -KILL "$user" && wait "$user"; } 2>/dev/null # unshare hears nothing less
    rm -rf --one-file-system "$folder"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

sources=()
grep -qs bookworm /etc/apt/sources.list.d/debian.sources && sources=(/etc/apt/sources.list.d/debian.sources)
mmdebstrap --quiet --variant=minbase --include=git,make,python3,python3-venv,ca-certificates \
    bookworm "$root" "${sources[@]}" >"$folder/log" 2>&1 ||
    leave_out "Debian 12 could not be fetched ($(tail -n 1 "$folder/log"))"

# It reaches the package index as this machine does. Its own files may be links, which would lead to ours.
for name in resolv.conf hosts pip.conf xdg/pip ssl/certs; do
    [ ! -e "/etc/$name" ] || { mkdir -p "$root/etc/$(dirname "$name")" && cp -rLT --remove-destination "/etc/$name" "$root/etc/$name"; }
done
mapfile -t settings < <(env | grep -iE '^(PIP_|SSL_|REQUESTS_|CURL_|(https?|no)_proxy=)')

chroot "$root" useradd --create-home user
mkdir "$root/home/user/site"
git -c safe.directory='*' archive HEAD | tar -x -C "$root/home/user/site"
chroot "$root" chown -R user: /home/user

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
page="http://127.0.0.1:$port/en/"
started=$SECONDS
# The inner shell stays, as root: a process that becomes somebody else is not told that its parent was killed.
# shellcheck disable=SC2016 - the inner shell's own arguments
"${apart[@]}" bash -c 'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && chroot --userspec=user:user "$@"; exit' \
    - "$root" env -i HOME=/home/user PATH=/usr/bin:/bin "${settings[@]}" \
    sh -c "cd ~/site && exec make run PORT=$port" >"$folder/log" 2>&1 &
user=$!
while kill -0 "$user" 2>/dev/null && [ $((SECONDS - started)) -lt $most_seconds ]; do
    if python3 -c "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=10)" "$page" 2>/dev/null; then
        echo "On a bare Debian 12 with $(chroot "$root" python3 -V) the site answered after $((SECONDS - started)) s."
        exit 0
    fi
    sleep 1
done
echo "On a bare Debian 12 the site did not answer; this is what 'make run' said last:" >&2
grep -v '^ERROR: Ignored the following' "$folder/log" | tail -n 10 | cut -c1-300 >&2
exit 1
