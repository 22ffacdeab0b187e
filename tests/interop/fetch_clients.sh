#!/bin/sh
# Fetches the clients that come from package registries, in the versions that are written down here, into
# build/interop: Python's into venv, node's into node, and a program in Rust into rust.
# Run again, it does nothing for those whose list has not changed. One that cannot be had does not keep the others.
set -u
here=$(cd "$(dirname "$0")" && pwd)
place=$here/../../build/interop
mkdir -p "$place"
place=$(cd "$place" && pwd)

say() {
	echo "interop: $*" >&2
}

# have COMMAND WHAT
have() {
	command -v "$1" >/dev/null 2>&1 || {
		say "no $2: '$1' is not installed"
		return 1
	}
}

python_clients() {
	venv=$place/venv
	cmp -s "$here/requirements.txt" "$venv/requirements.installed" && return
	have python3 'clients in Python' || return 1
	rm -rf "$venv"
	python3 -m venv "$venv" &&
		"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" &&
		cp "$here/requirements.txt" "$venv/requirements.installed"
}

node_clients() {
	cmp -s "$here/node/package-lock.json" "$place/node/lock.installed" && return
	have npm 'clients in JavaScript' || return 1
	rm -rf "$place/node"
	mkdir "$place/node" && cp "$here/node/package.json" "$here/node/package-lock.json" "$place/node/" &&
		(cd "$place/node" && npm ci --ignore-scripts --omit=optional --no-audit --no-fund --loglevel=error >/dev/null) &&
		cp "$here/node/package-lock.json" "$place/node/lock.installed"
}

# cargo looks itself whether anything has changed.
rust_clients() {
	have cargo 'clients in Rust' || return 1
	cargo build --quiet --locked --manifest-path "$here/rust/Cargo.toml" --target-dir "$place/rust"
}

# Compiling takes one core while the others download.
rust_clients &
cargo_job=$!
failed=0
python_clients || failed=1
node_clients || failed=1
wait "$cargo_job" || failed=1
exit "$failed"
