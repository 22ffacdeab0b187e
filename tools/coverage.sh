#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Which lines the tests reach: coverage.sh BUILD [OPTION...]. `make coverage` has built the programs
# there; the options are pytest's for tests that can run several at once.
#
# Tests that count system calls, or kill programs at each of them, are left out: they would meet the
# calls of the counting itself, and a program that is killed while it writes its counters breaks them for
# all others. So strace is hidden, and its tests are skipped. A test that fails is named, and no
# failure of this script: what fails here only is what a program with counters does besides.
set -eu
build=$1
shift
report=$build/report.txt
python=${PYTHON:-python3}

export HFTOKEN_BUILD="$PWD/$build" PYTHONDONTWRITEBYTECODE=1
unset HFTOKEN_REQUIRE_INTEROP
find "$build" -name '*.gcda' -exec rm -f {} +

hidden=$PWD/$build/path
rm -rf "$hidden"
mkdir -p "$hidden"
echo "$PATH" | tr : '\n' | while read -r folder; do
	for program in "$folder"/*; do
		name=${program##*/}
		[ "$name" = strace ] || [ -e "$hidden/$name" ] || ln -s "$program" "$hidden/$name" 2>/dev/null || true
	done
done

for test in "$build"/tests/*/test_*; do
	[ ! -x "$test" ] || PATH=$hidden "$test" >"$test.log" 2>&1 || echo "failed: $test"
done
for replay in "$build"/tests/fuzz/*; do
	"$replay" "tests/fuzz/corpus/${replay##*/}"/* >"$build/replay.log" 2>&1 || echo "failed: $replay"
done
for suite in conformance e2e interop; do
	[ "$suite" = conformance ] || set --
	PATH=$hidden "$python" -m pytest -q -p no:cacheprovider "$@" "tests/$suite" >"$build/$suite.log" 2>&1 ||
		grep '^FAILED' "$build/$suite.log" || tail -n 3 "$build/$suite.log"
	tail -n 1 "$build/$suite.log"
done

gcovr --root . --object-directory "$build" --filter src/ --filter backends/ --gcov-ignore-parse-errors \
	--print-summary --output "$report" >"$build/summary.txt" 2>"$build/gcovr.log" ||
	{ tail -n 20 "$build/gcovr.log" && exit 1; }
cat "$report"
