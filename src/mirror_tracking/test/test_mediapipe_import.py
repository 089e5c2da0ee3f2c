"""The lean import of mediapipe: quick for the mirror, whole for everybody else in the process."""

import subprocess
import sys

PROGRAM = """
import sys
from mirror_tracking.mediapipe_graphs import load_mediapipe
bindings = load_mediapipe()
print("matplotlib" in sys.modules, "mediapipe.python.solutions" in sys.modules)
import mediapipe
print(sys.modules["mediapipe.python"] is bindings, mediapipe.Image is bindings.Image)
print(mediapipe.__version__.count("."))
print(mediapipe.solutions.face_mesh.FaceMesh.__name__, mediapipe.tasks.vision.FaceLandmarker.__name__)
from mediapipe.python.solutions import pose
print(pose is mediapipe.solutions.pose, hasattr(mediapipe, "nonsense"))
"""


def run(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_only_what_is_needed_is_imported_and_the_rest_on_demand():
    assert run(PROGRAM) == [
        "False False",
        "True True",
        "2",
        "FaceMesh FaceLandmarker",
        "True False",
    ]


def test_a_mediapipe_that_was_imported_before_stays_as_it_is():
    first = "import mediapipe; whole = mediapipe\n"
    assert run(first + PROGRAM + "print(mediapipe is whole)")[1:] == [
        "True True",
        "2",
        "FaceMesh FaceLandmarker",
        "True False",
        "True",
    ]
