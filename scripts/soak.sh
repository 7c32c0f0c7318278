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

# The session's user writes into a folder of its own. What it did is carried back
# when a piece ends, and also when this is interrupted in the middle of one.
WORK=$(mktemp -d /var/tmp/lucid-soak-XXXXXX)
trap 'carry_back; rm -rf "$WORK"' EXIT
# Whatever runs may end in good order when it is interrupted; this ends with it.
trap 'exit 130' INT TERM
chmod 777 "$WORK"
status=0

carry_back() { if [ -s "$WORK/tally.json" ]; then cp "$WORK/tally.json" "$TALLY" && rm -f "$WORK/tally.json"; fi; }
hand_out() {
    if [ -s "$TALLY" ]; then cp "$TALLY" "$WORK/tally.json" && chmod 666 "$WORK/tally.json"; fi
}
today() { date -u +%F; }

# A new session every few minutes: it also tests that sessions start and end cleanly.
pieces=$(((MINUTES + 9) / 10))
for piece in $(seq "$pieces"); do
    # Of each piece a tenth goes to the parser, and the rest to deaths.
    read -r fuzz chaos < <(awk -v m="$MINUTES" -v p="$pieces" 'BEGIN { print m / p * 0.1, m / p * 0.9 }')
    say "piece $piece of $pieces"
    "$BIN/lucid-soak" --tally "$TALLY" --date "$(today)" fuzz --minutes "$fuzz" || status=1
    hand_out
    in_session --parts sound,power,kernel -- \
        "$STAGE/bin/lucid-soak" --tally "$WORK/tally.json" --date "$(today)" \
        chaos --model --minutes "$chaos" || status=1
    carry_back
    "$BIN/lucid-soak" --tally "$TALLY" --date "$(today)" page docs/soak.md
done
say "docs/soak.md"
exit $status
