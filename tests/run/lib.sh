# Shared by the tests that drive programs. A failed check says so and the test goes on; finish ends it.

[ -n "${TESTS:-}" ] || { echo "run it with ctest -R" >&2; exit 2; }
set -uo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-2}
quix=$BUILD/tools/quix/quix
tiny=$BUILD/tests/tiny

bad() { echo "FAILED: $*" >&2; failures=$((failures + 1)); }
finish() { [ $failures -eq 0 ] || { echo "$failures checks failed" >&2; exit 1; }; exit 0; }

# expect CODE "pieces of the output, one a line" command…: exit code and output (both streams).
expect() {
  local code=$1 pieces=$2 rc=0; shift 2
  out=$("$@" 2>&1 </dev/null) || rc=$?
  [ $rc -eq "$code" ] || bad "$* : exit code $rc, expected $code: $out"
  while IFS= read -r piece; do
    # As printed, or with line breaks undone (CMake wraps its messages).
    [ -z "$piece" ] || grep -qF -- "$piece" <<<"$out" || tr -s ' \n' ' ' <<<"$out" | grep -qF -- "$(tr -s ' ' <<<"$piece")" || bad "$* : the output does not say \"$piece\" but: $out"
  done <<<"$pieces"
}

# An IDX dataset of 410 + 100 images of 6 x 6 pixels that a small network can learn.
make_shapes() { python3 "$TESTS/run/faults/shapes.py" "$1"; }
