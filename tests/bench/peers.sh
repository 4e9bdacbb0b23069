#!/usr/bin/env bash
# tests/bench/peers.sh [FOLDER]: makes the virtual environment of the loaders that tests/bench/loaders.py measures
# (default .deps/bench; about 1.5 GB). The environment of the build, .deps/venv, stays as it is.
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=${1:-.deps/bench}
[ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 spdl-io==0.8.0 spdl-core==0.8.0 \
  simplejpeg==1.9.0 litdata==0.2.76 grain==0.2.18 array_record==0.8.3 pillow==13.0.0 numpy==2.4.6
echo "ready: $venv/bin/python tests/bench/loaders.py"
