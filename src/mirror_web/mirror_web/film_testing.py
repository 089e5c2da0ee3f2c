"""Drawn film scenes and takes on disc, for tests and for work on the Film page."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mirror_effects.film.pose_statistics import PoseStatistics
from mirror_effects.film.scene import PREVIEW, REPORT, Movement, Scene, save_scene
from mirror_effects.film.takes import CONSENT, FPS
from mirror_effects.film.testing import walk
from mirror_effects.film.testing_stage import still_background

__all__ = ["FAIR_REPORT", "write_drawn_film", "write_scene", "write_take"]

SIDE = 64
FAIR_REPORT: dict[str, Any] = {
    "clip_quality": {
        "clip": "dance.mp4",
        "frames": 500,
        "seconds": 20.0,
        "fps": 25.0,
        "crop": [0, 0, 720],
        "side": 512,
        "cuts": [],
        "coverage": 0.96,
        "used": 450,
        "runs": 2,
        "left_out": {"no body": 20, "another place": 0, "too little of the body": 30, "in short runs": 0},
        "missing": {"left foot": 0.4, "head": 0.0},
        "others": 0.0,
        "background": {"moving": 0.001, "light": 1.0, "shaking": 0.2, "still": True, "unseen": 0.08},
        "advice": [],
    },
    "training": {
        "test": {
            "as they are": {
                "film": {"moving": {"ssim": 0.74, "psnr_db": 24.0, "l1": 9.0}, "flicker": 2.5},
                "nearest frame": {"moving": {"ssim": 0.68, "psnr_db": 22.0, "l1": 11.0}, "flicker": 4.5},
            }
        }
    },
}


def write_drawn_film(file: Path, seconds: float, size: tuple[int, int] = (320, 180)) -> None:
    """A film, MPEG-4 as the mirror writes it, whose grey rises by ten levels a second from black on.

    Args:
        file: .mp4.
        seconds: how long.
        size: (width, height) in pixels.
    """
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"mp4v"), FPS, size)
    assert writer.isOpened()
    for number in range(round(seconds * FPS)):
        grey = min(round(10 * number / FPS), 255)
        picture = np.full((size[1], size[0], 3), grey, np.uint8)
        cv2.circle(
            picture, (20 + 2 * number % (size[0] - 40), size[1] // 2), 16, (94, 190, 255), -1, cv2.LINE_AA
        )
        writer.write(picture)
    writer.release()


def write_scene(folder: Path, name: str, title: str, report: dict[str, Any] | None = None) -> None:
    """A scene that can be listed and looked at, but not played: its network is empty.

    Args:
        folder: of scenes.
        name, title: see `mirror_effects.film.scene.Scene`.
        report: of the clip and the training.
    """
    points, seen = walk(100, height=(38.0, 38.0), ears=(32.0, 13.0), horizon=13.0)
    statistics = PoseStatistics.of(points, seen, SIDE, SIDE)
    scene = Scene(name, title, SIDE, 25.0, statistics, "CC0, filmed by myself", "Ada is seen, and agrees.")
    movement = Movement(points, seen, np.arange(100) / 25.0)
    save_scene(folder / name, scene, still_background(SIDE), movement)
    (folder / name / "model.tflite").write_bytes(b"")
    (folder / name / REPORT).write_text(json.dumps(report or FAIR_REPORT), encoding="utf-8")
    write_drawn_film(folder / name / PREVIEW, 4.0, (3 * SIDE, SIDE))


def write_take(
    folder: Path, name: str, began: datetime, *, seconds: float = 4.0, complete: bool = True
) -> str:
    """A take of somebody who agreed, as `mirror_effects.film.takes` writes it; returns its id.

    Args:
        folder: of takes.
        name: of who agreed.
        began: with a time zone.
        seconds: how long it is.
        complete: whether it was ended well.
    """
    folder.mkdir(parents=True, exist_ok=True)
    take_id = f"{began:%Y-%m-%d_%H-%M-%S}_{name.lower().replace(' ', '-')}"
    write_drawn_film(folder / f"{take_id}.mp4", seconds)
    values = {
        "version": 1,
        "name": name,
        "date": began.isoformat(timespec="seconds"),
        "consent": CONSENT,
        "file": f"{take_id}.mp4",
        "width": 320,
        "height": 180,
        "frames_per_second": FPS,
        "frames": round(seconds * FPS),
        "seconds": seconds,
        "dropped": 0,
        "complete": complete,
        "scenes": ["detective"],
        "view": "full",
    }
    (folder / f"{take_id}.json").write_text(json.dumps(values), encoding="utf-8")
    return take_id
