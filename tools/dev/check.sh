# shellcheck shell=bash
# Checks that run no test.
. tools/dev/build.sh

tracked() {
    git ls-files --cached --others --exclude-standard -- "$@"
}

lint() {
    setup
    local bad=0
    tracked '*.cpp' '*.hpp' | xargs -r clang-format-19 --dry-run -Werror || bad=1
    "$python" tools/lint.py || bad=1
    "$python" tools/readme.py --check || bad=1
    shellcheck --external-sources --check-sourced dev .ci/run || bad=1
    [ "$bad" -eq 0 ] || fail "lint found something (./dev format repairs formatting, tools/readme.py the README, tools/doc_comments.py the headers' examples)"
    say "lint: nothing found"
}

format() {
    setup
    tracked '*.cpp' '*.hpp' | xargs -r clang-format-19 -i
}

tidy() {
    setup
    CC=clang-19 CXX='ccache clang++-19' configure build-tidy -Doptimization=0 -Ddebug=false
    compile build-tidy build.ninja  # Meson's list of units, if build files have changed; nothing else is built
    exec "$python" tools/tidy.py build-tidy "$@"
}
