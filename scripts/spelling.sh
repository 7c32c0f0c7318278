#!/bin/bash
# Checks the spelling of everything. `typos` is in no Debian release, so that it comes
# ready-made from the Python package index, once, unless it is installed already.
# Ends with 77 where it cannot be had.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"

VERSION=1.52.0
TOOLS=$CARGO_TARGET_DIR/tools
PROGRAM=$(command -v typos || echo "$TOOLS/bin/typos")

if [ ! -x "$PROGRAM" ]; then
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore \
        python3 -m pip install --quiet --target "$TOOLS" "typos==$VERSION" >"$OUT/typos.log" 2>&1 \
        || { echo "typos cannot be had from the package index: $(tail -n 1 "$OUT/typos.log")"; exit 77; }
fi
exec "$PROGRAM" --format brief
