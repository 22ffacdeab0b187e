#!/bin/sh
# Checks that manual and tables agree, and that the pages are clean: `tools/check-docs.sh BUILD`.
set -eu
hftoken=$1/bin/hftoken
failed=0

complain() {
    echo "check-docs: $*" >&2
    failed=1
}

for page in src/man/*.[1-8]; do
    report=$(mandoc -T lint -W warning "$page" 2>&1) || complain "$page:
$report"
done

# Every command of the overview, and every option of its help, stands in the manual.
manual=$(cat src/man/hftoken*.1)
for command in $("$hftoken" help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p'); do
    case $manual in
    *"Nm hftoken $command"* | *"Cm $command"*) ;;
    *) complain "the manual does not describe 'hftoken $command'" ;;
    esac
    for option in $("$hftoken" help "$command" | sed -n 's/.*--\([a-z][a-z-]*\) .*/\1/p'); do
        case $manual in
        *"Fl $option"*) ;;
        *) complain "the manual does not describe '--$option' of 'hftoken $command'" ;;
        esac
    done
done

exit $failed
