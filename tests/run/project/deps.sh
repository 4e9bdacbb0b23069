# tools/deps and the configuration of CMake: which LibTorch is taken, and the sentences when none fits.
source "$TESTS/run/lib.sh"
export QUIX_DEPS=$work/deps
mkdir -p "$QUIX_DEPS"
for found in boost root; do [ ! -d "$SOURCE/.deps/$found" ] || ln -s "$SOURCE/.deps/$found" "$QUIX_DEPS/$found"; done
given=$(sed -n 's/^set(QUIX_TORCH_DIR "\(.*\)")/\1/p' "$SOURCE/.deps/config.cmake")
[ -n "$given" ] || { echo "skipped: tools/deps has not run here"; exit 77; }

# A Python's torch that does not fit is passed over with a sentence; Torch_DIR comes first.
fake() { # folder, version, ABI
  mkdir -p "$1/torch/share/cmake/Torch"
  touch "$1/torch/__init__.py"
  echo "__version__ = '$2'" >"$1/torch/version.py"
  echo "set(TORCH_CXX_FLAGS \"-D_GLIBCXX_USE_CXX11_ABI=$3\")
set(Torch_FOUND TRUE)" >"$1/torch/share/cmake/Torch/TorchConfig.cmake"
  echo "set(PACKAGE_VERSION \"$2\")" >"$1/torch/share/cmake/Torch/TorchConfigVersion.cmake"
}
fake old 2.5.1+cpu 1; fake abi 2.6.0 0; fake new 2.12.0+cpu 1
torch() { bash -c 'source "$0/tools/lib/ui.sh"; deps=$1; torch_choice=auto; source "$0/tools/lib/apt.sh"; source "$0/tools/lib/torch.sh"; accept_python && echo "takes $torch_version of $torch_origin"' "$SOURCE" "$QUIX_DEPS"; }
PYTHONPATH=old expect 1 "passing over the active Python's torch 2.5.1: quix needs 2.6 or newer" torch
PYTHONPATH=abi expect 1 "passing over the active Python's torch 2.6.0: it is built with the old string ABI" torch
PYTHONPATH=new expect 0 "takes 2.12.0 of the active Python's" torch
Torch_DIR=$given expect 0 "given by Torch_DIR" "$SOURCE/tools/deps"
expect 0 "dependencies ready" "$SOURCE/tools/deps" --torch "$given"
expect 2 "--torch /nowhere: no TorchConfig.cmake there" "$SOURCE/tools/deps" --torch /nowhere
expect 2 "is older than 2.6" "$SOURCE/tools/deps" --torch old/torch
expect 2 "unknown option --frobnicate" "$SOURCE/tools/deps" --frobnicate
expect 2 "holds no .deb files" "$SOURCE/tools/deps" --from "$work/old"
for tool in deps check quickstart; do expect 0 "usage: tools/$tool" "$SOURCE/tools/$tool" --help; done
expect 2 "unknown option" "$SOURCE/tools/check" --frobnicate
expect 2 "unknown option" "$SOURCE/tools/quickstart" --frobnicate

# The same sentences when CMake is called by hand.
configure() { cmake -S "$SOURCE" -B "$work/b$RANDOM" -G Ninja -DQUIX_BUILD_TESTS=OFF "$@"; }
expect 1 "is older than 2.6. tools/deps --torch pip  gets a newer one" configure "-DTorch_DIR=$work/old/torch/share/cmake/Torch"
expect 1 "is built with the old string ABI" configure "-DTorch_DIR=$work/abi/torch/share/cmake/Torch"
expect 1 "no Boost >= 1.84" configure -DQUIX_BOOST_INCLUDE=/nowhere -DQUIX_BOOST_INCLUDE_DIR=QUIX_BOOST_INCLUDE_DIR-NOTFOUND -DCMAKE_SYSTEM_PREFIX_PATH=/nowhere -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF
expect 1 "QUIX_SANITIZE is memory; it is address, thread, or empty" configure -DQUIX_SANITIZE=memory
finish
