"""The face mesh: 478 points of the one face in a given region, by mediapipe's model with attention.

Each region is cut out, turned upright and brought to the model's size here, so that only those
192×192 pixels are converted and the result depends on nothing but the picture and the region.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError, ShapeError
from mirror_core.faces import LANDMARK_COUNT
from mirror_core.frame import Image, require_bgr
from mirror_tracking.detector import Detection
from mirror_tracking.mediapipe_graphs import MediapipeGraph, load_mediapipe
from mirror_tracking.topology import LEFT_EYE_OUTER, RIGHT_EYE_OUTER

__all__ = ["FaceMesh", "MeshResult", "Region", "region_from_detection", "region_from_landmarks"]

INPUT_SIZE = 192  # width and height of the model's input in pixels
REGION_MARGIN = 1.5  # side of the region over the longer side of the face's box, as the model was trained
_SURFACE_COUNT = 468  # points of the mesh without the irises

# The model's outputs in order: (number of values, values per point); the first is the surface with
# depth, then come lips, left eye, right eye, left iris, right iris (x, y only), last the presence.
_OUTPUTS = ((1404, 3), (160, 2), (142, 2), (142, 2), (10, 2), (10, 2), (1, 1))
_SPLITS = np.cumsum([count for count, _ in _OUTPUTS])


def _graph_config() -> str:
    tensors = range(len(_OUTPUTS))
    head = f"""
num_threads: 1
input_stream: "image"
output_stream: "values"
node {{
  calculator: "ImageToTensorCalculator"
  input_stream: "IMAGE:image"
  output_stream: "TENSORS:input"
  options {{ [mediapipe.ImageToTensorCalculatorOptions.ext] {{
    output_tensor_width: {INPUT_SIZE} output_tensor_height: {INPUT_SIZE}
    output_tensor_float_range {{ min: 0 max: 1 }}
  }} }}
}}
node {{
  calculator: "TfLiteCustomOpResolverCalculator"
  output_side_packet: "OP_RESOLVER:operations"
  options {{ [mediapipe.TfLiteCustomOpResolverCalculatorOptions.ext] {{ use_gpu: false }} }}
}}
node {{
  calculator: "InferenceCalculatorCpu"
  input_side_packet: "OP_RESOLVER:operations"
  input_stream: "TENSORS:input"
  output_stream: "TENSORS:output"
  options {{ [mediapipe.InferenceCalculatorOptions.ext] {{
    model_path: "mediapipe/modules/face_landmark/face_landmark_with_attention.tflite"
    delegate {{ xnnpack {{ num_threads: 1 }} }}
  }} }}
}}
"""
    ranges = " ".join(f"ranges {{ begin: {i} end: {i + 1} }}" for i in tensors)
    split = (
        'node { calculator: "SplitTensorVectorCalculator" input_stream: "output" '
        + " ".join(f'output_stream: "tensor{i}"' for i in tensors)
        + f" options {{ [mediapipe.SplitVectorCalculatorOptions.ext] {{ {ranges} }} }} }}"
    )
    floats = "\n".join(
        f'node {{ calculator: "TensorsToFloatsCalculator" '
        f'input_stream: "TENSORS:tensor{i}" output_stream: "FLOATS:floats{i}" }}'
        for i in tensors
    )
    # One stream means one call back into Python, and so one wait for the interpreter lock.
    join = (
        'node { calculator: "ConcatenateFloatVectorCalculator" '
        + " ".join(f'input_stream: "floats{i}"' for i in tensors)
        + ' output_stream: "values" }'
    )
    return "\n".join((head, split, floats, join))


@dataclass(frozen=True, slots=True)
class Region:
    """A square, turned region of a picture that holds one face.

    Attributes:
        x, y: centre in pixels.
        side: length of an edge in pixels, above 0.
        angle_rad: turn of the region's x axis against the picture's, clockwise as seen.
    """

    x: float
    y: float
    side: float
    angle_rad: float = 0.0

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.x, self.y, self.side, self.angle_rad))) or self.side <= 0:
            raise ShapeError(f"Region must be finite with a side above 0, not {self}.")

    @property
    def to_image(self) -> NDArray[np.float64]:
        """float64 [2, 3]: takes (x, y, 1) in the model's input, 0 … 192, to pixels of the picture."""
        scale = self.side / INPUT_SIZE
        cos, sin = scale * math.cos(self.angle_rad), scale * math.sin(self.angle_rad)
        half = INPUT_SIZE / 2
        return np.array(
            [
                [cos, -sin, self.x - half * (cos - sin)],
                [sin, cos, self.y - half * (sin + cos)],
            ]
        )

    def moved(self, dx: float, dy: float, scale: float = 1.0) -> Region:
        """This region shifted by pixels and scaled about its centre."""
        return Region(self.x + dx, self.y + dy, self.side * scale, self.angle_rad)


@dataclass(frozen=True, slots=True, eq=False)
class MeshResult:
    """What the model says of one region.

    Attributes:
        landmarks: float32 [478, 3]; x, y in pixels of the picture, z in the same scale.
        presence: 0 … 1, that there is a face in the region.
        crop: uint8 [192, 192, 3], BGR: the region as the model saw it.
        crop_points: float32 [478, 2]: the landmarks in that crop, in pixels.
    """

    landmarks: NDArray[np.float32]
    presence: float
    crop: Image
    crop_points: NDArray[np.float32]


def region_from_detection(detection: Detection) -> Region:
    """The region for a detected face: its box enlarged and turned by the line between the eyes."""
    x, y = detection.roi.centre
    side = REGION_MARGIN * max(detection.roi.width, detection.roi.height)
    return Region(x, y, side, detection.roll_rad)


def region_from_landmarks(landmarks: NDArray[np.float32]) -> Region:
    """The region for a face whose landmarks [478, 2 or more] in pixels are known from the last frame."""
    points = landmarks[:_SURFACE_COUNT, :2].astype(np.float64)
    eyes = points[LEFT_EYE_OUTER] - points[RIGHT_EYE_OUTER]
    angle = math.atan2(eyes[1], eyes[0])
    cos, sin = math.cos(angle), math.sin(angle)
    upright = points @ np.array([[cos, -sin], [sin, cos]])
    low, high = upright.min(axis=0), upright.max(axis=0)
    centre = np.array([[cos, -sin], [sin, cos]]) @ ((low + high) / 2)
    side = max(REGION_MARGIN * float((high - low).max()), 1.0)
    return Region(float(centre[0]), float(centre[1]), side, angle)


class FaceMesh:
    """mediapipe's face mesh with attention (478 points), without memory between calls."""

    def __init__(self, parallel: int = 2) -> None:
        """Load the model.

        Args:
            parallel: how many faces are worked on at the same time, 1 or more; each needs its own
                copy of the model's buffers (about 10 MB).

        Raises:
            ModelError: if the model does not load.
        """
        config = _graph_config()
        self._graphs = [MediapipeGraph(config, "values") for _ in range(max(1, parallel))]
        self._refinements = _refinements()

    def landmarks(self, image: Image, regions: Sequence[Region]) -> list[MeshResult]:
        """The mesh in each region of a BGR picture; what lies outside the picture counts as black.

        Raises:
            ShapeError: if `image` is not uint8 [height, width, 3].
            ModelError: if the model fails.
        """
        require_bgr(image)
        results: list[MeshResult] = []
        for first in range(0, len(regions), len(self._graphs)):
            batch = regions[first : first + len(self._graphs)]
            crops = []
            for region, graph in zip(batch, self._graphs, strict=False):
                crops.append(_cut_out(image, region))
                graph.send(crops[-1])
            packets = [graph.receive() for graph, _ in zip(self._graphs, batch, strict=False)]
            for region, crop, graph, packet in zip(batch, crops, self._graphs, packets, strict=False):
                if packet is None:
                    raise ModelError("The face mesh gave no result for a picture.")
                results.append(self._result(graph.floats(packet), region, crop))
        return results

    def _result(self, values: NDArray[np.float32], region: Region, crop: Image) -> MeshResult:
        if len(values) != _SPLITS[-1] or not np.isfinite(values).all():
            raise ModelError(f"The face mesh gave {len(values)} numbers or some not finite.")
        parts = np.split(values, _SPLITS[:-1])
        points = np.zeros((LANDMARK_COUNT, 3), np.float32)
        points[:_SURFACE_COUNT] = parts[0].reshape(-1, 3)
        for part, (indices, depth_from) in zip(parts[1:-1], self._refinements, strict=True):
            points[indices, :2] = part.reshape(-1, 2)
            if depth_from is not None:
                points[indices, 2] = points[depth_from, 2].mean()
        to_image = region.to_image.astype(np.float32)
        landmarks = np.empty_like(points)
        landmarks[:, :2] = points[:, :2] @ to_image[:, :2].T + to_image[:, 2]
        landmarks[:, 2] = points[:, 2] * (region.side / INPUT_SIZE)
        presence = 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, float(parts[-1][0])))))
        return MeshResult(landmarks, presence, crop, points[:, :2])

    def close(self) -> None:
        """Free the models."""
        for graph in self._graphs:
            graph.close()


def _cut_out(image: Image, region: Region) -> Image:
    to_image = region.to_image
    # OpenCV counts from the centres of pixels, regions from their edges: half a pixel on either side.
    to_image[:, 2] += to_image[:, :2] @ (0.5, 0.5) - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(image, to_image, (INPUT_SIZE, INPUT_SIZE), flags=flags), np.uint8)


def _refinements() -> list[tuple[NDArray[np.intp], NDArray[np.intp] | None]]:
    """Which landmarks the outputs 1 … 5 replace, and whose mean depth they take (None: keep theirs).

    Read from the face mesh graph that mediapipe ships, so that they fit the model beside it.
    """
    bindings = load_mediapipe()
    from mediapipe.calculators.util import landmarks_refinement_calculator_pb2 as options_pb2
    from mediapipe.framework import calculator_pb2

    root = Path(bindings.__file__ or ".").resolve().parents[2]
    graph = bindings.ValidatedGraphConfig()
    graph.initialize(
        binary_graph_path=str(root / "mediapipe/modules/face_landmark/face_landmark_front_cpu.binarypb")
    )
    config: Any = calculator_pb2.CalculatorGraphConfig()
    config.ParseFromString(graph.binary_config)
    extension = options_pb2.LandmarksRefinementCalculatorOptions.ext
    nodes = [node for node in config.node if node.calculator == "LandmarksRefinementCalculator"]
    if len(nodes) != 1 or len(nodes[0].options.Extensions[extension].refinement) != len(_OUTPUTS) - 1:
        raise ModelError("This mediapipe's face mesh graph has an unknown layout; install mediapipe 0.10.21.")
    refinements = []
    for refinement in list(nodes[0].options.Extensions[extension].refinement)[1:]:
        average = list(refinement.z_refinement.assign_average.indexes_for_average)
        refinements.append(
            (np.array(refinement.indexes_mapping, np.intp), np.array(average, np.intp) if average else None)
        )
    return refinements
