# The suite on a machine with a GPU: one build, the tests that need a GPU, two examples, the benchmark. One report.

gpu_targets="quix fashion_mlp fashion_cnn bench_training bench_optim"
gpu_tests='^(torch/|proc/|zoo/|run/|train/)'

# gpu_part "title" command…: the command's output in the report; its failure is counted, and the next part still runs.
gpu_part() {
  local title=$1 start=$SECONDS rc=0; shift
  "$@" >"$folder/part.log" 2>&1 || rc=$?
  { echo; echo "## $title ($((SECONDS - start)) s$([ $rc -eq 0 ] || echo ", FAILED: exit code $rc"))"; echo
    if [ "$title" = measurements ]; then cat "$folder/part.log"; else echo '```'; tail -n 150 "$folder/part.log"; echo '```'; fi; } >>"$report"
  if [ $rc -eq 0 ]; then note "$title: done in $((SECONDS - start)) s"; else note "$title: FAILED (exit code $rc)"; gpu_failed=$((gpu_failed + 1)); fi
}

gpu_examples() (
  cd "$folder"
  set -e
  rm -rf data runs
  [ -f idx/train-images-idx3-ubyte ] || python3 "$root/tests/run/faults/shapes.py" idx 28 10 6000 1000
  "$dir/tools/quix/quix" data import idx data/fashion-mnist >/dev/null
  local device=cuda; [ "$gpu_found" = yes ] || device=cpu
  local example
  for example in fashion_mlp fashion_cnn; do
    "$dir/examples/$example" --train.device $device --name plain
    "$dir/examples/$example" --train.device $device --epochs 3 --name part
    "$dir/examples/$example" --train.device $device --epochs 5 --resume --name part
  done
  "$dir/examples/fashion_mlp" --train.device $device --step.cuda_graph --name graph
  "$dir/examples/fashion_cnn" --train.device $device --step.cuda_graph --precision bf16 --name graph-bf16
  "$dir/examples/fashion_cnn" --train.device $device --precision fp16 --name fp16
  "$dir/examples/fashion_cnn" eval --from runs/fashion_cnn/graph-bf16 --train.device $device
)

gpu_check() { # build folder
  dir=$1 folder=$1/gpu report=$1/gpu/report.md gpu_failed=0 gpu_found=no
  mkdir -p "$folder"
  export QUIX_TEST_DEVICE=cuda
  ! nvidia-smi -L >"$folder/gpu.txt" 2>/dev/null || gpu_found=yes
  [ $gpu_found = yes ] || say "no GPU here (nvidia-smi -L): what needs one is skipped"
  { echo "# quix on a GPU, $(date -u +%F)"; echo
    echo "Commit $(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown); $("${CXX:-g++}" --version | head -1); LibTorch ($(sed -nE 's/^set\(QUIX_TORCH_DIR "(.*)"\)/\1/p' "$root/.deps/config.cmake")); $(nproc) cores"
    cat "$folder/gpu.txt"; } >"$report"
  gpu_part configuring cmake -S "$root" -B "$dir" -G Ninja
  local tests
  tests=$(sed -nE 's/^quix_test\(((torch|proc|zoo|run)\/[a-z_]+) .* TORCH.*/test_\1/p; s/^ *quix_add_experiment\(([a-z_]+) .*/\1/p' "$root/tests/CMakeLists.txt" | tr / _)
  gpu_part building cmake --build "$dir" -j "$(nproc)" --target $gpu_targets $tests -- -k 0
  gpu_part tests ctest --test-dir "$dir" -R "$gpu_tests" -LE 'slow|compile' --output-on-failure -j "$(( ($(nproc) + 1) / 2 ))"
  gpu_part examples gpu_examples
  if [ $gpu_found = yes ]; then gpu_part measurements python3 "$root/tests/bench/gpu.py" "$dir" 2; fi
  say "report: $report"
  [ $gpu_failed = 0 ] || fail "$gpu_failed parts failed; see $report"
}
