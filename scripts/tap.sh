# Checks that say `ok - NAME` or `not ok - NAME`; sourced by suites.

CHECKS_FAILED=0

# check NAME COMMAND...: passes when the command does; shows what it printed when not.
# A command that ends with 77 lacks something that it needs, and is skipped.
check() {
    local name=$1 output status=0
    shift
    output=$("$@" 2>&1) || status=$?
    case $status in
        0) echo "ok - $name" ;;
        77) echo "skipped - $name: $output" ;;
        *)
            echo "not ok - $name"
            sed 's/^/    /' <<<"$output" | tail -n 30
            CHECKS_FAILED=1
            ;;
    esac
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
