# shellcheck shell=bash
# Build folders and what is run from them.
. tools/dev/setup.sh

export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

# Many files are compiled as one, which takes a third of the time from nothing. clang-tidy reads each alone and so finds what a file forgot to
# include; build-bench compiles each alone, as users do: it measures what they install.
unity=(-Dunity=on -Dunity_size=40)
# What is compiled for its tests is hardly optimised, and knows of the sources no more than files and lines.
for_tests=(-Doptimization=1 -Dcpp_args=-g1)

# configure FOLDER [OPTION…]: once; Meson notices changed build files by itself.
configure() {
    local folder=$1
    shift
    [ ! -f "$folder/build.ninja" ] || return 0
    say "configuring $folder"
    [ ! -d "$folder/meson-private" ] || rm -rf "$folder"  # an interrupted one
    local log
    log=$(mktemp)
    if ! meson setup "$folder" --native-file tools/dev/native.ini --werror "$@" >"$log" 2>&1; then
        cat "$log"
        rm -f "$log"
        fail "meson setup $folder failed"
    fi
    rm -f "$log"
}

# compile FOLDER [TARGET…]: silent when all is built.
compile() {
    local folder=$1
    shift
    if ninja -C "$folder" -n "$@" | grep -q 'no work to do'; then return 0; fi
    ninja -C "$folder" -j "$(jobs)" "$@" || fail "the build in $folder failed"
}

build_default() {
    setup
    configure build "${unity[@]}" "${for_tests[@]}" -Drelease_library=true
    compile build "$@"
}

run_sample() {
    local name=${1:-quickstart}
    [ $# -eq 0 ] || shift
    [ -f "samples/$name.cpp" ] ||
        fail "there is no sample '$name'; there are: $(cd samples && echo *.cpp | sed 's/\.cpp//g')"
    build_default "samples/$name"
    compile build "$(ninja -C build -t targets all | sed -n 's#^\(.*/daytona-toolbox\):.*#\1#p')"
    exec "build/samples/$name" "$@"
}

# The Debian tree that tests make sandboxes of takes minutes, and little of the processor: it is made while the rest is compiled.
begin_base_tree() {
    [ ! -d build/base-tree ] || return 0
    build_default src/local/daytona-local src/local/toolbox/daytona-toolbox
    "$python" test/support/wire/base_tree.py build/src/local/daytona-local build/base-tree >build/base-tree.log 2>&1 &
    tree_maker=$!
    trap 'kill "$tree_maker" 2>/dev/null || true' EXIT  # if the build fails or is interrupted
}

suites='unit component e2e conformance consumer headers support fuzz soak'

# run_tests [SUITE…] [FILTER]: the first word that is no suite is the filter.
run_tests() {
    local -a chosen=()
    while [ $# -gt 0 ] && [[ " $suites " == *" $1 "* ]]; do
        chosen+=("$1")
        shift
    done
    [ $# -le 1 ] || fail "test: one filter at most; suites are: $suites"
    [ ${#chosen[@]} -gt 0 ] || read -ra chosen <<<"$suites"
    [[ " ${chosen[*]} " != *" component "* && " ${chosen[*]} " != *" e2e "* ]] || begin_base_tree
    build_default
    local -a others=()
    if [[ " ${chosen[*]} " == *" fuzz "* ]]; then
        build_fuzz
        others=(--other build-fuzz)
    fi
    local at_once=$(($(jobs) + 1))  # many wait for processes more than they compute
    exec "$python" tools/run_tests.py --jobs "$at_once" --filter "${1:-}" "${others[@]}" build "${chosen[@]}"
}

build_fuzz() {
    setup
    CC=clang-19 CXX='ccache clang++-19' configure build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 \
        -Dtests=false -Dsamples=false -Dbench=false
    compile build-fuzz fuzz_targets
}

# fuzz NAME [SECONDS]: from the corpus on, and from what former runs found interesting; without a time until it finds something or is interrupted.
fuzz() {
    local name=${1:-} seconds=${2:-0}
    if [ -z "$name" ] || [ ! -d "test/fuzz/corpus/$name" ]; then
        fail "fuzz: name a target: $(cd test/fuzz/corpus && echo *)"
    fi
    build_fuzz
    mkdir -p "build-fuzz/corpus/$name"
    exec "build-fuzz/test/fuzz/$name" "build-fuzz/corpus/$name" "test/fuzz/corpus/$name" "-max_total_time=$seconds" -timeout=10 -rss_limit_mb=2048 \
        "-artifact_prefix=build-fuzz/$name-"
}

run_bench() {
    setup
    configure build-bench --buildtype=release -Dtests=false -Dsamples=false
    compile build-bench >&2
    exec build-bench/bench/bench "$@"
}

build_clang() {
    setup
    CC=clang-19 CXX='ccache clang++-19' configure build-clang "${unity[@]}" -Doptimization=0 -Ddebug=false  # for its warnings
    compile build-clang
}

# sanitize KIND: first that the sanitizer sees a planted defect, then the tests.
sanitize() {
    local kind=${1:-} defects
    local -a options
    local folder=build-$kind
    case $kind in
    address) defects='heap undefined leak' options=('-Db_sanitize=address,undefined') ;;
    thread) defects='race' options=(-Db_sanitize=thread -Dlocal=disabled) ;;  # the backend has no thread but the caller's
    *) fail "sanitize: address or thread" ;;
    esac
    setup
    CC=clang-19 CXX='ccache clang++-19' configure "$folder" "${unity[@]}" "${options[@]}" "${for_tests[@]}" -Db_lundef=false -Dsamples=false -Dbench=false
    compile "$folder"

    local defect
    for defect in $defects; do
        if "$folder/test/support/planted_defect" "$defect" >"$folder/planted_defect.log" 2>&1; then
            fail "the sanitizer did not notice a planted defect: $defect"
        fi
        grep -qE 'Sanitizer|runtime error' "$folder/planted_defect.log" || fail "planted defect $defect ended without a report"
    done
    say "sanitizer active: it caught $defects"
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    exec "$python" tools/run_tests.py --jobs "$(jobs)" --patience 5 "$folder" unit component
}
