"""The compiled inner loop of `MeshCanvas`, where the build could make it: about ten times quicker.

The build compiles `mesh_fill.c` if there is a compiler (`setup.py` marks it as optional). Without
it, or with the environment variable `MIRROR_NATIVE` set to 0, numpy does the same.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
from functools import cache
from typing import Any

import numpy as np

__all__ = ["native_fill"]

VARIABLE = "MIRROR_NATIVE"

_DOUBLES = np.ctypeslib.ndpointer(np.float64, flags="C_CONTIGUOUS")
_BYTES = np.ctypeslib.ndpointer(np.uint8, flags="C_CONTIGUOUS")
_COMPLEX = np.ctypeslib.ndpointer(np.complex64, flags="C_CONTIGUOUS")


@cache
def native_fill() -> Any:
    """The C function `mirror_fill` (its arguments stand in the C file), or None where there is none."""
    if os.environ.get(VARIABLE) == "0":
        return None
    module = importlib.util.find_spec("mirror_effects._mesh_fill")
    if module is None or module.origin is None:
        return None
    try:
        function = ctypes.CDLL(module.origin).mirror_fill
    except (OSError, AttributeError):  # made for another machine, or something else of that name
        return None
    size = ctypes.c_int64
    function.argtypes = [size, *[_DOUBLES] * 4, _BYTES, size, size, _COMPLEX, _BYTES]
    function.restype = None
    return function
