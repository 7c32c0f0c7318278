#!/bin/bash
# `make soak`: random plans and deaths in the middle of requests, for MINUTES (60),
# and what was found in docs/soak.md. Goes on where it stopped.
. "$(dirname "$0")/environment.sh"
cd "$ROOT"
MINUTES=${MINUTES:-60}
TALLY=$OUT/soak/tally.json

"$ROOT/scripts/setup.sh"
"$ROOT/scripts/build.sh" all
"$ROOT/scripts/model.sh"
. scripts/stage.sh
stage
install -C -m 755 "$BIN/lucid-soak" "$STAGE/bin/lucid-soak"
mkdir -p "$OUT/soak"

# The session's user writes into a folder of its own; each piece is carried back when it ends.
WORK=$(mktemp -d /var/tmp/lucid-soak-XXXXXX)
trap 'rm -rf "$WORK"' EXIT
chmod 777 "$WORK"
status=0

carry_back() { if [ -s "$WORK/tally.json" ]; then cp "$WORK/tally.json" "$TALLY"; fi; }
hand_out() {
    if [ -s "$TALLY" ]; then cp "$TALLY" "$WORK/tally.json" && chmod 666 "$WORK/tally.json"; fi
}

# A new session every few minutes: it also tests that sessions start and end cleanly.
pieces=$(((MINUTES + 9) / 10))
for piece in $(seq "$pieces"); do
    say "piece $piece of $pieces"
    "$BIN/lucid-soak" --tally "$TALLY" fuzz --minutes 1 || status=1
    hand_out
    in_session --parts sound,power,kernel -- \
        "$STAGE/bin/lucid-soak" --tally "$WORK/tally.json" chaos --model --minutes $((MINUTES / pieces - 1)) || status=1
    carry_back
    "$BIN/lucid-soak" --tally "$TALLY" page docs/soak.md --date "$(date -u +%F)"
done
say "docs/soak.md"
exit $status
