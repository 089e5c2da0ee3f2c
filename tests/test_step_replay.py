"""A bag is played frame by frame: the same comes out every time, and it is what came out before."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "replay"
BAG, GOLDEN = FOLDER / "reel", FOLDER / "golden.json"
WAIT_S = 600.0


def play(*words: str) -> subprocess.CompletedProcess[str]:
    """`mirror replay … --step` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "mirror.command", "replay", *words],
        text=True,
        capture_output=True,
        timeout=WAIT_S,
        check=False,
    )


@pytest.fixture(scope="module")
def golden(built: None) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(GOLDEN.read_text("utf-8"))
    return content


@dataclass(frozen=True)
class Run:
    """One run of the command, and the file that it has written."""

    status: int
    said: str
    written: bytes


@pytest.fixture(scope="module")
def runs(golden: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """Two processes: one compares with the golden results, one with some in which a face lies 3 px lower."""
    folder = tmp_path_factory.mktemp("results")
    lower = copy.deepcopy(golden)
    (face,) = lower["frames"][12]["faces"]
    face["landmarks"][1::2] = [y + 3.0 for y in face["landmarks"][1::2]]
    (folder / "lower.json").write_text(json.dumps(lower), "utf-8")
    made = []
    for against in (GOLDEN, folder / "lower.json"):
        out = folder / "results.json"
        words = (str(BAG), "--step", "--out", str(out), "--against", str(against), *golden["arguments"])
        played = play(*words)
        made.append(Run(played.returncode, played.stdout + played.stderr, out.read_bytes()))
        out.unlink()
    return made[0], made[1]


def test_two_runs_on_one_machine_are_identical(runs: tuple[Run, Run]) -> None:
    assert runs[0].written == runs[1].written


def test_the_results_are_the_golden_ones_within_the_stated_tolerances(runs: tuple[Run, Run]) -> None:
    assert runs[0].status == 0, runs[0].said
    assert "30 frames, 30 with a face." in runs[0].said
    assert f"All is as in {GOLDEN}, within its tolerances." in runs[0].said


def test_landmarks_that_move_by_three_pixels_fail_it(runs: tuple[Run, Run]) -> None:
    assert runs[1].status == 1, runs[1].said
    told = [line for line in runs[1].said.splitlines() if line.startswith("Frame ")]
    assert len(told) == 1
    distance = re.fullmatch(r"Frame 12: faces 1: a landmark lies (\d\.\d\d) px off\.", told[0])
    assert distance is not None
    assert float(distance[1]) > 2.0


def test_every_frame_has_all_its_results(runs: tuple[Run, Run], golden: dict[str, Any]) -> None:
    frames = json.loads(runs[0].written)["frames"]
    assert [frame["stamp_ns"] for frame in frames] == [frame["stamp_ns"] for frame in golden["frames"]]
    assert len({frame["image"]["sha256"] for frame in frames}) == len(frames)
    for frame in frames:
        (face,) = frame["faces"]
        (mood,) = frame["moods"]
        assert len(face["landmarks"]) == 2 * 478
        assert sum(mood["probabilities"]) == pytest.approx(1, abs=1e-3)
        assert mood["id"] == face["id"] == 1
        assert len(frame["image"]["grey"]) == 24
