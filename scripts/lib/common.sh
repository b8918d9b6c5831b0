# Shared by the scripts: where things are, what is missing, how to say it. Sourced, not run.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$ROOT"

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() { printf '%s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else die "Root is needed for: $*
Run it as root, then start this script again."
    fi
}

# need_packages NAME… : installs the Debian packages that are missing, and says which.
need_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed$' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "These packages are needed, under the names that Debian gives them: ${missing[*]}
Install them with this system's package manager, then start this script again."
    say "Installing system packages: ${missing[*]}"
    as_root apt-get update -qq >/dev/null || say "The package list could not be renewed; using the one that is there."
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# The browser libraries, and the dashboard's modules bundled where esbuild can be had.
need_web() {
    need_packages python3 python3-venv
    command -v esbuild >/dev/null || (need_packages esbuild) || say "esbuild cannot be had here: the dashboard's modules stay as they are written."
    scripts/vendor
    scripts/bundle
}

need_swift() {
    command -v swift >/dev/null || die "Swift 6.3 is needed: install it from https://www.swift.org/install and start this script again."
}

# What the build links against.
need_build_packages() {
    need_swift
    need_packages libsqlite3-dev libcurl4-openssl-dev zlib1g-dev
}

# build_release PRODUCT : a program as people run it. Swift's libraries lie inside where the toolchain has them for that: a server starts
# sooner, holds a quarter less memory, and runs on systems without Swift. The linker would warn of a function that Foundation calls.
build_release() {
    local inside= tools; tools=$(dirname "$(readlink -f "$(command -v swift)")")
    if [ -d "$tools/../lib/swift_static/linux" ] && [ -x "$tools/ld.lld" ]; then
        inside="--static-swift-stdlib -Xswiftc -use-ld=lld -Xlinker --no-warnings"
    fi
    swift build -c release $inside --product "$1"
}

# need_python VENV REQUIREMENTS… : a virtual environment with pinned packages, made once and renewed when the list changes.
need_python() {
    local venv=$1 list; shift
    list=$(cat "$@" | sha256sum)
    if [ "$(cat "$venv/.installed" 2>/dev/null)" = "$list" ]; then return 0; fi
    say "Installing Python packages into $venv"
    [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
    local arguments=() file
    for file in "$@"; do arguments+=(-r "$file"); done
    "$venv/bin/pip" install -q --disable-pip-version-check "${arguments[@]}" || return 1
    printf '%s' "$list" > "$venv/.installed"
}
