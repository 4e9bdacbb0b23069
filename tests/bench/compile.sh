#!/usr/bin/env bash
# How long a rebuild takes after touching an experiment's source, beside the same program on bare <torch/torch.h>.
#
#     tests/bench/compile.sh [BUILD] [RUNS]
#
# Both with the project's compiler, flags and linker, one job, without ccache. Prints seconds: median (min … max).
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(realpath "${1:-$root/build}") runs=${2:-5}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

# The same model and loop as example 01, with LibTorch's own tools, and the options as constants.
cat >"$work/bare.cpp" <<'CPP'
#include <torch/torch.h>
#include <iostream>
int main() {
  using namespace torch::nn;
  torch::manual_seed(42);
  Sequential model(Flatten(), Linear(784, 512), ReLU(), Dropout(0.1), Linear(512, 10));
  auto train = torch::data::datasets::MNIST("data/mnist").map(torch::data::transforms::Normalize<>(0.286, 0.353)).map(torch::data::transforms::Stack<>());
  auto loader = torch::data::make_data_loader<torch::data::samplers::RandomSampler>(std::move(train), 128);
  torch::optim::AdamW optim(model->parameters(), torch::optim::AdamWOptions(3e-3));
  for (int epoch = 0; epoch < 5; ++epoch)
    for (auto& batch : *loader) {
      optim.zero_grad();
      auto loss = torch::nn::functional::cross_entropy(model->forward(batch.data), batch.target);
      loss.backward();
      optim.step();
    }
  torch::save(model, "model.pt");
}
CPP

# The command that the build uses for the experiment, without its precompiled header, makes the bare program.
command=$(python3 - "$build" <<'PY'
import json, re, shlex, sys
entry = next(e for e in json.load(open(sys.argv[1] + "/compile_commands.json")) if e["file"].endswith("01_fashion_mlp/main.cpp"))
words = shlex.split(entry["command"])
words = words[next(i for i, w in enumerate(words) if re.search(r"(g|c)\+\+(-\d+)?$", w)):]
out, skip = [], 0
for i, w in enumerate(words):
    if skip: skip -= 1
    elif w in ("-include", "-o", "-c", "-MF", "-MT"): skip = 1
    elif w in ("-MD", "-Winvalid-pch", "-fpch-preprocess", "-Werror"): pass
    else: out.append(w)
print(shlex.join(out))
PY
)
torch_lib=$(grep -oE '/[^ ;"]*/lib/libtorch\.so|/[^ ;"]*/libtorch\.so[^ ;"]*' "$build/build.ninja" | sed -n 1p | xargs dirname)
fast=$(command -v mold >/dev/null && echo -fuse-ld=mold || true)

export CCACHE_DISABLE=1
measure() { # name, command
  local times=() i start
  for ((i = 0; i <= runs; ++i)); do
    start=$(date +%s.%N)
    bash -c "$2" >/dev/null
    [ $i -eq 0 ] || times+=("$(echo "$(date +%s.%N) - $start" | bc)")
  done
  printf '%s\n' "${times[@]}" | sort -n | awk -v name="$1" '{t[NR]=$1} END {printf "%-44s %5.2f (%.2f … %.2f)\n", name, t[int((NR+1)/2)], t[1], t[NR]}'
}
cmake --build "$build" --target fashion_mlp >/dev/null
measure "fashion_mlp, rebuilt after touching main.cpp" "touch '$root/examples/01_fashion_mlp/main.cpp' && cmake --build '$build' -j1 --target fashion_mlp"
measure "the same on bare <torch/torch.h>" "$command -c '$work/bare.cpp' -o '$work/bare.o' && g++ $fast '$work/bare.o' -o '$work/bare' -L'$torch_lib' -ltorch -ltorch_cpu -lc10 -Wl,-rpath,'$torch_lib'"
