#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Which lines the tests reach: coverage.sh BUILD [OPTION...]. `make coverage` has built the programs
# there; the options are pytest's for tests that can run several at once.
#
# A test that fails is named and no failure of this script: those that look at every system call see
# the one that maps the counters.
set -eu
build=$1
shift
python=${PYTHON:-python3}
counts=$build/counts

export HFTOKEN_BUILD="$PWD/$build" PYTHONDONTWRITEBYTECODE=1
unset HFTOKEN_REQUIRE_INTEROP
rm -rf "$counts"

for test in "$build"/tests/*/test_*; do
	[ ! -x "$test" ] || "$test" >"$test.log" 2>&1 || echo "failed: $test"
done
for replay in "$build"/tests/fuzz/*; do
	"$replay" "tests/fuzz/corpus/${replay##*/}"/* >"$build/replay.log" 2>&1 || echo "failed: $replay"
done
for suite in conformance e2e interop; do
	[ "$suite" = conformance ] || set --
	"$python" -m pytest -q -p no:cacheprovider "$@" "tests/$suite" >"$build/$suite.log" 2>&1 ||
		grep '^FAILED' "$build/$suite.log" || tail -n 3 "$build/$suite.log"
	tail -n 1 "$build/$suite.log"
done

# One after the other: the names hold no space.
programs=$(find "$build/bin/hftoken" "$build/libexec" "$build/tests" -type f -perm -u+x)
objects=$(echo "$programs" | sed '1!s/^/-object /')
llvm-profdata merge -o "$build/counts.profdata" "$counts"/*.profraw
# shellcheck disable=SC2086 # a list of words
llvm-cov report $objects -instr-profile "$build/counts.profdata" -show-region-summary=false \
	-show-branch-summary=false -ignore-filename-regex '/tests/' >"$build/report.txt" 2>"$build/cov.log"
# shellcheck disable=SC2086
llvm-cov show $objects -instr-profile "$build/counts.profdata" \
	-ignore-filename-regex '/tests/' >"$build/lines.txt" 2>>"$build/cov.log"
cat "$build/report.txt"
echo "each line, with how often it was reached: $build/lines.txt"
