# Each header compiles alone.
source "$TESTS/run/lib.sh"
cmake --build "$BUILD" --target all_verify_interface_header_sets -j "$(nproc)" >log.txt 2>&1 || { grep -E 'error' log.txt | head -20; bad "a header does not compile alone"; }
finish
