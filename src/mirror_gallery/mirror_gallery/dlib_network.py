"""dlib's face recognition network: 128 numbers for an upright face. An optional extra.

dlib comes as the wheel `dlib-bin`; the network is the one of the `face_recognition` library, read from the
files of its package `face_recognition_models`. That library itself is not used: it only wraps dlib, and
what it does before the network (another face detector, then landmarks) is done by our mesh.

`describe` keeps Python's lock for as long as it takes (about 70 ms a face): where frames must not wait, call
it in a process of its own (`network_process`).
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError

__all__ = ["CHIP_PX", "EMBEDDING_SIZE", "HOW_TO_INSTALL", "DlibNetwork", "require_installed"]

CHIP_PX = 150  # side of the pictures that the network takes
EMBEDDING_SIZE = 128
HOW_TO_INSTALL = "run `scripts/setup --recognise`"
LIBRARY = "dlib"
MODELS_PACKAGE = "face_recognition_models"
MODEL_FILE = "models/dlib_face_recognition_resnet_model_v1.dat"
MODEL_SHA256 = "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"


def require_installed() -> Path:
    """Check that everything is there, without loading it; returns the network's file.

    Raises:
        ModelError: if something is missing.
    """
    if importlib.util.find_spec(LIBRARY) is None:
        raise ModelError(f"Recognising people needs dlib, which is not installed; {HOW_TO_INSTALL}.")
    # Not imported: the package asks setuptools for its paths, which newer ones cannot tell it any more.
    package = importlib.util.find_spec(MODELS_PACKAGE)
    folders = (package.submodule_search_locations if package else None) or []
    path = next((file for folder in folders if (file := Path(folder, MODEL_FILE)).is_file()), None)
    if path is None:
        raise ModelError(
            f"Recognising people needs {MODELS_PACKAGE}, which is not installed; {HOW_TO_INSTALL}."
        )
    return path


class DlibNetwork:
    """The network, in this process.

    Raises:
        ModelError: if dlib or the network is not installed, does not load, or is another one.
    """

    def __init__(self) -> None:
        path = require_installed()
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != MODEL_SHA256:
                raise ModelError(f"{path} is not the network that Mirror knows; {HOW_TO_INSTALL} again.")
        try:
            dlib: Any = importlib.import_module(LIBRARY)
            self._network = dlib.face_recognition_model_v1(str(path))
        except (ImportError, RuntimeError) as error:
            raise ModelError(f"dlib does not load ({error}); {HOW_TO_INSTALL} again.") from error

    def describe(self, chips: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """What the network makes of faces.

        Args:
            chips: uint8 [150, 150, 3] each, BGR, as `face_chip` makes them.

        Returns:
            float32 [len(chips), 128]
        """
        rgb = [np.ascontiguousarray(chip[:, :, ::-1]) for chip in chips]
        return np.array(self._network.compute_face_descriptor(rgb), np.float32).reshape(-1, EMBEDDING_SIZE)

    def close(self) -> None:
        """Nothing to release."""
