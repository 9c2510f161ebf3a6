# shellcheck shell=bash
# Installs what is missing of tools/dev/packages and tools/dev/npm-packages; says nothing when nothing is.

# Prefix of commands that need root; empty when we are root, unset when there is no way.
find_root() {
    if [ "$(id -u)" -eq 0 ]; then
        as_root=()
    elif sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then
        as_root=(sudo)
    else
        return 1
    fi
}

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

# What is to be fetched, and a line for every 50 packages, of the thousands that apt and dpkg write.
show_progress() {
    awk '/^Need to get / {print "  " tolower(substr($0, 1, 1)) substr($0, 2); fflush()}
         /^Get:/ && ++fetched % 50 == 0 {print "  fetched " fetched; fflush()}
         /^Unpacking / && ++unpacked % 50 == 0 {print "  unpacked " unpacked; fflush()}
         /^Setting up / && ++configured % 50 == 0 {print "  configured " configured; fflush()}'
}

needs() {
    sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1"
}

# satisfies VERSION RELATION: RELATION is empty or like '>= 1.81'.
satisfies() {
    [ -z "$2" ] || dpkg --compare-versions "$1" "${2%% *}" "${2#* }"
}

# Splits `name (>= version)` into $name and $relation.
parse_alternative() {
    read -r name relation <<<"$1"
    relation=${relation#(}
    relation=${relation%)}
}

declare -A installed_packages

read_installed_packages() {
    local name version status provides
    while IFS=$'\t' read -r name version status provides; do
        [ "$status" = installed ] || continue
        installed_packages[$name]=$version
        local provided
        for provided in ${provides//,/ }; do
            [[ $provided == [a-z]* ]] && : "${installed_packages[$provided]:=$version}"
        done
    done < <(dpkg-query -W -f '${Package}\t${Version}\t${db:Status-Status}\t${Provides}\n' 2>/dev/null)
}

# is_installed NEED
is_installed() {
    local alternative name relation
    local -a alternatives
    IFS='|' read -ra alternatives <<<"$1"
    for alternative in "${alternatives[@]}"; do
        parse_alternative "$alternative"
        [ -n "${installed_packages[$name]:-}" ] && satisfies "${installed_packages[$name]}" "$relation" && return 0
    done
    return 1
}

# choose NEED: the package of it that this release offers.
choose() {
    local alternative name relation candidate
    local -a alternatives
    IFS='|' read -ra alternatives <<<"$1"
    for alternative in "${alternatives[@]}"; do
        parse_alternative "$alternative"
        candidate=$(apt-cache policy "$name" 2>/dev/null | sed -n 's/^  Candidate: //p')
        case $candidate in '' | '(none)') continue ;; esac
        satisfies "$candidate" "$relation" && echo "$name" && return 0
    done
    return 1
}

# The first name of NEED, for a line that people run by hand when nothing better is known.
first_name() {
    local name relation
    parse_alternative "${1%%|*}"
    echo "$name"
}

missing_packages() {
    local need
    read_installed_packages
    while read -r need; do
        is_installed "$need" || echo "$need"
    done < <(needs tools/dev/packages)
}

has_npm_package() {
    local name=${1%@*} version=${1##*@}
    grep -qs "\"version\": \"$version\"" "/usr/local/lib/node_modules/$name/package.json"
}

missing_npm_packages() {
    local package
    while read -r package; do
        has_npm_package "$package" || echo "$package"
    done < <(needs tools/dev/npm-packages)
}

# Ends what an interrupted installation began: apt refuses to go on from there.
finish_interrupted() {
    [ -n "$(dpkg --audit)" ] || return 0
    say "setup: finishing an interrupted installation"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive dpkg --configure --pending | show_progress || true
    apt -q --fix-broken install --yes | show_progress || fail "apt-get --fix-broken install failed"
}

install_debian_packages() {
    finish_interrupted
    say "setup: installing $# packages"
    apt -qq update || fail "apt-get update failed"
    local need package packages=()
    for need in "$@"; do
        package=$(choose "$need") || fail "this release has no package for '$need' (tools/dev/packages)"
        packages+=("$package")
    done
    apt -q install --yes --no-install-recommends "${packages[@]}" | show_progress || fail "apt-get install failed: ${packages[*]}"
}

npm_install=(npm install --global --prefix /usr/local --no-fund --no-audit --loglevel=error)

install_npm_packages() {
    say "setup: installing $*"
    "${as_root[@]}" "${npm_install[@]}" "$@" || fail "npm could not install $*"
}

# say_what_to_run: the line for whoever may become root.
say_what_to_run() {
    local need line=""
    for need in "${packages[@]}"; do
        line+=" $(choose "$need" || first_name "$need")"
    done
    [ -z "$line" ] || line="apt-get update && apt-get install --yes --no-install-recommends$line"
    [ ${#npm_packages[@]} -eq 0 ] || line+="${line:+ && }${npm_install[*]} ${npm_packages[*]}"
    fail "there is neither root nor sudo here; as root, run:
$line"
}

setup() {
    command -v dpkg-query >/dev/null || fail "setup knows Debian and its kin; elsewhere install what tools/dev/packages lists"
    local -a packages npm_packages as_root
    mapfile -t packages < <(missing_packages)
    mapfile -t npm_packages < <(missing_npm_packages)
    [ $((${#packages[@]} + ${#npm_packages[@]})) -gt 0 ] || return 0

    find_root || say_what_to_run
    [ ${#packages[@]} -eq 0 ] || install_debian_packages "${packages[@]}"
    [ ${#npm_packages[@]} -eq 0 ] || install_npm_packages "${npm_packages[@]}"
}
