#!/bin/sh
# Installs what hftoken needs: `tools/deps.sh` to build it and play the demo, `tools/deps.sh check`
# to test it as well, `tools/deps.sh lint` for the checkers. Debian and Ubuntu; elsewhere it says
# what to look for.
set -eu

build='gcc make pkg-config libcjson-dev libcurl4-openssl-dev nettle-dev libssl-dev
    libsecret-1-dev python3 git openssl curl ca-certificates'
check='libcmocka-dev python3-pytest python3-pytest-xdist python3-venv git-lfs
    strace mandoc man-db bash-completion zsh fish skopeo podman uidmap wget wget2 aria2
    dbus gnome-keyring keepassxc libglib2.0-bin libsecret-tools python3-secretstorage python3-seccomp'
lint='clang clang-tidy clang-format cppcheck shellcheck libclang-rt-14-dev llvm valgrind'

case ${1:-} in
check) wanted="$build $check" ;;
lint) wanted=$lint ;;
*) wanted=$build ;;
esac

if ! command -v apt-get >/dev/null 2>&1; then
    cat >&2 <<'TEXT'
hftoken: this system has no apt-get, so nothing was installed. You need:
  to build   a C17 compiler, GNU make, pkg-config, cJSON, libcurl, nettle (with headers),
             libsecret (or make WITH_SECRET_SERVICE=0), OpenSSL (for a vault with a passphrase)
  to test    cmocka, Python 3.9 with pytest (and pytest-xdist) and venv, git, git-lfs, openssl, curl, wget, wget2, aria2, skopeo,
             podman, strace, mandoc, bash-completion, zsh, fish; npm with node 18 and cargo 1.85 for clients in these languages;
             dbus-daemon, gdbus, gnome-keyring, KeePassXC, secret-tool, Python's secretstorage
             and seccomp
  to lint    clang-format, clang-tidy, cppcheck, shellcheck
TEXT
    exit 1
fi

# Whoever has node and npm from elsewhere keeps them. A cargo that is new enough is not in Debian 12: without one the
# client in Rust is left out.
if [ "${1:-}" = check ] && ! { command -v node && command -v npm; } >/dev/null 2>&1; then
    wanted="$wanted nodejs npm"
fi

missing=
for package in $wanted; do
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
    *'ok installed') ;;
    *) missing="$missing $package" ;;
    esac
done
if [ -z "$missing" ]; then
    echo 'everything needed is installed'
    exit 0
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "hftoken: run as root: apt-get install$missing" >&2
        exit 1
    }
    as_root=sudo
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q
# shellcheck disable=SC2086 # a list of words
$as_root apt-get install -q -y --no-install-recommends $missing
