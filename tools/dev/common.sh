# shellcheck shell=bash
# What the parts of ./dev share.

# Debian's own Python: it sees Debian's modules whatever the user's PATH puts in front.
python=/usr/bin/python3

fail() {
    printf 'dev: %s\n' "$*" >&2
    exit 1
}

say() {
    printf '\033[1m%s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi
}

# A heavy translation unit takes about 1 GiB, so memory bounds the jobs, too.
jobs() {
    local memory
    memory=$(awk '/^MemAvailable/ {print int($2 / 1572864)}' /proc/meminfo)
    local most
    most=$(nproc)
    [ "$memory" -ge "$most" ] || most=$memory
    [ "$most" -ge 1 ] || most=1
    echo "${DEV_JOBS:-$most}"
}
