# tests/mutations/*.patch name tests that exist, and tools/check --mutate tells what is noticed from what is not.
source "$TESTS/run/lib.sh"

names=" $(sed -nE 's/^ *quix_(script_)?test\(([^ )]+).*/\2/p' "$TESTS/CMakeLists.txt" | tr '\n' ' ')static "
for patch in "$TESTS"/mutations/*.patch; do
  named=$(sed -n '1s/^# test: *//p' "$patch")
  [ -n "$named" ] || bad "$patch: the first line is not  # test: NAME"
  for name in $named; do
    [[ $names == *" $name "* ]] || [ -f "$TESTS/compile_fail/${name#compile_fail/}.cpp" ] || bad "$patch: there is no test $name"
  done
done

# A project of one file and one test, broken in every way that there is.
project=$work/project
mkdir -p "$project/tests/mutations" && cd "$project" && git init -q . || exit 1
cat >CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(small NONE)
enable_testing()
add_custom_target(test_a_file COMMAND grep -q one ${CMAKE_SOURCE_DIR}/words.txt)
add_test(NAME a/file COMMAND grep -q two ${CMAKE_SOURCE_DIR}/words.txt)
add_test(NAME a/skipped COMMAND sh -c "grep -q two ${CMAKE_SOURCE_DIR}/words.txt || exit 77")
set_tests_properties(a/skipped PROPERTIES SKIP_RETURN_CODE 77)
add_custom_target(test_a_skipped)
CMAKE
printf 'one\ntwo\nthree\n' >words.txt
patch_of() { # name, test, words on the three lines
  { echo "# test: $2"; echo "--- a/words.txt"; echo "+++ b/words.txt"; echo "@@ -1,3 +1,3 @@"; diff -U3 words.txt <(printf '%s\n' "${@:3}") | tail -n +4; } >"tests/mutations/$1.patch"
}
patch_of b_noticed a/file one TWO three
patch_of b_skipped a/skipped one TWO three
mutate_here() { ( set -e; root=$project jobs=1; source "$SOURCE/tools/lib/ui.sh"; source "$SOURCE/tools/lib/mutate.sh"; mutate "$work/mutate" "$1" ); }
expect 0 $'noticed            b_noticed                          a/file
skipped            b_skipped                          a/skipped
2 mutations: 1 noticed, 1 skipped' mutate_here ""
patch_of c_unnoticed "a/file a/skipped" one two THREE
patch_of c_syntax a/file ONE two three
patch_of c_gone a/file one two THREE
sed -i 's/^ three/ other/; s/^ two/ else/; s/^-three/-seven/' tests/mutations/c_gone.patch
expect 1 $'unnoticed          c_unnoticed                        a/file a/skipped
does not compile   c_syntax                           a/file
no longer applies  c_gone                             a/file
5 mutations: 1 noticed, 1 unnoticed, 1 no longer applies, 1 does not compile, 1 skipped' mutate_here ""
expect 0 '1 mutations: 1 noticed' mutate_here b_not
expect 2 'no patch of that name' mutate_here nowhere
[ "$(cat "$work/mutate/tree/words.txt")" = "$(cat words.txt)" ] || bad "the copy was left broken"
[ "$(git status --porcelain | wc -l)" = 3 ] || bad "the working tree was changed: $(git status --porcelain)"
patch_of b_noticed a/nowhere one TWO three
expect 2 'there is no test a/nowhere' mutate_here b_not
sed -i 's/two/2/' words.txt
patch_of b_noticed a/file one 3 three
expect 2 'without a mutation fails: a/file' mutate_here b_not
finish
