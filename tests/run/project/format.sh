# The layout is clang-format's. Versions differ, so this looks only where the one is that made it (Debian 12's 14).
source "$TESTS/run/lib.sh"
clang-format --version 2>/dev/null | grep -q 'version 14' || { echo "skipped: no clang-format 14"; exit 77; }
cd "$SOURCE" || exit 1
find include examples tests tools \( -name '*.hpp' -o -name '*.ipp' -o -name '*.cpp' \) -print0 | xargs -0 clang-format --dry-run --Werror 2>&1 | grep error | head -20 >"$work/out.txt"
[ ! -s "$work/out.txt" ] || bad "clang-format would change: $(cat "$work/out.txt")"
finish
