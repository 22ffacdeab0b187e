#!/bin/sh
# Fetches the Python clients that the practice Hub is proved against, into build/interop/venv.
# Run again, it does nothing unless requirements.txt has changed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=$here/../../build/interop/venv
stamp=$venv/requirements.installed

if cmp -s "$here/requirements.txt" "$stamp"; then
	exit 0
fi
rm -rf "$venv"
mkdir -p "$(dirname "$venv")"
python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
cp "$here/requirements.txt" "$stamp"
