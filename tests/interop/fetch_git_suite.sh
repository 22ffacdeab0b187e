#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches what of git's own tests a credential helper is tested with, into build/interop/git-suite.
# It comes with git's source package, from wherever this machine has its packages; it is of one
# version, whose checksum is known. Run again, it does nothing.
set -eu
version=2.39.5
checksum=c58da92c378df4a986ca33266897a7397e86c22ee266a284d8c2432c39066b59
here=$(cd "$(dirname "$0")" && pwd)
suite=$here/../../build/interop/git-suite

[ ! -e "$suite/$version" ] || exit 0
command -v apt-get >/dev/null || {
	echo "this system has no apt-get to fetch git's source package with" >&2
	exit 1
}
rm -rf "$suite"
mkdir -p "$suite/apt/sources" "$suite/apt/lists/partial"
cd "$suite"

# The machine's sources of packages, for source packages. Its own lists are left alone.
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
	name=apt/sources/$(basename "$file")
	case $file in
	*.sources) sed 's/^Types:.*/Types: deb-src/' "$file" >"$name" ;;
	*.list) [ ! -e "$file" ] || sed -n 's/^deb\([[:space:]]\)/deb-src\1/p' "$file" >"$name" ;;
	esac
done
apt()
{
	apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$PWD/apt/sources" \
		-o Dir::State::lists="$PWD/apt/lists" -o APT::Sandbox::User= "$@"
}
apt update
# Whatever the distribution has changed since: the upstream part is what is used.
apt source --download-only git
tarball=git_$version.orig.tar.xz
[ -e "$tarball" ] || {
	echo "this distribution's git is not $version" >&2
	exit 1
}
echo "$checksum  $tarball" | sha256sum --check --quiet
tar -x -f "$tarball" --strip-components=1 --wildcards --no-wildcards-match-slash '*/COPYING' '*/t/test-lib.sh' '*/t/test-lib-functions.sh' \
	'*/t/lib-credential.sh' '*/t/t0303-credential-external.sh'
rm -rf apt git_*

# What the suite takes from a build of git, where it is to test the installed one.
mkdir -p templates/blt t/helper
printf '%s\n' "SHELL_PATH='/bin/sh'" "TEST_SHELL_PATH='/bin/sh'" "PERL_PATH='perl'" "DIFF='diff'" \
	"NO_PERL='1'" "NO_PYTHON='1'" >GIT-BUILD-OPTIONS
printf '#!/bin/sh\nexit 1\n' >t/helper/test-tool
chmod +x t/helper/test-tool
touch "$version"
