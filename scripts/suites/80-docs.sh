#!/bin/bash
# What the pages say exists: commands, goals, links, pictures.
. "$(dirname "$0")/../environment.sh"
cd "$ROOT"
. scripts/tap.sh
. scripts/requests.sh
PAGES=$(git ls-files '*.md')

# Prints what the pages write as code, without Markdown's marks.
code() {
    # shellcheck disable=SC2086
    awk '/^```/ { on = !on; next } on || /^    / { print; next }
         { while (match($0, /`[^`]+`/)) { print substr($0, RSTART + 1, RLENGTH - 2); $0 = substr($0, RSTART + RLENGTH) } }' $PAGES
}

goals_exist() {
    local goal
    for goal in $(code | grep -oE '^ *make [a-z-]+' | awk '{ print $2 }' | sort -u); do
        grep -qE "^$goal:" Makefile || { echo "no goal: make $goal"; return 1; }
    done
}

commands_exist() {
    local command
    while read -r command; do
        # shellcheck disable=SC2086
        "$BIN/lucid" $command --help >/dev/null 2>&1 || { echo "no command: lucid $command"; return 1; }
    done < <(code | grep -oE '^ *lucid (model [a-z]+|history [a-z]+|[a-z]+)' | sed 's/^ *lucid //' | sort -u)
}

links_lead_somewhere() {
    local page target bad=0
    for page in $PAGES; do
        while read -r target; do
            [ -e "$(dirname "$page")/$target" ] || { echo "$page: $target is missing"; bad=1; }
        done < <(
            grep -oE '\]\([^)#]+' "$page" | cut -c 3- | grep -v '^https*:'
            grep -oE 'src="[^":]+"' "$page" | cut -d '"' -f 2
        )
    done
    return $bad
}

ten_requests() { [ "$(requests . | grep -c .)" = 10 ]; }

check "every make goal in the pages exists" goals_exist
check "every lucid command in the pages exists" commands_exist
check "every relative link and picture exists" links_lead_somewhere
check "the README has ten requests" ten_requests
for page in plan-language command-line plugins security architecture glossary benchmarks; do
    check "docs/$page.md is there" test -s docs/$page.md
done
finish
