# The requests of the README's table; sourced. One list serves readers and demonstrations.

# requests: prints the ten requests, the odd ones in English and the even ones in Chinese.
requests() {
    awk -F ' *[|] *' '
        /<!-- requests -->/ { on = 1; next }
        /<!-- \/requests -->/ { on = 0 }
        on && $2 ~ /^[0-9]+$/ { print ($2 % 2 ? $3 : $4) }' "$1/README.md"
}
