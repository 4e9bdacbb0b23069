# LibTorch: which one, in the order that the README gives; pip when there is none.

torch_minimum=2.6
torch_pip_version=2.13.0
torch_dir= torch_version= torch_origin=

at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -1)" = "$2" ]; }

# Says "DIR VERSION ABI" of a Python's torch: DIR is what CMAKE_PREFIX_PATH wants. Reads files, imports nothing heavy.
python_torch() {
  "$1" - <<'PY' 2>/dev/null
import importlib.util, pathlib, re
spec = importlib.util.find_spec("torch")
root = pathlib.Path(spec.origin).parent
version = re.search(r"__version__ = '([^']+)'", (root / "version.py").read_text()).group(1)
targets = (root / "share/cmake/Torch/TorchConfig.cmake").read_text()
old = re.search(r"_GLIBCXX_USE_CXX11_ABI=0", targets) is not None
print(root / "share/cmake", version.split("+")[0], "old" if old else "new")
PY
}

# A folder: LibTorch's root, a Python environment that holds torch, or the folder of TorchConfig.cmake.
torch_in() {
  local d
  for d in "$1/share/cmake/Torch" "$1/Torch" "$1" "$1"/lib/python3*/site-packages/torch/share/cmake/Torch "$1"/lib/*/cmake/Torch; do
    if [ -f "$d/TorchConfig.cmake" ]; then
      torch_dir=$(realpath "$d")
      torch_version=$(sed -nE 's/^set\(PACKAGE_VERSION "?([0-9.]+).*/\1/p' "$d/TorchConfigVersion.cmake" 2>/dev/null | head -1)
      return 0
    fi
  done
  return 1
}

system_torch_is_new_enough() {
  local v; v=$(apt-cache policy libtorch-dev 2>/dev/null | sed -nE 's/^ *Candidate: ([0-9.]+).*/\1/p')
  [ -n "$v" ] && at_least "$v" $torch_minimum
}

have_torch() { # anything usable before pip, quietly
  ( accept_given || accept_python || torch_in "$deps/venv" ) >/dev/null 2>&1
}

accept_given() {
  local d
  local IFS=:; for d in ${Torch_DIR:-} ${CMAKE_PREFIX_PATH:-}; do
    [ -n "$d" ] && torch_in "$d" && torch_origin="given by Torch_DIR or CMAKE_PREFIX_PATH" && return 0
  done
  return 1
}

accept_python() {
  local py found
  for py in python3 python; do
    command -v $py >/dev/null || continue
    found=$(python_torch $py) || continue
    set -- $found
    if ! at_least "$2" $torch_minimum; then note "passing over the active Python's torch $2: quix needs $torch_minimum or newer"; continue; fi
    if [ "$3" = old ]; then note "passing over the active Python's torch $2: it is built with the old string ABI"; continue; fi
    torch_dir=$1/Torch torch_version=$2 torch_origin="the active Python's"
    return 0
  done
  return 1
}

pip_torch() {
  local url=$1 venv=$deps/venv args=()
  torch_origin="pip, in .deps/"
  if torch_in "$venv" && [ "$torch_version" = "$torch_pip_version" ]; then return 0; fi
  say "getting LibTorch: pip install torch==$torch_pip_version into .deps/venv (about 190 MB to fetch and 0.9 GB on disk for the CPU build)"
  [ -z "$url" ] || args=(--index-url "$url")
  python3 -m venv "$venv" || fail "python3 -m venv failed: install python3-venv"
  local hint="Another source of the wheel: --index-url URL. A LibTorch that is here: --torch DIR"
  quietly "pip install torch==$torch_pip_version" "$deps/log/pip.log" "$venv/bin/pip" install --disable-pip-version-check "${args[@]}" "torch==$torch_pip_version"
  torch_in "$venv" || fail "pip installed torch, but $venv holds no TorchConfig.cmake"
}

find_torch() { # choice, index address
  case $1 in
    pip) pip_torch "$2" ;;
    system)
      torch_in /usr || fail "the distribution's LibTorch is not installed: apt-get install libtorch-dev (Debian 13 or newer), or use --torch pip"
      torch_origin="the distribution's" ;;
    auto)
      if accept_given || accept_python; then :
      elif torch_in "$deps/venv"; then torch_origin="pip, in .deps/"
      elif torch_in /usr && at_least "$torch_version" $torch_minimum; then torch_origin="the distribution's"
      else pip_torch "$2"
      fi ;;
    *)
      torch_in "$1" || fail "--torch $1: no TorchConfig.cmake there (looked in share/cmake/Torch and in Python's site-packages)"
      torch_origin=$1 ;;
  esac
  at_least "${torch_version:-0}" $torch_minimum ||
    fail "LibTorch $torch_version in $torch_dir is older than $torch_minimum. Try:  tools/deps --torch pip"
}

install_peers() {
  local venv=$deps/venv
  [ -x "$venv/bin/python" ] || return 0
  "$venv/bin/python" -c 'import numpy, safetensors, jsonschema, webdataset' 2>/dev/null ||
    quietly "pip install numpy safetensors jsonschema webdataset (what tests compare with)" "$deps/log/peers.log" "$venv/bin/pip" install --disable-pip-version-check numpy safetensors jsonschema webdataset==1.0.2
  # CUDA's headers alone, 2.7 MB: what is written for GPUs is compiled on machines without one. Their absence skips a test.
  [ -d "$deps/cuda/nvidia" ] ||
    (quietly "pip install nvidia-cuda-runtime nvidia-cuda-crt (headers; 2.7 MB)" "$deps/log/cuda.log" "$venv/bin/pip" install --disable-pip-version-check --no-deps --target "$deps/cuda" nvidia-cuda-runtime==13.5.37 nvidia-cuda-crt==13.5.37) ||
    note "without CUDA's headers the test proc/cuda_syntax is skipped"
}

check_compiler() {
  command -v "${CXX:-g++}" >/dev/null || fail "no C++ compiler: apt-get install g++"
  local v; v=$("${CXX:-g++}" -dumpfullversion 2>/dev/null || echo 12)
  at_least "$v" 12 || fail "g++ $v is too old: quix needs g++ 12 or newer"
}

write_config() {
  local prefix=; [ ! -d "$deps/root/usr" ] || prefix=$deps/root/usr
  cat >"$deps/config.cmake.new" <<CMAKE
# Written by tools/deps; read by CMakeLists.txt.
set(QUIX_TORCH_DIR "$torch_dir")
set(QUIX_BOOST_INCLUDE "$(boost_include)")
set(QUIX_PREFIX "$prefix")
CMAKE
  cmp -s "$deps/config.cmake.new" "$deps/config.cmake" && rm "$deps/config.cmake.new" || mv "$deps/config.cmake.new" "$deps/config.cmake"
}
