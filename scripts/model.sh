#!/bin/bash
# Makes sure that models are there: model.sh [ID...], the default one without an id.
. "$(dirname "$0")/environment.sh"

fetch() {
    for id in "$@"; do lucid model pull ${id:+"$id"}; done
}

if [ "${1:-}" = --inside ]; then
    shift
    fetch "${@:-}"
else
    "$ROOT/scripts/with-kernel.sh" "$0" --inside "$@"
fi
