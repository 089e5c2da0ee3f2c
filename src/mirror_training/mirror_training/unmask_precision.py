"""Which arithmetic a training is quickest in, on the machine it runs on."""

from __future__ import annotations

import importlib
from pathlib import Path

from mirror_training.mood_network import require_keras

__all__ = ["arithmetic"]

CPU_FLAGS = ("amx_bf16", "avx512_bf16")  # processors that multiply bfloat16 as such


def arithmetic(precision: str) -> str:
    """The precision that is meant by a name: for "auto", bfloat16 on a GPU and on a CPU made for it."""
    if precision != "auto":
        return precision
    return "bfloat16" if _has_accelerator() or _cpu_has_bfloat16() else "float32"


def _has_accelerator() -> bool:
    backend = require_keras().backend.backend()
    if backend == "torch":
        torch = importlib.import_module("torch")
        return bool(torch.cuda.is_available() and torch.cuda.is_bf16_supported())
    if backend == "jax":
        return str(importlib.import_module("jax").default_backend()) in ("gpu", "tpu")
    return bool(importlib.import_module("tensorflow").config.list_physical_devices("GPU"))


def _cpu_has_bfloat16() -> bool:
    try:
        words = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return False
    return any(flag in words for flag in CPU_FLAGS)
