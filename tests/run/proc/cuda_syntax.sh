# What is written for GPUs compiles with CUDA's headers (tools/deps --peers gets them); without them this is skipped.
source "$TESTS/run/lib.sh"
cmake --build "$BUILD" --target help | grep >/dev/null cuda_syntax || { echo "skipped: no CUDA headers in .deps/cuda"; exit 77; }
expect 0 "" cmake --build "$BUILD" --target cuda_syntax
finish
