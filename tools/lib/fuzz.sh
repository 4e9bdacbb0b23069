# Fuzzing: every target in tests/fuzz/ (LLVMFuzzerTestOneInput) as a libFuzzer program with the address and undefined-behaviour sanitizers.

# Clang and its runtime; the newest of Debian's.
fuzz_compiler() {
  command -v clang++ >/dev/null || install_packages clang >&2
  local major; major=$(clang++ -dumpversion | cut -d. -f1)
  local runtime; runtime=$(clang++ -print-file-name=libclang_rt.fuzzer-x86_64.a)
  [ -e "$runtime" ] || ls /usr/lib/llvm-"$major"/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1 ||
    install_packages "libclang-rt-$major-dev" >&2
}

# fuzz SECONDS: each target for so long; what it found stays in .deps/fuzz/TARGET and is the next time's start.
fuzz() {
  local seconds=$1 source target dir failed=0
  fuzz_compiler
  for source in $(grep -l LLVMFuzzerTestOneInput "$root"/tests/fuzz/*.cpp); do
    target=$(basename "$source" .cpp) dir=$root/.deps/fuzz/$target
    mkdir -p "$dir/corpus"
    quietly "building the fuzzer of $target" "$dir/build.log" clang++ -std=c++20 -g -O1 -DQUIX_LIBFUZZER -fsanitize=fuzzer,address,undefined \
      -fno-sanitize-recover=undefined -I"$root/include" -isystem "$(boost_include)" "$source" \
      $(sed -n 's/^\/\/ libraries: //p' "$source") -o "$dir/fuzzer"
    say "fuzzing $target for $seconds s"
    if (cd "$dir" && ./fuzzer -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2000 -max_len=4000 -print_final_stats=1 corpus \
      "$root/tests/fuzz/seeds/$target") >"$dir/log" 2>&1; then
      say "$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/log") inputs, no crash, no hang, no leak"
    else
      grep -E "ERROR|SUMMARY|Test unit written|runtime error" "$dir/log" >&2 || tail -5 "$dir/log" >&2
      failed=1
    fi
  done
  [ $failed = 0 ] || fail "the input that breaks it is in .deps/fuzz/; keep it as a seed in tests/fuzz/seeds/ with the repair"
}
