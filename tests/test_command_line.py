"""The `mirror` command: a person's mistakes get one line, its tables say what they should."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("built")


def mirror(*words: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    import os

    return subprocess.run(
        [sys.executable, "-m", "mirror.command", *words],
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
        cwd=cwd,
        env={**os.environ, "SDL_VIDEODRIVER": "dummy", "COLUMNS": "200", **environment},
    )


def assert_one_line(result: subprocess.CompletedProcess[str], *told: str) -> None:
    """Exit status 2 and a single line on stderr that tells all of `told`."""
    assert result.returncode == 2, (result.returncode, result.stdout, result.stderr)
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1, result.stderr
    assert all(word in result.stderr for word in told), result.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nonsense"], ("nonsense", "full")),
        (["full", "colour:=red"], ("colour", "camera", "effects", "namespace")),
        (["full", "demo"], ("demo", "name:=value")),
        (["camera:=demo", "display:=maybe"], ("display:=maybe", "true | false")),
        (["full", "camera:=video"], ("path:=",)),
        (["full", "camera:=images"], ("path:=",)),
        (["full", "camera:=video", "path:=missing.mp4"], ("missing.mp4", "no such file")),
        (["full", "camera:=webcam"], ("webcam", "auto", "demo", "v4l2", "video", "images")),
        (["full", "effects:=landmarks,glitter"], ("glitter", "none", "landmarks")),
        (["full", "effects:=landmarks,landmarks"], ("landmarks", "once")),
        (["full", "namespace:=1st"], ("1st", "letters")),
        (["full", "namespace:="], ("namespace",)),
        (["full", "config:=missing.yaml"], ("missing.yaml", "no such file")),
        (["full", "config:=."], ("config:=",)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_word_is_answered_in_one_line(
    words: list[str], told: tuple[str, ...], tmp_path: Path
) -> None:
    assert_one_line(mirror("run", *words, cwd=tmp_path), *told)


def the_complaint(result: subprocess.CompletedProcess[str], *beside: str) -> str:
    """The one line that is neither news nor of the levels `beside`."""
    assert result.returncode == 2, result.stderr
    lines = result.stderr.splitlines()
    complaints = [line for line in lines if not any(level in line for level in ("[INFO]", *beside))]
    assert len(complaints) == 1, result.stderr
    return complaints[0]


CONFIGS = {
    "no YAML": ("/**/camera: [1, 2\n", ("parameters.yaml",)),
    "no parameters": ("hello\n", ("parameters.yaml", "ros__parameters")),
    "no node": ("ros__parameters: {width: 640}\n", ("parameters.yaml", "ros__parameters")),
    "unknown name": ("/**/camera:\n  ros__parameters:\n    widht: 640\n", ("widht", "width")),
    "wrong type": ("/**/camera:\n  ros__parameters:\n    width: wide\n", ("width", "wide")),
    "out of range": (
        "/**/effects:\n  ros__parameters:\n    patience: 7200.0\n",
        ("patience", "7200", "3600"),
    ),
    "unknown of effect": (
        "/**/effects:\n  ros__parameters:\n    landmarks.colour: 1\n",
        ("landmarks.colour",),
    ),
}


@pytest.mark.parametrize("composed", ["true", "false"])
@pytest.mark.parametrize("case", CONFIGS)
def test_a_wrong_parameter_file_is_answered_in_one_line(
    case: str, composed: str, tmp_path: Path, claim_domain: Callable[[], int]
) -> None:
    content, told = CONFIGS[case]
    file = tmp_path / "parameters.yaml"
    file.write_text(content)
    result = mirror(
        "run", "full", "camera:=demo", "web:=false", f"composed:={composed}", f"config:={file}", cwd=tmp_path
    )
    complaint = the_complaint(result)
    assert all(word in complaint for word in told), complaint


@pytest.mark.parametrize("composed", ["true", "false"])
def test_a_page_address_that_is_not_ours_is_answered_in_one_line(composed: str, tmp_path: Path) -> None:
    file = tmp_path / "parameters.yaml"
    file.write_text("/**/web:\n  ros__parameters:\n    host: 203.0.113.7\n    port: 0\n")
    result = mirror("run", "full", "camera:=demo", f"composed:={composed}", f"config:={file}", cwd=tmp_path)
    # The page starts last: on a slow machine the nodes that run by then may warn.
    assert "203.0.113.7" in the_complaint(result, "[WARN]")


def test_show_args_lists_every_argument_with_what_it_means() -> None:
    from mirror.graph import GRAPHS

    result = mirror("run", "full", "--show-args")
    assert (result.returncode, result.stderr) == (0, "")
    for argument in GRAPHS["full"].arguments:
        line = next(line for line in result.stdout.splitlines() if re.match(rf"│ {argument.name} ", line))
        assert " ".join(argument.description.split()[:4]) in line
        assert len(argument.description) > 20


def test_doctor_names_what_it_looked_at_and_ends_with_0() -> None:
    result = mirror("doctor")
    assert result.returncode == 0, result.stdout
    for topic in ("Python", "ROS 2", "Transport", "Camera", "Screen", "Models", "Effects", "Page"):
        assert re.search(rf"^(ok|note) +{topic} ", result.stdout, re.MULTILINE), result.stdout
    assert "mediapipe" in result.stdout
    assert "offscreen" in result.stdout


def test_doctor_says_what_to_do_about_a_transport_profile_that_is_missing(tmp_path: Path) -> None:
    result = mirror("doctor", FASTDDS_DEFAULT_PROFILES_FILE=str(tmp_path / "gone.xml"))
    assert result.returncode == 1, result.stdout
    assert re.search(r"^error +Transport .*gone\.xml", result.stdout, re.MULTILINE), result.stdout
    assert "→ Unset it" in result.stdout


def test_doctor_notices_a_port_that_is_taken() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", 8080))
            other.listen()
        except OSError:
            pass  # somebody else has it, which serves as well
        result = mirror("doctor")
    assert re.search(r"^note +Page +Port 8080 is taken", result.stdout, re.MULTILINE), result.stdout


def test_bench_names_its_measurements_when_asked_for_another_one(tmp_path: Path) -> None:
    assert_one_line(mirror("bench", "--only", "nothing", cwd=tmp_path), "nothing", "composed", "separate")


@pytest.mark.parametrize("composed", ["true", "false"])
def test_ctrl_c_during_the_start_prints_no_traceback(start_mirror: Callable[..., Any], composed: str) -> None:
    for delay_s in (0.1, 0.5, 1.0):
        started = start_mirror("camera:=demo", "web:=false", f"composed:={composed}")
        deadline = time.monotonic() + 60
        while not started.children() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(delay_s)  # into the imports, at different places
        started.interrupt()
        assert started.wait() in (0, 128 + signal.SIGINT), started.tail
        assert started.survivors() == []
        assert "Traceback" not in started.messages, started.tail
        assert "[ERROR]" not in started.messages, started.tail
