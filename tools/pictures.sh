#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the pictures of the README: scenes of the demo, as they really went, each NAME.svg in FOLDER. Only what differs from
# run to run is written otherwise: the practice Hub's address as the Hub's, and the stage's home as ~.
# Usage: pictures.sh [BUILD [FOLDER]], default: build docs
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${1:-$top/build} folder=${2:-$top/docs}

play=$(CLICOLOR_FORCE=1 LC_ALL=C.UTF-8 "$top/tests/demo/demo.sh" "$build" |
	sed -E 's#http://127\.0\.0\.1:[0-9]+#https://huggingface.co#g; s#/[^ ]*/hftoken-demo-[A-Za-z0-9]+/home#~#g')

# picture NAME TITLE FIRST LAST: from the line after the one with FIRST to the one before the one with LAST
picture() {
	awk -v first="$3" -v last="$4" 'index($0, last) { on = 0 } on { print } index($0, first) { on = 1 }' <<<"$play" |
		"$top/tools/render-svg.py" "$2" >"$folder/$1.svg"
}

picture demo 'account and token are two gates' '== Account and token are two gates' '== Which token goes where'
picture resolve 'which token goes where' '== Which token goes where' '== The proof'
