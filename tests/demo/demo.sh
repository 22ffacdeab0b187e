#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main job, played on loopback in a private HOME: two accounts, three tokens, two private
# repositories and a gated model. Every command shown is run as it stands; the first unexpected
# result ends the play. Needs a finished `make`, python3, git and curl; no network.
# Usage: demo.sh [BUILD], the folder that make filled (default: build)
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
stage=$(mktemp -d "${TMPDIR:-/tmp}/hftoken-demo-XXXXXX")
hub_pid=

end() {
	if [[ -n $hub_pid ]]; then
		kill "$hub_pid" 2>/dev/null || true
		wait "$hub_pid" 2>/dev/null || true
	fi
	cd /
	rm -rf "$stage"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
	printf '\ndemo: %s\n' "$*" >&2
	exit 1
}

bold='' dim='' plain=''
if [[ (-t 1 || -n ${CLICOLOR_FORCE:-}) && -z ${NO_COLOR:-} ]]; then
	bold=$'\e[1;36m' dim=$'\e[2m' plain=$'\e[0m'
fi
title() { printf '\n%s== %s%s\n' "$bold" "$1" "$plain"; }
say() { printf '%s   %s%s\n' "$dim" "$1" "$plain"; }

# Shows a command, runs it, and shows what it prints; status and output stay to be looked at.
status=0 output=''
play() {
	printf '$ %s\n' "$1"
	status=0
	eval "$1" >"$stage/output" 2>&1 || status=$?
	output=$(<"$stage/output")
	[[ -z $output ]] || printf '%s\n' "$output"
}
run() {
	play "$1"
	((status == 0)) || fail "this should have worked; its status is $status"
}
refused() {
	play "$1"
	((status != 0)) || fail "the Hub should have refused this"
}
expect() { [[ $output == *"$1"* ]] || fail "the output should say \"$1\""; }

# ---- the stage: nothing of the caller's own set-up is seen or touched ----------------------------

for tool in git curl python3; do
	command -v "$tool" >/dev/null || fail "'$tool' is missing"
done
build=$(cd "${1:-$top/build}" 2>/dev/null && pwd) || fail "'${1:-build}' is not there: run make first"
[[ -x $build/bin/hftoken ]] || fail "'$build/bin/hftoken' is not there: run make first"

while IFS= read -r name; do
	case $name in
	CI | CREDENTIALS_DIRECTORY | HF_* | HFTOKEN_* | HUGGING_FACE_* | XDG_* | GIT_* | SSL_CERT_* | CURL_* | *_proxy | *_PROXY) unset "$name" ;;
	esac
done < <(compgen -e)
export HOME=$stage/home PATH=$build/bin:$PATH
export GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0
mkdir -m 700 "$HOME"
cd "$HOME"

python3 "$top/tests/hub/practice_hub.py" --no-tls --data "$stage/hub" >"$stage/hub.json" 2>"$stage/hub.err" &
hub_pid=$!
for ((i = 0; i < 300; i++)); do
	[[ ! -s $stage/hub.json ]] || break
	kill -0 "$hub_pid" 2>/dev/null || break
	sleep 0.1
done
HF_ENDPOINT=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["url"])' <"$stage/hub.json" 2>/dev/null) ||
	fail "the practice Hub did not start: $(<"$stage/hub.err")"
export HF_ENDPOINT

# A token as its owner would copy it from the Hub's settings page.
new_token() { curl -sSf "$HF_ENDPOINT/_practice/token/$1"; }

model=meta-llama/Llama-3.1-8B-Instruct
weights="$HF_ENDPOINT/$model/resolve/main/model-00001-of-00001.safetensors"

# ---- the play ------------------------------------------------------------------------------------

title "Two accounts log in"
say "new_token stands for copying a token from the Hub's settings page"
run 'new_token alice-fine-nogate | hftoken login --with-token'
expect 'cannot read gated repositories'
run 'new_token alice-work | hftoken login --with-token'
expect 'can read gated repositories'
run 'new_token bob-fine-nogate | hftoken login --with-token'

title "What is there"
run 'hftoken list'
run 'hftoken whoami --all'
expect 'alice-work'

title "git asks hftoken"
run 'hftoken setup git'
say "git may not prompt here; the default token is alice's, and a user in the URL picks bob's"
run "git clone --quiet $HF_ENDPOINT/alice/private-model && ls private-model"
expect 'config.json'
run "git clone --quiet http://bob@${HF_ENDPOINT#http://}/bob/private-model bobs-model && ls bobs-model"
expect 'config.json'

title "Account and token are two gates"
say "alice has been granted $model, yet only one of her tokens may read it"
say "(the token goes to curl through a pipe: no argument list holds it)"
fetch() {
	printf 'curl -sSL --fail-with-body -H @<(hftoken token %s | sed "s/^/Authorization: Bearer /") \\\n    %s' \
		"$1" "$weights"
}
refused "$(fetch alice-fine-nogate)"
expect 'Please enable access to public gated repositories'
run "hftoken why $model"
expect 'Read access to contents of all public gated repos you can access'
expect 'hftoken switch alice-work'
run "$(fetch alice-work) -o weights && wc -c weights"

title "Which token goes where"
say "the narrowest that will do; a rule decides otherwise, and none of this asks the Hub"
run 'hftoken resolve --explain bob/private-model'
expect '✓ bob-fine-nogate'
run "hftoken rule add 'acme/*' alice-work"
run 'hftoken resolve --explain --write acme/private-model'
expect "by the rule 'acme/*'"

title "The proof: what the Hub saw"
proof=$(
	curl -sSf "$HF_ENDPOINT/_practice/log" | python3 -c '
import base64, json, sys

def bore(headers):
    """What a request bore that no token was found in; git asks with the user of the URL alone at first."""
    sent = [value.split() for name, value in headers if name.lower() in ("authorization", "cookie")]
    names_only = all(words[0] == "Basic" and base64.b64decode(words[1]).endswith(b":") for words in sent)
    return "none" if names_only else "UNKNOWN"

rows = [("token it bore", "account", "status", "request")]
for entry in json.load(sys.stdin):
    if entry["path"].startswith("/api/whoami"):
        continue
    content = entry["listener"].startswith("content")
    rows.append((entry["token"] or bore(entry["headers"]), entry["account"] or "-", str(entry["status"]),
                 entry["method"] + " " + ("(content host) a signed link" if content else entry["path"])))
widths = [max(len(row[column]) for row in rows) for column in range(3)]
for row in rows:
    print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)) + "  " + row[3])
'
)
printf '%s\n' "$proof"
seen() { grep -Eq "$1" <<<"$proof" || fail "the Hub's log should show: $2"; }
seen '^alice-fine-nogate +alice +200 .*alice/private-model' "alice's repository cloned with her default token"
seen '^bob-fine-nogate +bob +200 .*bob/private-model' "bob's repository cloned with his token"
seen "^alice-fine-nogate +alice +403 .*$model" "the gated model refused to the first token"
seen "^alice-work +alice +302 .*$model" "the gated model given to the second token"
! grep -q '^UNKNOWN' <<<"$proof" || fail "a request bore what no token is"
seen '^none .*content host' "a download from the content host without a token"
[[ $(curl -sSf "$HF_ENDPOINT/_practice/violations") == '[]' ]] || fail "the content host saw a token"
say "the content host, where the large file came from, saw no token"
