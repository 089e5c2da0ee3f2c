"""mediapipe runs without TensorFlow and JAX, and a graph that failed works again."""

import os
import subprocess
import sys

import numpy as np
import pytest

from mirror_core.errors import ModelError
from mirror_tracking.mediapipe_graphs import MediapipeGraph

PASS_THROUGH = """
input_stream: "image"
output_stream: "size"
node {
  calculator: "ImageToTensorCalculator" input_stream: "IMAGE:image" output_stream: "TENSORS:tensors"
  options { [mediapipe.ImageToTensorCalculatorOptions.ext] {
    output_tensor_width: 2 output_tensor_height: 2 output_tensor_float_range { min: 0 max: 1 } } }
}
node { calculator: "TensorsToFloatsCalculator" input_stream: "TENSORS:tensors" output_stream: "FLOATS:size" }
"""


def python(code):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )


def test_loading_it_imports_neither_tensorflow_nor_jax_and_leaves_both_importable():
    done = python(
        "import sys, types\n"
        "from mirror_tracking.mediapipe_graphs import load_mediapipe\n"
        "load_mediapipe()\n"
        "assert not {'tensorflow', 'jax', 'jaxlib'} & set(sys.modules), 'imported or still blocked'\n"
    )
    assert done.returncode == 0, done.stderr


def test_it_loads_where_jax_is_not_installed():
    done = python(
        "import sys\n"
        "for name in ('jax', 'jaxlib', 'tensorflow'): sys.modules[name] = None\n"
        "from mirror_tracking.mesh import FaceMesh, Region\n"
        "import numpy as np\n"
        "FaceMesh(1).landmarks(np.zeros((64, 64, 3), np.uint8), [Region(32, 32, 64)])\n"
        "assert sys.modules['jax'] is None, 'what somebody else blocked stays blocked'\n"
    )
    assert done.returncode == 0, done.stderr


def test_a_missing_mediapipe_is_said_in_a_sentence():
    done = python(
        "import sys; sys.modules['mediapipe'] = None\n"
        "from mirror_core.errors import ModelError\n"
        "from mirror_tracking.mediapipe_graphs import load_mediapipe\n"
        "try: load_mediapipe()\n"
        "except ModelError as error: print(error)\n"
    )
    assert "install mediapipe" in done.stdout


def test_a_picture_passes_in_rgb_order():
    graph = MediapipeGraph(PASS_THROUGH, "size")
    graph.send(np.full((4, 4, 3), (255, 0, 51), np.uint8))  # blue, no green, a fifth of red
    values = graph.floats(graph.receive()).reshape(2, 2, 3)
    assert np.allclose(values, (0.2, 0.0, 1.0), atol=0.01)


def test_a_closed_graph_starts_again_with_the_next_picture():
    graph = MediapipeGraph(PASS_THROUGH, "size")
    graph.close()
    graph.close()
    graph.send(np.zeros((4, 4, 3), np.uint8))
    assert len(graph.floats(graph.receive())) == 12


def test_a_graph_that_cannot_start_is_a_model_error():
    with pytest.raises(ModelError, match="does not start"):
        MediapipeGraph(PASS_THROUGH.replace("TensorsToFloatsCalculator", "NoSuchCalculator"), "size")


class Broken:
    """A graph whose calculators fail on the picture that it was given."""

    def wait_until_idle(self):
        raise RuntimeError("calculator failed")

    def close(self):
        raise RuntimeError("calculator failed")


def test_a_graph_that_fails_on_a_picture_says_so_and_works_on_the_next():
    graph = MediapipeGraph(PASS_THROUGH, "size")
    graph.send(np.zeros((4, 4, 3), np.uint8))
    graph._graph = Broken()
    with pytest.raises(ModelError, match="failed on a picture"):
        graph.receive()
    graph.send(np.full((4, 4, 3), 255, np.uint8))
    assert graph.floats(graph.receive()).min() == 1.0
