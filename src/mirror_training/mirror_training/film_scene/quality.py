"""What a clip is worth as a scene: counted, judged, and said in words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_core.errors import UsageError

__all__ = ["LEAST_FRAMES", "LIMBS", "Quality", "advice", "missing_limbs", "refuse_if_too_little"]

LEAST_FRAMES = 150  # that are used: with less, nothing can be kept aside to measure on
GOOD_FRAMES = 1500  # from which a figure is learned well
LEAST_COVERAGE = 0.5  # share of frames with a body, below which it is not a film of one
OFTEN_MISSING = 0.3  # share of frames in which a limb is not seen, from which it is said
OFTEN_OTHERS = 0.05  # share of frames with other bodies, likewise
MANY_CUTS_S = 3.0  # mean length of a run below which the movement is torn
UNSEEN = 0.02  # share of the background that is painted in, from which it is said
SHAKING = 0.004  # of the side, from which the camera is said to move
SURE = 0.5  # visibility from which a point is seen


def _limbs() -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {
        "head": (int(BodyPoint.NOSE), int(BodyPoint.LEFT_EYE), int(BodyPoint.RIGHT_EYE))
    }
    for side in ("LEFT", "RIGHT"):
        for limb, ends in (
            ("upper arm", ("SHOULDER", "ELBOW")),
            ("lower arm", ("ELBOW", "WRIST")),
            ("hand", ("WRIST", "INDEX")),
            ("thigh", ("HIP", "KNEE")),
            ("shin", ("KNEE", "ANKLE")),
            ("foot", ("ANKLE", "FOOT_INDEX")),
        ):
            found[f"{side.lower()} {limb}"] = tuple(int(BodyPoint[f"{side}_{end}"]) for end in ends)
    return found


LIMBS: Final = _limbs()
"""Limb → the points that must be seen."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The report on a clip. Shares are 0 … 1.

    Attributes:
        clip: name of the file.
        frames: that were read, after thinning to `fps`.
        seconds: they last.
        fps: frames per second that are used.
        crop: x, y and side of the square in the clip's pixels.
        side: of the written pictures in pixels.
        cuts: numbers of the frames that begin something new.
        coverage: share of the frames in which a body was found.
        used: frames that are learned from.
        runs: of neighbours among them.
        left_out: reason → frames.
        missing: limb → share of the used frames in which it is not seen.
        others: share of the used frames in which other bodies are seen, too.
        background: moving, light, shaking (`background.Stillness`), still and unseen, the share that is
            painted in.
        advice: sentences.
    """

    clip: str
    frames: int
    seconds: float
    fps: float
    crop: tuple[int, int, int]
    side: int
    cuts: tuple[int, ...]
    coverage: float
    used: int
    runs: int
    left_out: dict[str, int]
    missing: dict[str, float]
    others: float
    background: dict[str, float | bool]
    advice: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)

    def write(self, file: Path) -> None:
        """Write it as JSON."""
        file.write_text(json.dumps(self.as_json(), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, file: Path) -> Quality:
        """Read what `write` wrote.

        Raises:
            UsageError: where it is missing or damaged.
        """
        try:
            values = json.loads(file.read_text(encoding="utf-8"))
            values = values.get("clip_quality", values)  # a scene's report has more beside it
            for name in ("crop", "cuts", "advice"):
                values[name] = tuple(values[name])
            return cls(**values)
        except OSError as error:
            raise UsageError(f"There is no report {file}: make the scene first.") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UsageError(f"{file} is no report on a clip: make the scene anew.") from error

    def lines(self) -> list[tuple[str, str]]:
        """What a table shows: what, and how it is."""
        left = ", ".join(f"{why} {count}" for why, count in self.left_out.items() if count) or "none"
        missing = ", ".join(f"{limb} {share:.0%}" for limb, share in self.missing.items() if share >= 0.01)
        still = "still" if self.background["still"] else "NOT STILL"
        return [
            ("clip", f"{self.clip}: {self.frames} frames, {self.seconds:.1f} s at {self.fps:g} per second"),
            ("square", "x {}, y {}, {} pixels, ".format(*self.crop) + f"written as {self.side}"),
            ("cuts", ", ".join(map(str, self.cuts)) or "none"),
            ("a body in", f"{self.coverage:.0%} of the frames"),
            ("used", f"{self.used} frames in {self.runs} runs"),
            ("left out", left),
            ("not seen", missing or "every limb is seen"),
            ("others in", f"{self.others:.0%} of the used frames"),
            (
                "background",
                f"{still}: {self.background['moving']:.1%} of it moves, light changes by "
                f"{self.background['light']:.1f} levels; {self.background['unseen']:.1%} never seen",
            ),
        ]


def missing_limbs(visibility: NDArray[np.float32]) -> dict[str, float]:
    """Limb → share of the frames in which one of its points is not seen; visibility is [m, 33]."""
    seen = visibility >= SURE
    return {
        limb: float(1 - seen[:, list(points)].all(axis=1).mean()) if len(seen) else 1.0
        for limb, points in LIMBS.items()
    }


def refuse_if_too_little(quality: Quality) -> None:
    """Say why a clip cannot become a scene.

    Raises:
        UsageError: where it cannot.
    """
    if quality.coverage == 0:
        raise UsageError(
            f"No body was found in {quality.clip}: one that is at least a quarter as high as the picture is "
            "needed."
        )
    if quality.used < LEAST_FRAMES:
        reasons = ", ".join(f"{why} {count}" for why, count in quality.left_out.items() if count)
        raise UsageError(
            f"{quality.clip} has only {quality.used} usable frames, but a scene needs {LEAST_FRAMES}: "
            f"give a longer clip ({reasons or 'nothing was left out'})."
        )


def advice(quality: Quality) -> tuple[str, ...]:
    """What would make the scene better, a sentence each."""
    found = []
    if quality.used < GOOD_FRAMES:
        needed = GOOD_FRAMES / quality.fps
        found.append(
            f"Short: {quality.used / quality.fps:.0f} s are used; a figure is learned well from "
            f"{needed:.0f} s on."
        )
    if quality.coverage < LEAST_COVERAGE:
        found.append(f"A body is seen in {quality.coverage:.0%} of the frames only: cut the rest away.")
    if not quality.background["still"]:
        found.append(
            "The background is not still: it becomes one picture, and what moves in it will be missing or "
            "blurred. Film with a camera that stands still, with fixed exposure."
        )
    if float(quality.background["shaking"]) > SHAKING * quality.side:
        found.append("The camera moves: put it on a stand.")
    if float(quality.background["unseen"]) > UNSEEN:
        found.append(
            f"{quality.background['unseen']:.0%} of the background is never seen and is painted in: film a "
            "second without the figure, or let it walk aside."
        )
    if quality.others > OFTEN_OTHERS:
        found.append(
            f"Other people are seen in {quality.others:.0%} of the frames: choose a square without them "
            "(--crop x,y,side)."
        )
    if quality.used and quality.used / max(1, quality.runs) / quality.fps < MANY_CUTS_S:
        found.append("The movement is torn into short runs: a clip with fewer cuts teaches more.")
    found += _about_limbs(quality.missing)
    return tuple(found)


def _about_limbs(missing: dict[str, float]) -> Sequence[str]:
    often = [limb for limb, share in missing.items() if share >= OFTEN_MISSING]
    if not often:
        return []
    return [f"Often not seen, so hardly learned: {', '.join(often)}."]
