# Words on the terminal, shared by the scripts of tools/.

# Packages of a bundle lie in .deps/root (tools/deps --from): their programs and libraries are used from there.
use_unpacked() { # .deps
  [ -d "$1/root/usr" ] || return 0
  export PATH="$PATH:$1/root/usr/bin" LD_LIBRARY_PATH="$1/root/usr/lib/x86_64-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
}

say()  { printf '\033[1m==>\033[0m %s\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi; }
note() { printf '    %s\n' "$*"; }
fail() { printf 'quix: %s\n' "$*" >&2; exit 2; }

# Runs a command with its output in a log; shows a line that moves on a terminal, and the log's end on failure.
#   quietly "what it does" LOG command …          $hint: what else to say when it fails
quietly() {
  local what=$1 log=$2 start=$SECONDS rc=0; shift 2
  mkdir -p "$(dirname "$log")"
  if [ -t 1 ]; then
    "$@" >"$log" 2>&1 & local pid=$!
    local frames='|/-\' i=0
    while kill -0 $pid 2>/dev/null; do
      printf '\r\033[K    %s %s (%d s) %s' "${frames:i++%4:1}" "$what" $((SECONDS - start)) \
        "$(tail -c 400 "$log" 2>/dev/null | tr '\r' '\n' | grep -oE '^\[[0-9]+/[0-9]+\]' | tail -1)"
      sleep 0.2
    done
    wait $pid || rc=$?
    printf '\r\033[K'
  else
    "$@" >"$log" 2>&1 || rc=$?
  fi
  if [ $rc -eq 0 ]; then
    note "$what: done in $((SECONDS - start)) s"
  else
    tail -n 25 "$log" >&2
    fail "$what failed (exit $rc); the whole log is $log${hint:+. $hint}"
  fi
}
