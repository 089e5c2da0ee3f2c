"""A film scene on disc: what it is, its figure's network, the still background and the film's own movement.

A scene folder, whose name is the scene's name, holds

    scene.json        `Scene`: what it is
    model.tflite      the network (`film.model`)
    background.png    the picture without the figure (or .jpg)
    poses.npz         points float32 [n, 33, 3] (pixels), visibility float32 [n, 33], times float64 [n] (s)
    model.keras       the same network for `film.keras_model`, on hosts with a GPU; may be missing
    preview.mp4, report.json, model_card.md   for people
"""

from __future__ import annotations

import json
import math
import os
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import EncodingError, UsageError
from mirror_core.frame import Image
from mirror_core.picture_size import can_be_decoded
from mirror_effects.film.pose_statistics import PoseStatistics

__all__ = [
    "SCENE_FILE",
    "VERSION",
    "Movement",
    "Scene",
    "SceneFolder",
    "checked_name",
    "default_scenes_folder",
    "load_scene",
    "save_scene",
    "scenes",
    "shipped_scenes_folder",
]

VERSION: Final = 1  # of the folder's form
SCENE_FILE, MODEL, KERAS_MODEL, POSES = "scene.json", "model.tflite", "model.keras", "poses.npz"
BACKGROUNDS: Final = ("background.png", "background.jpg")
PREVIEW, REPORT, CARD = "preview.mp4", "report.json", "model_card.md"
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
LEAST_SIDE, LARGEST_SIDE = 32, 2048  # pixels
LEAST_FPS, LARGEST_FPS = 1.0, 120.0
LARGEST_NUMBER = 1e9  # that scene.json may hold; NaN and infinity are no numbers
MOST_POSES_BYTES = 2**28  # unpacked: some 500,000 frames


def checked_name(name: str) -> str:
    """The name of a scene, if it is one.

    Raises:
        UsageError: else.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"The name '{name}' is refused: a scene's name begins with a small letter and has up to 32 small "
            "letters, digits and underscores, such as noir."
        )
    return name


@dataclass(frozen=True, slots=True)
class Scene:
    """What a scene is.

    Attributes:
        name: of its folder (`checked_name`).
        title: for people.
        side: width and height of the scene's picture in pixels.
        fps: frames per second of the film.
        statistics: sizes, places and proportions of its figure, for pictures of that side.
        licence: of the clip that it was made from.
        consent: who is seen and has agreed to that, or that nobody is seen.
        version: of the folder's form.

    Raises:
        UsageError: on what is not allowed.
    """

    name: str
    title: str
    side: int
    fps: float
    statistics: PoseStatistics
    licence: str
    consent: str
    version: int = VERSION

    def __post_init__(self) -> None:
        checked_name(self.name)
        if self.version != VERSION:
            raise UsageError(
                f"The scene {self.name} has version {self.version}, but this Mirror reads version {VERSION}: "
                "make it anew, or update Mirror."
            )
        for what in ("title", "licence", "consent"):
            if not getattr(self, what).strip():
                raise UsageError(f"The scene {self.name} needs a {what} that is not empty.")
        if not LEAST_SIDE <= self.side <= LARGEST_SIDE:
            raise UsageError(
                f"The scene {self.name} has a side of {self.side} pixels: allowed are {LEAST_SIDE} to "
                f"{LARGEST_SIDE}."
            )
        if not (math.isfinite(self.fps) and LEAST_FPS <= self.fps <= LARGEST_FPS):
            raise UsageError(
                f"The scene {self.name} has {self.fps:g} frames per second: allowed are {LEAST_FPS:g} to "
                f"{LARGEST_FPS:g}."
            )
        if (self.statistics.width, self.statistics.height) != (self.side, self.side):
            raise UsageError(
                f"The scene {self.name} has a side of {self.side} pixels, but statistics of pictures of "
                f"{self.statistics.width} × {self.statistics.height}."
            )

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**values, "statistics": self.statistics.to_json()}

    @classmethod
    def from_json(cls, values: Any) -> Scene:
        """From what `to_json` gave.

        Raises:
            UsageError: if something is missing, unknown or not allowed.
        """
        if not isinstance(values, Mapping):
            raise UsageError(f"A scene must be names with values, not {type(values).__name__}.")
        known = {each.name for each in fields(cls)}
        for what, names in (("lacks", known - set(values)), ("does not know", set(values) - known)):
            if names:
                raise UsageError(f"A scene {what} {', '.join(sorted(map(str, names)))}.")
        for name in ("name", "title", "licence", "consent"):
            if not isinstance(values[name], str):
                raise UsageError(f"A scene's {name} must be words, not {values[name]!r}.")
        for name in ("side", "fps", "version"):
            number = values[name]
            if isinstance(number, bool) or not (
                isinstance(number, int | float) and abs(number) < LARGEST_NUMBER
            ):
                raise UsageError(f"A scene's {name} must be a number, not {values[name]!r}.")
        numbers = {name: int(values[name]) for name in ("side", "version")}
        statistics = PoseStatistics.from_json(values["statistics"])
        return cls(**{**values, **numbers, "fps": float(values["fps"]), "statistics": statistics})


@dataclass(frozen=True, slots=True, eq=False)
class Movement:
    """The figure's movement in the film.

    Attributes:
        points: float32 [n, 33, 3], pixels of the scene's picture.
        visibility: float32 [n, 33], 0 … 1.
        times: float64 [n], seconds, rising.
    """

    points: NDArray[np.float32]
    visibility: NDArray[np.float32]
    times: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SceneFolder:
    """A scene that was found on disc; its files are read when they are asked for.

    Attributes:
        folder: where it lies.
        scene: what it is.
    """

    folder: Path
    scene: Scene

    @property
    def model(self) -> Path:
        """The .tflite file, for `film.model.FilmModel`."""
        return self.folder / MODEL

    def background(self) -> Image:
        """uint8 [side, side, 3], BGR.

        Raises:
            UsageError: where it is missing, damaged or of another size.
        """
        for file in (self.folder / name for name in BACKGROUNDS):
            if file.is_file():
                side = self.scene.side
                picture = _read_picture(file)
                if picture is None or picture.shape != (side, side, 3):
                    raise UsageError(f"{file} is no picture of {side} × {side} pixels: make the scene anew.")
                return np.asarray(picture, np.uint8)
        raise UsageError(f"{self.folder} has no {BACKGROUNDS[0]}: copy or make the scene anew.")

    def movement(self) -> Movement:
        """The film's own movement.

        Raises:
            UsageError: where it is missing or damaged.
        """
        file = self.folder / POSES
        points, visibility, times = _read_poses(file)
        count = times.size
        shapes = (points.shape, visibility.shape, times.shape)
        if shapes != ((count, 33, 3), (count, 33), (count,)) or not count:
            raise UsageError(
                f"{file} must hold points [n, 33, 3], visibility [n, 33] and times [n], not "
                f"{list(points.shape)}, {list(visibility.shape)} and {list(times.shape)}."
            )
        all_finite = all(np.isfinite(values).all() for values in (points, visibility, times))
        if not all_finite or (np.diff(times) <= 0).any():
            raise UsageError(f"{file} holds points or times that are no numbers, or times that do not rise.")
        return Movement(points, visibility, times)


def _read_picture(file: Path) -> Image | None:
    """The picture in a file, None where it is none, or one that is far too large."""
    try:
        content = file.read_bytes()
        is_picture = can_be_decoded(content, str(file))
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if is_picture else None
    except (OSError, cv2.error, EncodingError):
        return None
    return None if picture is None else np.asarray(picture, np.uint8)


def _read_poses(file: Path) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float64]]:
    """Points, visibility and times of a file, of whatever shapes.

    Raises:
        UsageError: where it is missing, damaged or far too large.
    """
    try:
        with zipfile.ZipFile(file) as archive:  # zeros pack a thousand times smaller than they are
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MOST_POSES_BYTES:
            raise UsageError(f"{file} is larger than {MOST_POSES_BYTES >> 20} MiB: make the scene anew.")
        with np.errstate(over="ignore", invalid="ignore"), np.load(file, allow_pickle=False) as stored:
            return (
                np.asarray(stored["points"], np.float32),
                np.asarray(stored["visibility"], np.float32),
                np.asarray(stored["times"], np.float64),
            )
    except UsageError:
        raise
    except Exception as error:  # numpy reads the head of an array as Python, which may raise anything
        raise UsageError(f"{file} cannot be read as the poses of a scene: make the scene anew.") from error


def load_scene(folder: Path) -> SceneFolder:
    """Open a scene folder and check that all that is played is there.

    Raises:
        UsageError: where it is no scene folder, or is damaged.
    """
    file = folder / SCENE_FILE
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{folder} is no scene: it has no {SCENE_FILE} that can be read.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is damaged: it holds no JSON; make the scene anew.") from error
    try:
        scene = Scene.from_json(values)
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from error
    if scene.name != folder.name:
        raise UsageError(f"{file} is of the scene {scene.name}: name its folder {scene.name}.")
    missing = [name for name in (MODEL, POSES) if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in BACKGROUNDS):
        missing.append(BACKGROUNDS[0])
    if missing:
        raise UsageError(f"The scene {folder} lacks {', '.join(missing)}: copy or make it anew.")
    return SceneFolder(folder, scene)


def save_scene(folder: Path, scene: Scene, background: Image, movement: Movement) -> None:
    """Write background, movement and, last, scene.json; the network is put there by who made it.

    Raises:
        UsageError: where the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / BACKGROUNDS[0]).write_bytes(cv2.imencode(".png", background)[1].tobytes())
        np.savez_compressed(
            folder / POSES,
            points=movement.points,
            visibility=movement.visibility,
            times=movement.times,
        )
        text = json.dumps(scene.to_json(), indent=2, ensure_ascii=False)
        (folder / SCENE_FILE).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written to: {error.strerror or error}.") from error


def default_scenes_folder() -> Path:
    """Where a person's own scenes are looked for: `mirror/scenes` in the XDG data folder."""
    data = os.environ.get("XDG_DATA_HOME", "")
    root = Path(data) if data.startswith("/") else Path.home() / ".local" / "share"
    return root / "mirror" / "scenes"


def shipped_scenes_folder() -> Path:
    """Where the scenes lie that come with Mirror."""
    return Path(__file__).resolve().parent.parent / "data" / "scenes"


def scenes(folder: Path | None = None) -> dict[str, Path]:
    """Scene name → folder: first those that come with Mirror, then a person's own, which replace them.

    Args:
        folder: of the person's own scenes; None: the default one.
    """
    found: dict[str, Path] = {}
    for place in (shipped_scenes_folder(), folder or default_scenes_folder()):
        try:
            entries = sorted(place.iterdir())
        except OSError:
            continue
        found |= {
            each.name: each for each in entries if NAME.fullmatch(each.name) and (each / SCENE_FILE).is_file()
        }
    return found
