#!/bin/bash
# Makes sure that models are there: model.sh [ID...]; without an id the default one, and the
# small one that finds functions by meaning.
. "$(dirname "$0")/environment.sh"

fetch() {
    for id in "$@"; do lucid model pull ${id:+"$id"}; done
}

if [ "${1:-}" = --inside ]; then
    shift
    if [ $# -gt 0 ]; then
        fetch "$@"
    else
        fetch ""
        fetch use-multilingual-3 || say "without it functions are found by words alone"
    fi
else
    "$ROOT/scripts/with-kernel.sh" "$0" --inside "$@"
fi
