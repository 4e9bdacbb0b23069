#!/usr/bin/env bash
# A program of 60 options without LibTorch: compiling it, its --help; and `config` of an experiment.
#
#     tests/bench/cfg.sh [BUILD] [RUNS]
#
# Prints seconds: median (min … max). One job, without ccache; QUIX_SEPARATE as under quix_add_program.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(realpath "${1:-$root/build}") runs=${2:-9}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 >"$work/program.cpp" <<'PY'
print("#include <quix/cfg.hpp>")
types = ["int", "float", "double", "bool", "std::string"]
values = ["3", "0.5f", "1e-3", "true", '"x"']
for g in range(6):
    print(f"struct G{g} {{")
    for i in range(10): print(f"  {types[i % 5]} field_{g}_{i} = {values[i % 5]};")
    print("  static constexpr std::array notes = {")
    for i in range(10): print(f'      quix::note<&G{g}::field_{g}_{i}>("the meaning of field {i}", {{{".min = 0" if i % 5 < 3 else ""}}}),')
    print("  };\n};")
print("struct Exp {")
for g in range(6): print(f"  G{g} group_{g}{{}};")
print("};\nint main(int argc, char** argv) { return quix::cfg::parse<Exp>(argc, argv).group_0.field_0_0 == 12345; }")
PY
printf '#include <array>\n#include <optional>\n#include <string>\n#include <vector>\nint main() {}\n' >"$work/standard.cpp"
boost=$(grep -oE -- '-isystem [^ ]*boost[^ ]*' "$build/compile_commands.json" | head -1 || true)
measure() { # name, command
  local times=() i start
  for ((i = 0; i <= runs; ++i)); do
    start=$(date +%s%N)
    bash -c "$2" >/dev/null
    [ $i -eq 0 ] || times+=($(($(date +%s%N) - start)))
  done
  printf '%s\n' "${times[@]}" | sort -n | awk -v name="$1" '{t[NR]=$1/1e9} END {printf "%-44s %6.3f (%.3f … %.3f)\n", name, t[int((NR+1)/2)], t[1], t[NR]}'
}
compile="${CXX:-c++} -std=c++20 -O2 -DQUIX_SEPARATE -I$root/include $boost -c -o $work/out.o"
measure "60 options, compiled" "$compile $work/program.cpp"
measure "array, optional, string, vector alone" "$compile $work/standard.cpp"
${CXX:-c++} -std=c++20 -O2 -I"$root/include" $boost "$work/program.cpp" -o "$work/program" -lyaml-cpp
measure "bash -c true" "true"
measure "its --help" "$work/program --help"
measure "config of fashion_mlp" "$build/examples/fashion_mlp config"
