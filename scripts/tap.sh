# Checks that say `ok - NAME` or `not ok - NAME`; sourced by suites.

CHECKS_FAILED=0

# check NAME COMMAND...: passes when the command does; shows what it printed when not.
check() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        echo "ok - $name"
    else
        echo "not ok - $name"
        sed 's/^/    /' <<<"$output" | tail -n 30
        CHECKS_FAILED=1
    fi
}

# equal NAME WANTED FOUND
equal() {
    if [ "$2" = "$3" ]; then
        echo "ok - $1"
    else
        printf 'not ok - %s\n    wanted: %s\n    found:  %s\n' "$1" "$2" "$3"
        CHECKS_FAILED=1
    fi
}

# finish: the suite's exit status.
finish() { exit $CHECKS_FAILED; }
