# The how-to is a program: its blocks are compiled, and what it makes trains.
source "$TESTS/run/lib.sh"
[ "$(grep -c '^```cpp' "$SOURCE/examples/how_to.md")" -ge 8 ] || bad "how_to.md has few blocks of C++"
[ "$(grep -c 'struct SignSgd' "$BUILD/tests/how_to.cpp")" = 1 ] || bad "the blocks of how_to.md are not in how_to.cpp"
expect 0 "hidden: 64" "$BUILD/tests/how_to" config
finish
