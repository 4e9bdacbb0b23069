# Mutation testing: each patch of tests/mutations/ breaks one behavior; the tests that it names must fail.

# copy_sources FROM TO: the working tree without what git ignores. A file is written only where it differs, and then it is newer
# than every object made from what was there before.
copy_sources() {
  local from=$1 to=$2 file
  mkdir -p "$to"
  git -C "$from" ls-files -z --cached --others --exclude-standard | sort -zu >"$to.files" || fail "$from: not a git repository"
  while IFS= read -r -d '' file; do
    if [ ! -f "$from/$file" ]; then continue; fi
    if cmp -s "$from/$file" "$to/$file"; then continue; fi
    mkdir -p "$to/$(dirname "$file")"
    cp "$from/$file" "$to/$file"
  done <"$to.files"
  ( cd "$to" && find . \( -type f -o -type l \) ! -path ./.deps -printf '%P\0' ) | sort -z | comm -z -13 "$to.files" - |
    while IFS= read -r -d '' file; do rm -f "${to:?}/$file"; done
  if [ -e "$from/.deps" ]; then ln -sfn "$(realpath "$from/.deps")" "$to/.deps"; fi
}

tests_of() { sed -n '1s/^# test: *//p' "$1"; }
test_names() { ctest --test-dir "$1" -N | sed -nE 's/^ *Test +#[0-9]+: ([^ ]+).*/\1/p'; }

# build_for FOLDER LOG TESTS…: the target of a test is test_ and its name with _ for /; tests of compilation build by themselves.
build_for() {
  local dir=$1 log=$2 test targets=(); shift 2
  for test in "$@"; do
    case $test in static|compile_fail/*) ;; *) targets+=("test_${test//\//_}") ;; esac
  done
  [ ${#targets[@]} = 0 ] || cmake --build "$dir" -j "$jobs" --target "${targets[@]}" >"$log" 2>&1
}

# run_tests FOLDER LOG TESTS…: sets passed, failed and skipped to the names of those.
run_tests() {
  local dir=$1 log=$2 names line; shift 2
  names=$(IFS='|'; echo "$*")
  passed=() failed=() skipped=()
  while IFS= read -r line; do
    echo "$line" >>"$log"
    [[ $line =~ ^\ *[0-9]+/[0-9]+\ Test\ +#[0-9]+:\ ([^ ]+)\ [.]+(.*) ]] || continue
    case ${BASH_REMATCH[2]} in
      *Passed*) passed+=("${BASH_REMATCH[1]}") ;;
      *Skipped*) skipped+=("${BASH_REMATCH[1]}") ;;
      *) failed+=("${BASH_REMATCH[1]}") ;;
    esac
  done < <(ctest --test-dir "$dir" --output-on-failure -j "$jobs" -R "^(${names//[.+]/\\&})\$" 2>&1)
}

# mutate FOLDER PATTERN: breaks a copy of the tree in FOLDER in one way after another. Fails unless all are noticed.
mutate() {
  local dir=$1 pattern=$2 tree=$1/tree patch name tests test kind result rc=0
  local passed failed skipped
  local -A tree_of=() count=()
  local patches=() base=() torch=()
  copy_sources "$root" "$tree"
  for patch in "$tree"/tests/mutations/*.patch; do
    name=$(basename "$patch" .patch)
    if [[ $name == *$pattern* ]]; then patches+=("$patch"); fi
  done
  [ ${#patches[@]} -gt 0 ] || fail "tools/check --mutate $pattern: no patch of that name in tests/mutations/"

  # Without LibTorch a mutation costs seconds: that build takes all whose tests it has.
  quietly "configuring without LibTorch" "$dir/log/configure-base" cmake -S "$tree" -B "$dir/base" -G Ninja -DQUIX_TORCH=OFF
  local known; known=" $(test_names "$dir/base" | tr '\n' ' ')"
  for patch in "${patches[@]}"; do
    name=$(basename "$patch" .patch) tests=$(tests_of "$patch") kind=base
    [ -n "$tests" ] || fail "tests/mutations/$name.patch: the first line names no test; write  # test: NAME"
    for test in $tests; do [[ $known == *" $test "* ]] || kind=torch; done
    tree_of[$name]=$kind
    if [ $kind = base ]; then base+=($tests); else torch+=($tests); fi
  done
  if [ ${#torch[@]} -gt 0 ]; then
    quietly "configuring with LibTorch" "$dir/log/configure-torch" cmake -S "$tree" -B "$dir/torch" -G Ninja
    known=" $(test_names "$dir/torch" | tr '\n' ' ')"
    for test in "${torch[@]}"; do [[ $known == *" $test "* ]] || fail "tests/mutations: there is no test $test"; done
  fi

  # What fails without a mutation notices nothing.
  for kind in base torch; do
    local -n all=$kind
    [ ${#all[@]} -gt 0 ] || continue
    mapfile -t all < <(printf '%s\n' "${all[@]}" | sort -u)
    quietly "building the tests (${kind/base/without LibTorch})" "$dir/log/build-$kind" build_for "$dir/$kind" /dev/stdout "${all[@]}"
    : >"$dir/log/unchanged-$kind"
    run_tests "$dir/$kind" "$dir/log/unchanged-$kind" "${all[@]}"
    [ ${#failed[@]} = 0 ] || fail "without a mutation fails: ${failed[*]}; see $dir/log/unchanged-$kind"
  done

  for kind in base torch; do
    for patch in "${patches[@]}"; do
      name=$(basename "$patch" .patch) tests=$(tests_of "$patch")
      [ "${tree_of[$name]}" = $kind ] || continue
      local log=$dir/log/$name
      : >"$log"
      # The tree is inside a repository, whose paths git would otherwise take.
      if ! GIT_CEILING_DIRECTORIES=$(realpath "$dir") git -C "$tree" apply -C1 "$patch" 2>>"$log"; then
        result="no longer applies"
      else
        if ! build_for "$dir/$kind" "$log" $tests; then
          result="does not compile"
        else
          run_tests "$dir/$kind" "$log" $tests
          result=noticed
          if [ ${#passed[@]} -gt 0 ] || [ ${#failed[@]}${#skipped[@]} = 00 ]; then result=unnoticed tests=${passed[*]}
          elif [ ${#skipped[@]} -gt 0 ]; then result=skipped tests=${skipped[*]}
          fi
        fi
        GIT_CEILING_DIRECTORIES=$(realpath "$dir") git -C "$tree" apply -C1 -R "$patch" 2>>"$log" || copy_sources "$root" "$tree"
      fi
      printf '%-18s %-34s %s\n' "$result" "$name" "$tests"
      count[$result]=$((${count[$result]:-0} + 1))
      case $result in noticed|skipped) ;; *) rc=1 ;; esac
    done
  done

  local summary=
  for result in noticed unnoticed "no longer applies" "does not compile" skipped; do
    [ -z "${count[$result]:-}" ] || summary+="${summary:+, }${count[$result]} $result"
  done
  say "${#patches[@]} mutations: $summary"
  [ $rc = 0 ] || note "what was built and run: $dir/log/NAME"
  return $rc
}
