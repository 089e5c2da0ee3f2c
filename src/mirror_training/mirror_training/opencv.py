"""OpenCV without its type stubs: they refuse numbers as colours and do not know the dtypes of results."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["cv2"]

cv2: Any = importlib.import_module("cv2")
