"""The error output of a command: what native code always says is left out, all else stays, in order."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import os, sys
from mirror.native_noise import without_native_noise
print("before", file=sys.stderr)
with without_native_noise():
    os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\\n")
    print("from Python", file=sys.stderr)
    os.write(2, b"W0000 00:00:1795824981.557624    1099 inference_feedback_manager.cc:114] Feedback\\n")
    os.write(2, b"from native code, without an end")
os.write(2, b"\\nINFO: Created TensorFlow Lite XNNPACK delegate, afterwards\\n")
"""


def test_only_the_noise_is_left_out_and_only_meanwhile() -> None:
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT], text=True, capture_output=True, check=True, timeout=60
    ).stderr
    assert said.splitlines() == [
        "before",
        "from Python",
        "from native code, without an end",
        "INFO: Created TensorFlow Lite XNNPACK delegate, afterwards",
    ]
