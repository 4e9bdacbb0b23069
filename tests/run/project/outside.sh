# A separate project, built as CMake's usual types build it: no warning in its sources, nor in what they instantiate.
source "$TESTS/run/lib.sh"
mkdir project
cp "$SOURCE/examples/01_fashion_mlp/main.cpp" project/first.cpp
cp "$SOURCE/examples/02_fashion_cnn/main.cpp" project/second.cpp
cat >project/CMakeLists.txt <<CMAKE
cmake_minimum_required(VERSION 3.25)
project(outside LANGUAGES CXX)
add_subdirectory($SOURCE quix)
quix_add_experiment(first first.cpp)
quix_add_experiment(second second.cpp)
CMAKE
launcher=$(command -v ccache || true)
for type in Release Debug RelWithDebInfo; do
  cmake -S project -B $type -G Ninja -DCMAKE_BUILD_TYPE=$type ${launcher:+-DCMAKE_CXX_COMPILER_LAUNCHER=$launcher} >$type.txt 2>&1 ||
    { tail -20 $type.txt; bad "configuring $type"; continue; }
  cmake --build $type --target first second >$type.txt 2>&1 || { tail -30 $type.txt; bad "building $type"; }
  ! grep -n 'warning:' $type.txt || bad "$type: warnings"
  expect 0 "usage" $type/first --help
  rm -rf "${type:?}"
done
finish
