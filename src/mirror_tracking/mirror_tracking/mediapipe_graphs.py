"""Runs small graphs of mediapipe's calculators, one picture in, one packet out.

mediapipe's ready-made solutions couple detector and mesh through a loop inside the graph and look
at the whole picture. The same calculators, wired up here one model at a time, are without memory:
the tracker decides what is looked at, and a picture that fails leaves nothing behind.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import sys
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mirror_core.errors import ModelError
from mirror_core.frame import Image

__all__ = ["MediapipeGraph", "load_mediapipe"]

# mediapipe's model converters import these where they are installed (1.9 s and 680 MB instead of
# 0.3 s and 117 MB), and nothing that the mirror uses needs them.
_BLOCKED_MODULES = ("jax", "jaxlib", "tensorflow")
# What the package has under other names, and imports at once.
_ATTRIBUTES = {"solutions": "mediapipe.python.solutions", "tasks": "mediapipe.tasks.python"}
_MESSAGES = ("detection_pb2",)  # which graphs put out: Python must know them to take them
_import_lock = threading.Lock()


@contextmanager
def _blocked_modules() -> Iterator[None]:
    """Make the import of `_BLOCKED_MODULES` fail meanwhile; those imported earlier are left alone."""
    blocked = [name for name in _BLOCKED_MODULES if name not in sys.modules]
    for name in blocked:
        sys.modules[name] = None  # type: ignore[assignment]  # the documented way to forbid an import
    try:
        yield
    finally:
        for name in blocked:
            if sys.modules.get(name) is None:
                sys.modules.pop(name, None)


class _Package(types.ModuleType):
    """`mediapipe` whose solutions and tasks are imported when somebody asks for them.

    The package itself imports all of them at once, and with them matplotlib and 500 modules: 0.9 s instead of
    0.05 s before the first picture, and nothing that the mirror uses.
    """

    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return importlib.metadata.version("mediapipe")
        if name.startswith("__"):
            raise AttributeError(name)
        if module := _ATTRIBUTES.get(name):
            found: Any = importlib.import_module(module)
        else:
            found = getattr(importlib.import_module("mediapipe.python"), name)
        setattr(self, name, found)
        return found


def _put_package() -> None:
    """Put a `_Package` in mediapipe's place, unless that was imported, or is not there."""
    spec = importlib.util.find_spec("mediapipe") if "mediapipe" not in sys.modules else None
    if spec is None or spec.submodule_search_locations is None:
        return
    package = _Package("mediapipe")
    package.__spec__, package.__path__ = spec, list(spec.submodule_search_locations)
    package.__file__ = spec.origin
    sys.modules["mediapipe"] = package


def load_mediapipe() -> types.ModuleType:
    """Import `mediapipe.python` with its resource folder set, without TensorFlow, JAX and matplotlib.

    Raises:
        ModelError: if mediapipe is missing, does not load, or is a version without bundled models.
    """
    with _import_lock:
        os.environ.setdefault("GLOG_minloglevel", "2")  # its C++ side reports every graph start otherwise
        try:
            _put_package()
            with _blocked_modules():
                bindings = importlib.import_module("mediapipe.python")
                resources = importlib.import_module("mediapipe.python._framework_bindings.resource_util")
                for message in _MESSAGES:
                    importlib.import_module(f"mediapipe.framework.formats.{message}")
        except ImportError as error:
            raise ModelError(
                f"mediapipe does not load ({error}); install mediapipe 0.10.x below 0.10.30."
            ) from error
        root = Path(bindings.__file__ or ".").resolve().parents[2]
        if not (root / "mediapipe/modules/face_landmark/face_landmark_with_attention.tflite").is_file():
            raise ModelError(
                "This mediapipe carries no face models; install a version below 0.10.30, for example 0.10.21."
            )
        resources.set_resource_dir(str(root))
        return bindings


class MediapipeGraph:
    """One graph with the input stream "image" and one output stream.

    Pictures are handed in with `send` and their results fetched with `receive`, so that several
    graphs work at the same time without Python threads; the interpreter lock is free meanwhile.
    A graph that failed is started anew by the next `send`.
    """

    def __init__(self, config: str, output: str) -> None:
        """Start the graph.

        Args:
            config: CalculatorGraphConfig in protobuf's text format.
            output: name of the stream that is watched.

        Raises:
            ModelError: if the graph or its model does not load.
        """
        self._bindings = load_mediapipe()
        self._config = config
        self._output = output
        self._packet: Any = None
        self._graph: Any = None
        self._timestamp = 0
        self._start()

    def _start(self) -> None:
        try:
            graph = self._bindings.CalculatorGraph(graph_config=self._config)
            graph.observe_output_stream(self._output, self._keep, True)
            graph.start_run({})
            graph.wait_until_idle()
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"A mediapipe graph does not start: {error}") from error
        self._graph = graph
        self._timestamp = 0

    def _keep(self, _stream: str, packet: Any) -> None:
        self._packet = packet

    def send(self, image: Image) -> None:
        """Start work on a picture, uint8 [height, width, 3] in BGR order; it is copied.

        Raises:
            ModelError: if the graph does not take it.
        """
        if self._graph is None:
            self._start()
        self._packet = None
        self._timestamp += 1
        picture = self._bindings.ImageFrame(
            image_format=self._bindings.ImageFormat.SRGB, data=cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        )
        packet = self._bindings.packet_creator.create_image_frame(picture).at(self._timestamp)
        try:
            self._graph.add_packet_to_input_stream("image", packet)
        except (RuntimeError, ValueError) as error:
            self.close()
            raise ModelError(f"A mediapipe graph refused a picture: {error}") from error

    def receive(self) -> Any:
        """Wait for the picture that was sent; return its packet, None where the graph gave none.

        Raises:
            ModelError: if the graph failed on the picture.
        """
        try:
            self._graph.wait_until_idle()
        except (RuntimeError, ValueError) as error:
            self.close()
            raise ModelError(f"A mediapipe graph failed on a picture: {error}") from error
        packet, self._packet = self._packet, None
        return None if packet is None or packet.is_empty() else packet

    def floats(self, packet: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
        """The numbers of a packet that holds std::vector<float>, float32 [n]."""
        return np.array(self._bindings.packet_getter.get_float_list(packet), np.float32)

    def protos(self, packet: Any) -> list[Any]:
        """The messages of a packet that holds a vector of protobuf messages."""
        return list(self._bindings.packet_getter.get_proto_list(packet))

    def close(self) -> None:
        """Stop the graph and free its model; a later `send` starts it again."""
        graph, self._graph = self._graph, None
        if graph is not None:
            # A graph that failed reports the same error again when it is closed.
            with suppress(RuntimeError, ValueError):
                graph.close()
