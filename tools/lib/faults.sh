# Fault injection: small trainings are killed, stopped and starved; each must continue to the same result.

# faults FOLDER TIMES
faults() {
  local dir=$1 times=$2
  quietly "configuring" "$dir/configure.log" cmake -S "$root" -B "$dir" -G Ninja
  quietly "building the programs" "$dir/build.log" cmake --build "$dir" -j "$jobs" --target tiny quix
  say "$times small trainings with faults"
  BUILD=$dir python3 "$root/tests/run/faults/inject.py" "$times"
}
