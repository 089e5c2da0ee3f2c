"""The effect `film`: the person before the mirror moves a film's character."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np

from mirror_core.bodies import Body
from mirror_core.frame import Image
from mirror_core.governor import film_rate
from mirror_core.parameters import parameter
from mirror_effects.effect import Effect, Scene, writable
from mirror_effects.film.casting import Casting
from mirror_effects.film.marks import draw_consent
from mirror_effects.film.player import Participation
from mirror_effects.film.playing import Cue, Playing, Settings, ShownScene
from mirror_effects.film.pose import Pose
from mirror_effects.film.stage import NETWORKS, load_stage
from mirror_effects.film.takes import Take, consenting_name, default_takes_folder
from mirror_effects.film.views import CORNERS, VIEWS, Box, Pan

__all__ = ["FilmEffect", "FilmParameters"]

FRAME_EDGE = (200, 200, 200)  # blue, green, red, of the person in the corner
EARLY = 0.7  # share of the time between two pictures after which a frame counts as the next one's


@dataclass(frozen=True)
class FilmParameters:
    """Which scene, who plays it and how it is shown."""

    scene: str = parameter("", "Name of the scene; empty: the first one.")
    second_scene: str = parameter("", "Scene of the second of two characters; empty: the same scene.")
    participants: str = parameter(
        "one",
        "one: one person plays; two: two at once, each a character of their own, side by side; turns: one "
        "after the other.",
        choices=("one", "two", "turns"),
    )
    turn: float = parameter(
        20.0, "Seconds that each plays where they take turns.", minimum=3.0, maximum=600.0
    )
    view: str = parameter(
        "full",
        "full: the scene alone; beside: the person beside it; inset: the person small in a corner.",
        choices=VIEWS,
    )
    corner: str = parameter("bottom_right", "Corner of the person in the view inset.", choices=CORNERS)
    inset_size: float = parameter(
        0.25, "Share of the picture's width that the person has there.", minimum=0.1, maximum=0.5
    )
    mirrored: bool = parameter(
        True, "The picture is shown mirrored: the figure acts as a mirror image, and texts read right there."
    )
    attract_after: float = parameter(
        8.0, "Seconds without anybody until the scene plays by itself.", minimum=0.0, maximum=3600.0
    )
    show_score: bool = parameter(
        False, "Play rounds of re-enactment: a small figure shows what to do, points say how well it is done."
    )
    smoothing: float = parameter(
        0.1,
        "Seconds over which a point at rest is averaged; points that move fast are not.",
        minimum=0.0,
        maximum=1.0,
    )
    rate: float = parameter(30.0, "Most pictures of the scene a second.", minimum=5.0, maximum=60.0)
    network: str = parameter(
        "litert",
        "What runs the network: litert (model.tflite of the scene's folder, on processors) or keras "
        "(model.keras, on a GPU where there is one; Keras and a backend have to be installed).",
        choices=tuple(NETWORKS),
    )
    threads: int = parameter(2, "Processor threads of litert.", minimum=1, maximum=16)
    take: str = parameter(
        "",
        "Name of a person who agrees to be recorded: begins a take; empty ends it. Without a name nothing is "
        "written.",
    )
    takes_folder: str = parameter("", "Folder of the takes; empty: mirror/takes in the user's data folder.")

    def settings(self) -> Settings:
        """What the player needs to know."""
        scenes: tuple[str, ...] = (self.scene,)
        if self.participants == "two":
            scenes = (self.scene, self.second_scene or self.scene)
        return Settings(
            scenes,
            self.view,
            self.corner,
            self.inset_size,
            self.mirrored,
            self.attract_after,
            self.smoothing,
            self.show_score,
            self.threads,
            self.network,
        )


class FilmEffect(Effect):
    """Shows a film scene whose character the person before the mirror moves; a network draws it."""

    name = "film"
    needs = frozenset({"bodies"})
    any_resolution = False  # its network has a resolution of its own, and a take keeps one size
    Parameters = FilmParameters

    def __init__(self) -> None:
        super().__init__()
        self._playing: Playing | None = None
        self._casting = Casting()
        self._cast_for = "one"
        self._cued_ns = 0
        self._pan = Pan()
        self._take: Take | None = None

    @property
    def playing(self) -> Playing | None:
        """What plays the scenes; None before the first frame."""
        return self._playing

    @property
    def take(self) -> Take | None:
        """The take that is recorded, or was last."""
        return self._take

    def apply(self, image: Image, scene: Scene) -> Image:
        """Hand on the picture that was played last, and say what is to be played next."""
        if self._playing is None:
            self._playing = Playing(load_stage)
        shown = self._playing.shown()
        self._cue(self._playing, image, scene)
        self._follow_take(shown)
        if shown is None or shown.picture.shape != image.shape:
            return image  # the scene is being loaded
        result = shown.picture
        if shown.layout.person is not None:
            result = result.copy()
            self._put_person(result, scene.camera if scene.camera is not None else image, shown, scene)
        return self._stamped(result)

    def shown(self, image: Image, stamp_ns: int) -> None:
        """Record what the mirror shows, with the watermark where there is one, while a take runs."""
        take = self._take
        if take is not None and not take.is_ended and not take.problem and take.is_due(stamp_ns):
            take.add(stamp_ns, image)

    def scene_after(self, scene: Scene) -> Scene:
        """Nobody: the people of the camera's picture are no longer where they were."""
        return replace(scene, faces=(), bodies=(), unmoved=None)

    def close(self) -> None:
        """End the player's thread and the take."""
        if self._playing is not None:
            self._playing.close()
            self._playing = None
        if self._take is not None:
            self._take.close()
            self._take = None

    # ---- what is played

    def _cue(self, playing: Playing, image: Image, scene: Scene) -> None:
        parameters: FilmParameters = self.parameters
        if self._cast_for != parameters.participants:
            self._casting = Casting(2 if parameters.participants == "two" else 1)
            self._cast_for = parameters.participants
        self._casting.turn_s = parameters.turn if parameters.participants == "turns" else 0.0
        cast = self._casting.cast(scene.bodies, scene.stamp_ns / 1e9)
        since_ns = scene.stamp_ns - self._cued_ns
        rate = film_rate(parameters.rate, self.level)
        if not playing.is_free or 0 <= since_ns < EARLY * 1e9 / rate:
            return
        self._cued_ns = scene.stamp_ns
        height, width = image.shape[:2]
        people = tuple(_participation(body, width) for body in cast)
        playing.cue(Cue(scene.stamp_ns, (width, height), people, parameters.settings()))

    # ---- the person

    def _put_person(self, picture: Image, camera: Image, shown: ShownScene, scene: Scene) -> None:
        box = shown.layout.person
        assert box is not None
        height, width = camera.shape[:2]
        centres = [body.roi.centre for body in scene.bodies]
        middle = None
        if centres:
            x, y = np.mean(centres, axis=0)
            middle = (float(x), float(y))
        part = self._pan.part((width, height), box, middle, scene.stamp_ns / 1e9)
        place = box.mirrored(picture.shape[1]) if shown.settings.mirrored else box
        target = picture[place.slices]
        seen = camera[part.slices]
        target[:] = _resized(seen, box)
        if shown.settings.view == "inset":
            _draw_edge(picture, place)

    # ---- the take

    def _follow_take(self, shown: ShownScene | None) -> None:
        """Begin or end a take as the parameter says."""
        parameters: FilmParameters = self.parameters
        wanted = consenting_name(parameters.take)
        if self._take is not None and self._take.name != wanted:
            self._take.end()
            self._take = None
        if not wanted or self._take is not None or shown is None:
            return
        folder = (
            Path(parameters.takes_folder).expanduser() if parameters.takes_folder else default_takes_folder()
        )
        about = {"scenes": list(shown.names), "view": shown.settings.view}
        now = datetime.now().astimezone()
        self._take = Take(wanted, folder, now, about, mirrored=shown.settings.mirrored)

    def _stamped(self, picture: Image) -> Image:
        """The picture with the consent stamp while a take runs."""
        take = self._take
        if take is None or take.is_ended or take.problem:
            return picture
        picture = writable(picture)
        draw_consent(picture, take.name, take.began, mirrored=self.parameters.mirrored)
        return picture


def _participation(body: Body | None, width: int) -> Participation | None:
    return Participation(body.track_id, Pose.of_body(body), width) if body is not None else None


def _resized(picture: Image, box: Box) -> Image:
    """The picture in the size of a box: halved as often as it goes, which averages and is quick."""
    while picture.shape[1] >= 2 * box.width and picture.shape[0] >= 2 * box.height:
        half = (picture.shape[1] // 2, picture.shape[0] // 2)
        picture = np.asarray(cv2.resize(picture, half, interpolation=cv2.INTER_LINEAR), np.uint8)
    if picture.shape[:2] == (box.height, box.width):
        return picture
    return np.asarray(cv2.resize(picture, (box.width, box.height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _draw_edge(picture: Image, box: Box) -> None:
    corners = (box.x - 1, box.y - 1), (box.x + box.width, box.y + box.height)
    cv2.rectangle(picture, *corners, FRAME_EDGE, 2, cv2.LINE_8)
