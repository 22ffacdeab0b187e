#!/bin/sh
# Checks that tables, help, manual and completion scripts agree, and that the pages are clean:
# `tools/check-docs.sh BUILD`. What the tables say is read from the help, which is made from them.
set -eu
hftoken=$1/bin/hftoken
failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

complain() {
    echo "check-docs: $*" >&2
    failed=1
}

# A page as it is read, without the backspaces that make it bold.
rendered() {
    mandoc -T utf8 "$1" | LC_ALL=C.UTF-8 sed 's/.\x08//g'
}

# From within their folder, ours find each other; those of other packages need not be installed.
lint() (
    cd src/man
    mandoc -T lint "$1" 2>&1 | grep -v -e 'STYLE: referenced manual not found' -e 'mandoc.db lacks' || true
)

for page in src/man/*.[1-8]; do
    lint "${page##*/}" >"$scratch/lint"
    [ ! -s "$scratch/lint" ] || complain "$(cat "$scratch/lint")"
    # A macro that takes its neighbours in shows as quotes within quotes.
    # shellcheck disable=SC1112 # those quotes are what is looked for
    report=$(rendered "$page" | LC_ALL=C.UTF-8 grep -E '‘[^’]*‘|’’' || true)
    [ -z "$report" ] || complain "$page: $report"
done

# Each form of a command has a line of its own.
report=$(rendered src/man/hftoken.1 | LC_ALL=C.UTF-8 grep -E '^ +hftoken ([a-z]+) .*[]a-z] hftoken \1( |$)' || true)
[ -z "$report" ] || complain "forms run together: $report"

# Other pages of ours that a page names are there.
sed -n 's/^\.Xr \([a-z-]*hftoken[a-z-]*\) \([1-8]\).*/\1.\2/p' src/man/*.[1-8] | sort -u | while read -r page; do
    [ -e "src/man/$page" ] || echo "$page"
done >"$scratch/missing"
[ ! -s "$scratch/missing" ] || complain "pages name what is not there: $(cat "$scratch/missing")"
for page in src/man/*.[1-8]; do
    name=${page##*/}
    [ "$name" = hftoken.1 ] || grep -q "^\.Xr ${name%.*} ${name##*.}" src/man/hftoken.1 ||
        complain "hftoken.1 does not name $name"
done

for shell in bash zsh fish; do
    "$hftoken" completion "$shell" >"$scratch/$shell"
done

# What the manual says of one command: its part of hftoken(1), and its own page.
manual_of() {
    awk -v head=".Ss Nm hftoken $1" '$0 == head { on = 1; print; next } /^\.S[hs]/ { on = 0 } on' src/man/hftoken.1
    for page in "src/man/hftoken-$1.1" "src/man/$1-credential-hftoken.1"; do
        [ ! -e "$page" ] || cat "$page"
    done
}

# What a script offers for one command.
offered() {
    case $1 in
    bash | zsh)
        awk -v name="$2" '$1 == name")" || ($1 == name && $2 == "|") { on = 1 } on { print } / ;;$/ { on = 0 }' \
            "$scratch/$1"
        ;;
    fish)
        grep -E "'__hftoken_option [^']*\\b$2\\b[^']*'|'__hftoken_at 0 $2'" "$scratch/fish" || true
        ;;
    esac
}

commands=$("$hftoken" help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')
: >"$scratch/options"
for command in $commands; do
    "$hftoken" help "$command" >"$scratch/help"
    manual_of "$command" >"$scratch/manual"
    [ -s "$scratch/manual" ] || complain "the manual does not describe 'hftoken $command'"
    for shell in bash zsh fish; do
        offered "$shell" "$command" >"$scratch/offered.$shell"
        grep -qw "$command" "$scratch/$shell" || complain "the completion for $shell lacks 'hftoken $command'"
    done
    sed -n 's/^  \(-., \|    \)--\([a-z][a-z-]*\) .*/\2/p' "$scratch/help" >"$scratch/own"
    cat "$scratch/own" >>"$scratch/options"
    while read -r option; do
        for shell in bash zsh fish; do
            grep -Eq -- "(--|-l )$option\b" "$scratch/offered.$shell" ||
                complain "the completion for $shell lacks '--$option' of 'hftoken $command'"
        done
        case $option in
        help | json | quiet | name | version) continue ;; # said once, for all commands
        esac
        grep -q "Fl $option\b" "$scratch/manual" ||
            complain "the manual does not describe '--$option' of 'hftoken $command'"
    done <"$scratch/own"
    for verb in $(sed -n '1s/^usage: hftoken [a-z]* \([a-z][a-z|]*\).*/\1/p' "$scratch/help" | tr '|' ' '); do
        grep -Eq "^\.([A-Z].* )?(Cm ([a-z| ]* )?|Nm hftoken $command )$verb\b" "$scratch/manual" ||
            complain "the manual does not describe 'hftoken $command $verb'"
        for shell in bash zsh fish; do
            grep -q "\b$verb\b" "$scratch/offered.$shell" ||
                complain "the completion for $shell lacks 'hftoken $command $verb'"
        done
    done
done

# And nothing else: an option in the manual is one that there is, or one of the programs that
# hftoken-header(1) and hftoken-run(1) speak of.
printf '%s\n' credential dataset location-trusted hf-repo model model-id repo-id tokenizer >>"$scratch/options"
grep -ho '^\.[A-Z].*' src/man/*.[1-8] | grep -o 'Fl Fl [a-z][a-z-]*' | cut -d' ' -f3 | sort -u >"$scratch/described"
while read -r option; do
    grep -qx -- "$option" "$scratch/options" || complain "the manual describes '--$option', which no command has"
done <"$scratch/described"

exit $failed
