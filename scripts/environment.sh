# Where things are kept; sourced by every other script. Values that are already set win.
#
# Both folders are outside the checkout so that a second clone, or the next run
# of continuous integration, finds them warm.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export ROOT

# `cargo` may have been installed for this user only.
if ! command -v cargo >/dev/null 2>&1 && [ -x "$HOME/.cargo/bin/cargo" ]; then
    export PATH="$HOME/.cargo/bin:$PATH"
fi

if [ -n "${CI:-}" ]; then
    export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-/var/tmp/lucid-target}
    export LUCID_MODELS=${LUCID_MODELS:-/var/tmp/lucid-models/gguf}
fi
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}
usual_models=/var/tmp/lucid-models/gguf
export LUCID_MODELS=${LUCID_MODELS:-$usual_models}
export BIN=$CARGO_TARGET_DIR/release
export LUCID_ADAPTERS=${LUCID_ADAPTERS:-$ROOT/models/adapters}
export MISTRALRS_TARGET=${MISTRALRS_TARGET:-$CARGO_TARGET_DIR/mistralrs}

# Colours only for a person who looks.
# shellcheck disable=SC2034
if [ -t 1 ]; then
    BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' PLAIN=$'\e[0m'
else
    BOLD='' DIM='' RED='' GREEN='' PLAIN=''
fi

# say TEXT: one line about what happens now.
say() { printf '%s==>%s %s\n' "$BOLD" "$PLAIN" "$*"; }

# die TEXT: the reason, on standard error, and the end.
die() {
    printf '%serror:%s %s\n' "$RED" "$PLAIN" "$*" >&2
    exit 1
}

# A folder below none is a slip of the keyboard, and gigabytes would go there.
if [ "$LUCID_MODELS" != "$usual_models" ] && [ ! -d "$(dirname "$LUCID_MODELS")" ]; then
    die "LUCID_MODELS is $LUCID_MODELS, but there is no folder $(dirname "$LUCID_MODELS"). Make it, or correct the name."
fi

# Reports, pictures and logs always go here, whatever the folder of the builds is.
export OUT=$ROOT/target
# That of the models is made by whoever fetches one.
mkdir -p "$OUT"
