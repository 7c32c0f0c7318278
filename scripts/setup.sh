#!/bin/bash
# Makes a machine ready to build and run Lucid: system packages, toolchains
# checked, the interface's node packages. Quick when nothing is missing.
. "$(dirname "$0")/environment.sh"

PACKAGES=$ROOT/scripts/packages.txt

wanted() { sed -e 's/#.*//' -e 's/^ *//' "$PACKAGES" | awk 'NF { print $1 }'; }

# Prints the wanted packages that are not installed.
missing() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^ii //p')
    comm -23 <(wanted | sort -u) <(sort -u <<<"$installed")
}

install_missing() {
    local names
    mapfile -t names < <(missing)
    [ ${#names[@]} -gt 0 ] || return 0

    say "Lucid needs ${#names[@]} Debian packages that are not installed:"
    for name in "${names[@]}"; do
        printf '      %-24s %s\n' "$name" "$(awk -v n="$name" '$1 == n { $1 = ""; print substr($0, 2) }' "$PACKAGES")"
    done
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "run this once as root: apt-get install --no-install-recommends ${names[*]}"
        say "they are installed with sudo, which may ask for your password"
        as_root=(sudo)
    fi
    # Another program, often the unattended upgrade, may hold apt's lock for a while.
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3)
    "${apt[@]}" update || say "the package lists could not be refreshed; trying with those at hand"
    "${apt[@]}" install -y --no-install-recommends "${names[@]}" </dev/null \
        || die "apt could not install these packages; its reason stands above. Where it is the network, run this again
once it is back; else try by hand: apt-get install --no-install-recommends ${names[*]}"
    local left
    left=$(missing | tr '\n' ' ')
    [ -z "$left" ] || die "still missing after the installation: $left"
}

other_distribution() {
    local system="this system"
    [ -r /etc/os-release ] && system=$(. /etc/os-release && echo "${PRETTY_NAME:-$system}")
    say "$system has no apt. Install what these Debian packages hold, under the names it gives them:"
    wanted | fmt -w 90 | sed 's/^/      /'
    # What is named otherwise there cannot be looked up, but programs and libraries can.
    local name absent=() later=()
    for name in clang cmake ninja mold pkg-config curl jq gdbus dbus-run-session; do
        command -v "$name" >/dev/null || absent+=("$name")
    done
    for name in webkit2gtk-4.1 gtk+-3.0 gtk-layer-shell-0; do
        pkg-config --exists "$name" 2>/dev/null || absent+=("$name")
    done
    for name in sway grim wtype mpv pipewire wireplumber; do
        command -v "$name" >/dev/null || later+=("$name")
    done
    [ ${#later[@]} -eq 0 ] || say "not found, and needed by demonstrations and tests: ${later[*]}"
    [ ${#absent[@]} -eq 0 ] || die "not found, and needed to build and run: ${absent[*]}"
}

# check_tool NAME LEAST HOW: a toolchain that this script does not install.
check_tool() {
    local name=$1 least=$2 how=$3 found
    command -v "$name" >/dev/null || die "$name $least or newer is needed. $how"
    # rustup's cargo has no version before a toolchain is chosen.
    found=$("$name" --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' | head -1) \
        || die "$name does not work: \`$name --version\` says why. $how"
    [ "$(printf '%s\n%s\n' "$least" "$found" | sort -V | head -1)" = "$least" ] \
        || die "$name $found is too old, $least is needed. $how"
}

node_packages() {
    [ -f "$ROOT/ui/package-lock.json" ] || return 0
    local mark=$ROOT/ui/node_modules/.lucid-lock
    if ! cmp -s "$ROOT/ui/package-lock.json" "$mark"; then
        say "installing the interface's node packages"
        (cd "$ROOT/ui" && npm ci --no-audit --no-fund --loglevel=error </dev/null) \
            || die "npm could not install them; its reason stands above. Where it is the network, run this again once it is back."
        cp "$ROOT/ui/package-lock.json" "$mark"
    fi
}

if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    install_missing
else
    other_distribution
fi
check_tool cargo 1.95 "Install Rust from https://rustup.rs (rustup keeps it up to date: rustup update stable)."
check_tool node 20.0 "Install Node.js from https://nodejs.org or your distribution (on Debian 12: https://deb.nodesource.com)."
check_tool npm 9.0 "npm comes with Node.js."
check_tool python3 3.9 "Install python3; it unpacks the models and stands in for system services in tests."
node_packages
