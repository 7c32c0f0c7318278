#!/bin/bash
# Performs requests in the overlay of the session it runs in, with real keys, and
# tells what became of each. Started by run.sh inside `lucid-session --headless`,
# in a home that furnished.sh has filled.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/requests.sh"
PICTURES=${LUCID_DEMO_PICTURES:?}

last_turn() { lucid log --limit 1 --json | head -n 1; }
touch "$LUCID_SHELL_TRACE"
shows() { grep -c toggle_to_painted "$LUCID_SHELL_TRACE" || true; }

# Shows the overlay and waits until the page says that it has been painted.
show() {
    local before
    before=$(shows)
    for _ in 1 2 3; do
        lucid toggle
        for _ in $(seq 100); do
            if [ "$(shows)" != "$before" ]; then return 0; fi
            sleep 0.05
        done
        # It was shown already, and this has hidden it.
    done
    echo "the overlay did not appear" >&2
    return 1
}

# Waits for the end of the turn that follows turn $1, and prints its report.
finished() {
    local report
    for _ in $(seq 900); do
        report=$(last_turn)
        if [ -n "$report" ] && jq -e --arg before "$1" '.turn != $before and .finish != null' <<<"$report" >/dev/null; then
            echo "$report"
            return 0
        fi
        sleep 0.1
    done
    echo "the turn did not end within 90 s" >&2
    return 1
}

tell() {
    local why
    why=$(lucid why "$(jq -r .turn <<<"$1")" --json)
    jq -r '
        def ms: if . == null then "none" else "\(. | round) ms" end;
        (.plan | rtrimstr("\n") | split("\n") | to_entries[] | (if .key == 0 then "    plan     " else "             " end) + .value),
        (.entries[] | select(.note != "") | "    done     " + .note),
        "    outcome  \(.finish.outcome)\(if .finish.undoable then ", can be undone" else "" end)",
        "    timings  first action \(.finish.timings.first_action_ms | ms), whole turn \(.finish.timings.total_ms | ms); \(.finish.tokens.decoded) tokens decoded, \(.finish.energy.joules * 10 | round / 10) J (\(.finish.energy.method))"
    ' <<<"$1"
    jq -r '.problems[] | "    problem  " + .sentence, (.remedy | select(. != "") | "    remedy   " + .)' <<<"$why"
    local route
    route=$(jq -r '.route | if . == null then "unknown" elif .kind == "template" then "template of \(.function)" elif .kind == "model" then "model \(.model)" else "given" end' <<<"$why")
    printf '    route    %s\n' "$route"
}

perform() {
    local number=$1 words=$2 turn report name
    printf '\n%2d  %s\n' "$number" "$words"
    turn=$(last_turn | jq -r '.turn // ""')
    show
    # Without the pause before the first key, the client may not know the keymap yet.
    wtype -s 200 -d 30 -- "$words"
    wtype -s 150 -k Return
    report=$(finished "$turn") || return 1
    sleep 0.8
    name=$(printf '%02d' "$number")
    grim "$PICTURES/$name.png"
    tell "$report"
    printf '    picture  target/pictures/%s.png\n' "$name"
    wtype -s 50 -k Escape
    sleep 0.4
    jq -e '.finish.outcome | IN("done", "answered")' <<<"$report" >/dev/null
}

echo "warming the model up: the first time it reads its instructions, for about half a minute"
lucid plan --no-templates --json "hello" \
    | jq -r '"    \(.total_ms | round) ms", (.problem | select(. != null) | "    \(.sentence)", "    \(.remedy)")' || true
# The first show starts the shell, and is not traced.
lucid toggle
gdbus wait --session --timeout 30 org.lucidshell.Shell
sleep 2
wtype -s 200 -k Escape
sleep 0.5

failed=0 number=0
if [ -n "${LUCID_DEMO_ASK:-}" ]; then
    perform 1 "$LUCID_DEMO_ASK" || failed=1
else
    while IFS= read -r -u 3 words; do
        number=$((number + 1))
        perform $number "$words" || failed=$((failed + 1))
    done 3< <(requests "$HERE/..")
    printf '\n%d of %d requests were carried out\n' $((number - failed)) $number
fi
[ $failed -eq 0 ]
