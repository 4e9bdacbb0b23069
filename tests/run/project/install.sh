# quix as a dependency: installed and found with find_package, and taken in with add_subdirectory, from projects outside the tree.
source "$TESTS/run/lib.sh"
cmake --install "$BUILD" --prefix "$work/prefix" >install.txt 2>&1 || { cat install.txt; bad "cmake --install"; finish; }
[ -e "$work/prefix/include/quix/quix.hpp" ] || bad "no headers installed"

write_sources() { # folder
  mkdir -p "$1"
  cp "$SOURCE/examples/02_fashion_cnn/main.cpp" "$1/experiment.cpp"
  printf 'train:\n  epochs: 1\n' >"$1/base.yaml"
  cat >"$1/options.cpp" <<'CPP'
#include <cstdio>
#include <quix/cfg.hpp>
struct Options { int port = 80; };
int main(int argc, char** argv) { std::printf("%d\n", quix::cfg::parse<Options>(argc, argv).port); }
CPP
  cat >"$1/dataset.cpp" <<'CPP'
#include <quix/data.hpp>
struct Sample { quix::Image<"png"> image; quix::Class<"cls"> label; };
int main() {
  try { quix::Split<Sample> split("none", "train"); } catch (const quix::Error&) { return 0; }
  return 1;
}
CPP
}
projects() { # how quix comes in
  cat <<CMAKE
cmake_minimum_required(VERSION 3.25)
project(outside LANGUAGES CXX)
$1
add_executable(options options.cpp)          # header-only: nothing of quix is compiled apart
target_link_libraries(options PRIVATE quix::cfg)
add_executable(dataset dataset.cpp)
target_link_libraries(dataset PRIVATE quix::data)
quix_add_experiment(experiment experiment.cpp CONFIG base.yaml)
CMAKE
}

write_sources found
projects 'find_package(quix 0.1 REQUIRED)' >found/CMakeLists.txt
write_sources inside
projects "add_subdirectory($SOURCE quix)" >inside/CMakeLists.txt

cmake -S found -B found/build -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/prefix" >found.txt 2>&1 || { tail -20 found.txt; bad "configuring with find_package"; finish; }
cmake --build found/build >found.txt 2>&1 || { tail -30 found.txt; bad "building with find_package"; }
[ "$(found/build/options --port 8080)" = 8080 ] || bad "quix::cfg from outside"
found/build/dataset || bad "quix::data from outside"
expect 0 "  epochs: 1 " found/build/experiment config --config base

# With add_subdirectory (which is what FetchContent does): the torch-free parts compile, the experiment is configured.
cmake -S inside -B inside/build -G Ninja -DCMAKE_BUILD_TYPE=Release >inside.txt 2>&1 || { tail -20 inside.txt; bad "configuring with add_subdirectory"; finish; }
cmake --build inside/build --target options dataset >inside.txt 2>&1 || { tail -30 inside.txt; bad "building with add_subdirectory"; }
[ "$(inside/build/options)" = 80 ] || bad "quix::cfg from a subdirectory"
finish
