"""What an effect is: a name, parameters, and `apply(image, scene) -> image`.

A complete effect, ready for the entry-point group `mirror.effects` of any pip package:

    from dataclasses import dataclass

    import cv2
    from mirror_core.parameters import parameter
    from mirror_effects import Effect, Scene, writable


    @dataclass(frozen=True)
    class SpotlightParameters:
        radius: float = parameter(0.8, "Radius in face heights.", minimum=0.1, maximum=3.0)


    class SpotlightEffect(Effect):
        \"\"\"Draws a ring around each face.\"\"\"

        name = "spotlight"
        needs = frozenset({"faces"})
        Parameters = SpotlightParameters

        def apply(self, image, scene):
            image = writable(image)
            for face in scene.faces:
                x, y = map(int, face.roi.centre)
                radius = int(self.parameters.radius * face.roi.height)
                cv2.circle(image, (x, y), radius, (0, 220, 255), 3, cv2.LINE_AA)
            return image
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mirror_core.bodies import Body
from mirror_core.faces import Face
from mirror_core.frame import Image
from mirror_core.moods import Mood
from mirror_core.parameters import NoParameters

if TYPE_CHECKING:  # `mirror_effects.names` is used where OpenCV need not be installed
    from mirror_effects.bend import Bend
    from mirror_effects.stored_face import StoredFace
    from mirror_gallery.portrait import Portrait

__all__ = ["INPUTS", "JOINED", "Effect", "NoParameters", "Scene", "Unmoved", "writable"]

INPUTS = frozenset({"faces", "bodies", "moods", "worn", "stored"})
"""What effects can ask for in `needs`: the faces in the frame, the bodies and the moods of the people in it,
the stored faces that people wear, the stored faces of the people who are there."""

JOINED = frozenset({"faces"})
"""Those that belong to a frame, which waits for them."""


@dataclass(frozen=True, slots=True, eq=False)
class Unmoved:
    """The picture before effects of the stack moved faces in it.

    Attributes:
        image: uint8 [height, width, 3], BGR; not changed any more.
        landmarks: track id → float32 [478, 3], where the faces were found.
        bends: what has been moved since, in order.
    """

    image: Image
    landmarks: Mapping[int, NDArray[np.float32]]
    bends: tuple[Bend, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known about the frame that an effect works on.

    Attributes:
        stamp_ns: stamp of the frame, nanoseconds.
        faces: the faces in it, the largest first; empty for effects that do not need them. After an effect
            that moves faces they lie where that has moved them.
        faces_are_stale: True where the faces belong to an earlier frame, because tracking was late.
        worn: track id → the stored face that this person wears; only for effects that need "worn".
        moods: track id → the newest mood of this person, which may be of an earlier frame; only for effects
            that need "moods", and empty where nothing reads moods.
        camera: uint8 [height, width, 3], BGR, read-only: the frame as the camera gave it, before any effect;
            None where the caller has not kept it.
        unmoved: what was before faces were moved; None while none has been.
        bodies: the newest bodies, in the order of their ids, which may be of an earlier frame; only for
            effects that need "bodies", and empty where nobody is seen or nothing tracks bodies.
    """

    stamp_ns: int
    faces: tuple[Face, ...] = ()
    faces_are_stale: bool = False
    worn: Mapping[int, Portrait] = field(default_factory=dict)
    moods: Mapping[int, Mood] = field(default_factory=dict)
    camera: Image | None = None
    unmoved: Unmoved | None = None
    bodies: tuple[Body, ...] = ()
    stored: Mapping[int, tuple[StoredFace, ...]] = field(default_factory=dict)
    language: str = "en"


class Effect(ABC):
    """Base of all effects.

    Class attributes:
        name: how people ask for it; also the prefix of its parameters (`<name>.<parameter>`).
        needs: which results the frame must be joined with, a subset of `INPUTS`.
        any_resolution: whether it may be given a smaller picture from one frame to the next, while the
            processor is short of time.
        gains_by_resolution: whether it is then so much quicker that this is worth the way to the smaller
            picture and back.
        alters_faces: whether it shows faces otherwise than they are: the picture is then marked where that is
            wished (`mirror_effects.watermark`).
        Parameters: frozen dataclass made with `mirror_core.parameters.parameter`.

    Attributes:
        parameters: the current values; replaced from outside when somebody changes one.
        level: how far work is lowered because the processor is short of time (`mirror_core.governor`), 0: not
            at all; replaced from outside.
    """

    name: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset()
    any_resolution: ClassVar[bool] = True
    gains_by_resolution: ClassVar[bool] = False
    alters_faces: ClassVar[bool] = True
    Parameters: ClassVar[type[Any]] = NoParameters

    def __init__(self) -> None:
        self.parameters: Any = self.Parameters()
        self.level = 0

    @abstractmethod
    def apply(self, image: Image, scene: Scene) -> Image:
        """Return the picture with the effect.

        Args:
            image: uint8 [height, width, 3], BGR. It may be read-only (other nodes share it): draw on
                `writable(image)`.
            scene: what is known about the frame.

        Returns:
            uint8 [height, width, 3] of the same size; `image` itself where nothing changes.
        """

    def scene_after(self, scene: Scene) -> Scene:
        """The scene as the effects behind this one in the stack find it; called after `apply`.

        An effect that moves faces in the picture returns a scene with the faces where they are now.
        """
        return scene

    def prepare(self, image: Image, scene: Scene) -> None:  # noqa: B027 – most effects need none
        """Work ahead on a frame while its faces are still being found.

        Called before `apply` for most frames (not for all), with faces predicted from the frames before.
        What takes long and needs the faces only roughly belongs here: another core finds the faces
        meanwhile.

        Args:
            image: as for `apply`, read-only.
            scene: its stamp is the frame's own, its faces are predicted.
        """

    def shown(self, image: Image, stamp_ns: int) -> None:  # noqa: B027 – most effects need none
        """Look at what the mirror shows, after the last effect; called after `apply` for every frame.

        Args:
            image: uint8 [height, width, 3], with the watermark where there is one; not changed any more.
            stamp_ns: of the frame.
        """

    def forget(self) -> None:  # noqa: B027 – most effects keep no picture
        """Forget every picture that was kept: the shutter is closed, or nobody looks any more."""

    def close(self) -> None:  # noqa: B027 – most effects hold nothing
        """Release what the effect holds; it is not used again."""


def writable(image: Image) -> Image:
    """`image` itself if it may be drawn on, else a copy: one copy a frame, whatever the stack."""
    return image if image.flags.writeable else image.copy()
