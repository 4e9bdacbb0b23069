"""A file by the safetensors package, for tests/run/io/safetensors.cpp. Written with safetensors 0.8 and NumPy 2.

    .deps/venv/bin/python tests/golden/make_safetensors.py tests/golden/reference.safetensors
"""
import sys
import numpy as np
from safetensors.numpy import save_file

save_file(
    {
        "fc.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
        "count": np.array(7, dtype=np.int64),
        "mask": np.array([True, False, True]),
        "a.byte": np.arange(5, dtype=np.uint8),
        "half": np.array([0.5, -2], dtype=np.float16),
        "empty": np.zeros((0, 4), dtype=np.float64),
    },
    sys.argv[1],
    metadata={"format": "pt"},
)
