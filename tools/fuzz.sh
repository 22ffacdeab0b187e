#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs fuzzers one after the other, or keeps what they found: fuzz.sh run SECONDS NAME..., fuzz.sh merge NAME...
#
# Inputs begin in tests/fuzz/corpus/NAME; those found are put into build/fuzz/corpus/NAME, and one that
# fails into build/fuzz/found. One line for each fuzzer says how often it ran.
set -eu
programs=build/fuzz/tests/fuzz
kept=tests/fuzz/corpus
# A fuzzer is fast with short inputs; what is longer is the unit tests' affair.
longest=4096

run()
{
	seconds=$1
	shift
	mkdir -p build/fuzz/found build/fuzz/log
	for name; do
		log=build/fuzz/log/$name
		work=build/fuzz/corpus/$name
		mkdir -p "$work" "$kept/$name"
		"$programs/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=$longest \
			-print_final_stats=1 -artifact_prefix="build/fuzz/found/$name-" "$work" "$kept/$name" \
			>"$log" 2>&1 || { tail -n 40 "$log" && exit 1; }
		printf '  %-18s %s\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log") executions, \
$(find "$work" -type f | wc -l) inputs found"
	done
}

# The least that take every edge, whatever how often and with which values. Those there stay.
merge()
{
	for name; do
		work=build/fuzz/corpus/$name
		[ -d "$work" ] || continue
		before=$(find "$kept/$name" -type f | wc -l)
		"$programs/$name" -set_cover_merge=1 -use_counters=0 -use_cmp=0 -use_indir_calls=0 -max_len=$longest "$kept/$name" "$work" \
			>build/fuzz/log/merge 2>&1 || { tail -n 40 build/fuzz/log/merge && exit 1; }
		printf '  %-18s %s\n' "$name" "$before inputs, now $(find "$kept/$name" -type f | wc -l)"
	done
}

task=$1
shift
"$task" "$@"
