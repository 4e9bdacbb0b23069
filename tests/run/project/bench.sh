# The measurements of tests/bench/ still build; what they measure is for tests/bench/README.md, and no test's business.
source "$TESTS/run/lib.sh"
targets="bench_cfg bench_data"
cmake --build "$BUILD" --target help | grep >/dev/null bench_loop && targets="$targets bench_loop bench_optim bench_training"
cmake --build "$BUILD" --target help | grep >/dev/null bench_png && targets="$targets bench_png"
expect 0 "" cmake --build "$BUILD" --target $targets
finish
