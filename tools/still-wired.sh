#!/bin/sh
# Before hftoken is uninstalled: who will still look for it, and how to end that. `tools/still-wired.sh PROGRAM`, which
# stays where it was built, and so can undo it afterwards too. Says nothing where nothing is left, and never fails.
program=$1
home=${HOME:-}

# With sudo it is the user who called it that has been set up.
if [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER:-}" ]; then
    home=$(getent passwd "$SUDO_USER" | cut -d: -f6)
    unset XDG_CONFIG_HOME XDG_DATA_HOME DOCKER_CONFIG GIT_CONFIG_GLOBAL
fi
[ -n "$home" ] || exit 0
HOME=$home
export HOME

wired=
holds() { grep -qs "$1" "$2"; }

git config --list 2>/dev/null | grep -q '^credential\..*helper=.*hftoken' && wired="$wired git"
holds '"hftoken"' "${DOCKER_CONFIG:-$home/.docker}/config.json" && wired="$wired docker"
holds 'bazel-credential-hftoken' "$home/.bazelrc" && wired="$wired Bazel"
holds '^[[:space:]]*hf\.follow[[:space:]]*=[[:space:]]*on' "${XDG_CONFIG_HOME:-$home/.config}/hftoken/settings" &&
    wired="$wired hf"

if [ -n "$wired" ]; then
    echo "still set up with hftoken:$wired"
    echo "    $program setup --undo"
fi
if holds '^token ' "${XDG_DATA_HOME:-$home/.local/share}/hftoken/catalogue"; then
    echo "tokens stay where they are stored; to remove them:"
    echo "    $program logout --all"
fi
exit 0
