"""The effect `mask`: a painted mask on each face, lit by the wearer's own light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ParameterError
from mirror_core.faces import Face
from mirror_core.frame import Image
from mirror_core.parameters import parameter
from mirror_effects.blend import BlendSettings, blend
from mirror_effects.effect import Effect, Scene, writable
from mirror_effects.face_light import UNITY, light_on_face, scene_exposure
from mirror_effects.face_visibility import visible_part
from mirror_effects.mask_library import MaskLibrary
from mirror_effects.mask_names import PRESETS, mask_names, named_folder
from mirror_effects.mask_texture import Cut
from mirror_effects.mesh_warp import MeshWarper, WarpMap
from mirror_effects.occlusion import shared_occlusion_layer
from mirror_effects.texture_pyramid import TexturePyramid
from mirror_effects.uv_chart import UV_POINTS
from mirror_tracking.topology import FILLED_TRIANGLES

__all__ = ["MaskEffect", "MaskParameters"]

SEAM_FEATHER, SEAM_EROSION = 0.03, 0.008  # of a seamless edge, as shares of the face's width

_accepted: set[tuple[str, str]] = (
    set()
)  # (folder, mask) seen once: removing a file must not block other changes


@dataclass(frozen=True)
class MaskParameters:
    """Which mask, and how it is worn."""

    mask: str = parameter(
        "gold",
        f"The mask: {', '.join(PRESETS)}, or the name of a PNG file in the folder, without its ending.",
    )
    folder: str = parameter(
        "", "Folder with masks of one's own (PNG); empty: ~/.local/share/mirror/masks. It may be missing."
    )
    strength: float = parameter(1.0, "Opacity of the mask.", minimum=0.0, maximum=1.0)
    eyes: bool = parameter(True, "Cut the eyes out, so that the wearer's own are seen.")
    mouth: bool = parameter(True, "Cut the open mouth out, so that the wearer's own is seen.")
    shading: float = parameter(
        0.7, "How much the light on the wearer's face also falls on the mask.", minimum=0.0, maximum=1.0
    )
    detail: float = parameter(
        0.0, "How much wrinkles and fine shadows of the skin show through.", minimum=0.0, maximum=1.0
    )
    per_person: bool = parameter(
        False, "Give each further person the next mask of the list, so that a group is a carnival."
    )
    feather: float = parameter(
        0.0,
        "Width over which the outer edge fades, as a share of the face's width.",
        minimum=0.0,
        maximum=0.3,
    )
    seamless: bool = parameter(
        False, "Let the mask take the colours of the skin around it, as for a photo of a face."
    )
    occlusion: bool = parameter(True, "Keep hands, glasses and hair in front of the mask.")

    def __post_init__(self) -> None:
        if (self.folder, self.mask) in _accepted:
            return
        names = mask_names(named_folder(self.folder))
        if self.mask not in names:
            raise ParameterError(f"mask = {self.mask} is refused: allowed is {' | '.join(names)}.")
        _accepted.add((self.folder, self.mask))


class MaskEffect(Effect):
    """Draws a mask on every face; it moves with the face, its eyes and its mouth."""

    name = "mask"
    needs = frozenset({"faces"})
    gains_by_resolution = True
    Parameters = MaskParameters

    def __init__(self) -> None:
        super().__init__()
        self._warper = MeshWarper(UV_POINTS, FILLED_TRIANGLES)
        self._library: MaskLibrary | None = None
        self._worn: dict[
            int, tuple[str, TexturePyramid]
        ] = {}  # track id → what it wears until the next is ready
        self._places: dict[int, int] = {}  # track id → place in the list of masks

    def apply(self, image: Image, scene: Scene) -> Image:
        """Draw a mask on every face, the largest on top."""
        parameters: MaskParameters = self.parameters
        if not scene.faces or parameters.strength <= 0:
            return image
        library = self._current_library()
        seen = {face.track_id for face in scene.faces}
        self._worn = {track: worn for track, worn in self._worn.items() if track in seen}
        self._keep_places(seen)
        drawings = []
        for face in reversed(scene.faces):
            texture = self._texture_for(library, face.track_id)
            if texture is None:
                continue
            warp_map = self._warper.map(face.landmarks, (image.shape[1], image.shape[0]))
            if not warp_map.is_empty:
                drawings.append((face, texture, warp_map, self._visible(image, face, scene, warp_map)))
        if not drawings:
            return image
        exposure = scene_exposure(image) if parameters.shading > 0 else 1.0
        image = writable(image)
        for _, texture, warp_map, visible in drawings:
            self._draw(image, texture, warp_map, visible, exposure)
        return image

    def prepare(self, image: Image, scene: Scene) -> None:
        """Look ahead for what is in front of the faces: the layer keeps its answer for this frame."""
        layer = (
            shared_occlusion_layer() if self.parameters.occlusion and self.parameters.strength > 0 else None
        )
        if layer is not None:
            for face in scene.faces:
                layer.visibility(image, face.landmarks, face.track_id, scene.stamp_ns)

    def close(self) -> None:
        """Stop watching the folder."""
        if self._library is not None:
            self._library.close()
            self._library = None

    # ---- who wears what

    def _current_library(self) -> MaskLibrary:
        folder = named_folder(self.parameters.folder)
        if self._library is None or self._library.folder != folder:
            self.close()
            self._library = MaskLibrary(folder)
        return self._library

    def _texture_for(self, library: MaskLibrary, track: int) -> TexturePyramid | None:
        parameters: MaskParameters = self.parameters
        name = parameters.mask
        if parameters.per_person:
            names = library.names
            start = names.index(name) if name in names else 0
            name = names[(start + self._places[track]) % len(names)]
        cut = Cut(parameters.eyes, parameters.mouth, round(parameters.feather, 3))
        # The first mask is waited for while the effect starts; later ones are made ready beside the frames.
        texture = library.get(name, cut) if self._worn else library.load(name, cut)
        if texture is None:
            worn = self._worn.get(track)
            return worn[1] if worn is not None else None
        self._worn[track] = (name, texture)
        return texture

    def _keep_places(self, seen: set[int]) -> None:
        """Whoever stays keeps their place; whoever comes gets the first that is free."""
        self._places = {track: place for track, place in self._places.items() if track in seen}
        for track in sorted(seen - set(self._places)):
            taken = set(self._places.values())
            self._places[track] = next(place for place in range(len(taken) + 1) if place not in taken)

    # ---- drawing

    def _visible(self, image: Image, face: Face, scene: Scene, warp_map: WarpMap) -> NDArray[np.uint8] | None:
        """uint8 [h, w] of the map's part: where the face itself is seen; None for everywhere."""
        layer = shared_occlusion_layer() if self.parameters.occlusion else None
        if layer is None:
            return None
        return visible_part(layer, image, face, scene, warp_map.x0, warp_map.y0, warp_map.coverage.shape)

    def _draw(
        self,
        image: Image,
        texture: TexturePyramid,
        warp_map: WarpMap,
        visible: NDArray[np.uint8] | None,
        exposure: float,
    ) -> None:
        parameters: Any = self.parameters
        height, width = warp_map.coverage.shape
        part = image[warp_map.y0 : warp_map.y0 + height, warp_map.x0 : warp_map.x0 + width]
        warped = self._warper.warp(texture, warp_map)
        colour: NDArray[Any] = cv2.cvtColor(warped, cv2.COLOR_BGRA2BGR)
        opacity: NDArray[Any] = cv2.extractChannel(warped, 3)
        if parameters.shading > 0 or parameters.detail > 0:
            gain = light_on_face(part, warp_map.coverage, parameters.shading, parameters.detail, exposure)
            colour = cv2.multiply(colour, cv2.cvtColor(gain, cv2.COLOR_GRAY2BGR), scale=1 / UNITY)
        if visible is not None:
            opacity = cv2.multiply(opacity, visible, scale=1 / 255)
        if parameters.seamless:
            settings = BlendSettings(
                strength=parameters.strength, feather_px=SEAM_FEATHER * width, erosion_px=SEAM_EROSION * width
            )
            blend(image, colour, opacity, warp_map.x0, warp_map.y0, settings)
            return
        share = opacity.astype(np.float32)
        share *= np.float32(parameters.strength / 255)
        part[:] = cv2.blendLinear(colour, part, share, 1 - share)
