# Within a batch every policy is called through its own type.
source "$TESTS/run/lib.sh"
objects=()
for program in "$BUILD/tests/tiny" "$BUILD/tests/precise" "$BUILD/tests/fragile" "$BUILD/tests/augmented"; do
  name=${program##*/}
  objects+=("$BUILD/tests/CMakeFiles/$name.dir/run/train/$name.cpp.o")
done
expect 0 "functions are reached from a batch" python3 "$TESTS/run/project/direct_calls.py" "${objects[@]}"
finish
