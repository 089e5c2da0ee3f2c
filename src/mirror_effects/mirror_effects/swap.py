"""The effect `swap`: somebody else's face on yours, moved by your expression and lit by your light."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Face, Roi
from mirror_core.frame import Image
from mirror_core.parameters import parameter
from mirror_effects.colour_match import ColourMatch
from mirror_effects.effect import Effect, Scene, writable
from mirror_effects.face_blend import FaceBlend, blend_face
from mirror_effects.face_cells import FaceCells
from mirror_effects.face_openings import EYES, MOUTH, cut_openings, eye_opening, mouth_opening
from mirror_effects.face_turn import turn_of_face
from mirror_effects.face_visibility import visible_part
from mirror_effects.live_source import LiveFaces, draw_live
from mirror_effects.mesh_warp import MeshWarper, WarpMap
from mirror_effects.occlusion import OcclusionLayer, shared_occlusion_layer
from mirror_effects.portrait_library import PortraitLibrary
from mirror_effects.portrait_texture import CHART_POINTS, LEVELS, PortraitTexture, ViewTexture
from mirror_effects.view_choice import ViewChoice
from mirror_gallery.portrait import Portrait
from mirror_gallery.presets import preset_names
from mirror_tracking.topology import FACE_OVAL, FILLED_TRIANGLES

__all__ = ["SwapEffect", "SwapParameters"]

NONE = "none"
DEFAULT_PRESET = "average"
WORN, EXCHANGE = "worn", "exchange"
WEARER, SOURCE = "wearer", "source"
SHUT_MOUTH, SHUT_EYES = 0.06, 0.12  # opening over width below which there is nothing inside to be shown
EROSION = 0.012  # of the seam inwards, as a share of the face's width
BLUR_OCTAVES, LEVEL_MARGIN = 0.25, 0.08  # when a texture's next smaller level is taken, and kept
Picture = NDArray[np.uint8]


def _preset_choices() -> tuple[str, ...]:
    return (NONE, *preset_names())


@dataclass(frozen=True)
class SwapParameters:
    """Who wears whose face, and what of it."""

    mode: str = parameter(
        WORN,
        "worn: everybody wears the stored face that was given to them. exchange: the people in front of the "
        "mirror wear each other's faces; with three or more, each that of the next who came.",
        choices=(WORN, EXCHANGE),
    )
    preset: str = parameter(
        DEFAULT_PRESET if DEFAULT_PRESET in preset_names() else NONE,
        "The face that everybody wears who has been given none; none: they keep their own.",
        choices=_preset_choices,
    )
    strength: float = parameter(1.0, "0 shows the own face, 1 the other.", minimum=0.0, maximum=1.0)
    eyes: str = parameter(WEARER, "Whose eyes look out between the lids.", choices=(WEARER, SOURCE))
    mouth: str = parameter(
        WEARER,
        "Whose teeth and tongue are seen in the open mouth. The wearer's also where the other face's mouth "
        "is shut.",
        choices=(WEARER, SOURCE),
    )
    colour: float = parameter(
        1.0,
        "How much the face takes on the colour and the light of the wearer's skin.",
        minimum=0.0,
        maximum=1.0,
    )
    feather: float = parameter(
        0.06,
        "Width over which the outer edge fades, as a share of the face's width.",
        minimum=0.0,
        maximum=0.3,
    )
    occlusion: bool = parameter(True, "Keep hands, glasses and hair in front of the face.")


@dataclass(slots=True, eq=False)
class _Wearer:
    """What is kept about one person from frame to frame.

    Attributes:
        views: which view of the stored face is shown.
        colours: the light on this person.
        level: of the texture, by how large the face is.
        is_dressed: whether something was drawn last time.
    """

    views: ViewChoice = field(default_factory=ViewChoice)
    colours: ColourMatch = field(default_factory=ColourMatch)
    level: int = -1
    is_dressed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Drawing:
    """A face that is ready to be drawn.

    Attributes:
        face: the wearer.
        corner: column and row of its upper left pixel in the picture.
        colour: uint8 [h, w, 3].
        opacity: uint8 [h, w], where the wearer's face is seen.
        loops: outlines of the openings through which the wearer's own eyes and mouth are seen.
    """

    face: Face
    corner: tuple[int, int]
    colour: Image
    opacity: Picture
    loops: tuple[NDArray[np.int32], ...]


class SwapEffect(Effect):
    """Shows everybody with another face: a stored one, or that of somebody else in front of the mirror."""

    name = "swap"
    needs = frozenset({"faces", "worn"})
    gains_by_resolution = True
    Parameters = SwapParameters

    def __init__(self) -> None:
        super().__init__()
        self._warper = MeshWarper(CHART_POINTS, FILLED_TRIANGLES)
        self._level_warpers = {0: self._warper}
        self._library = PortraitLibrary()
        self._wearers: dict[int, _Wearer] = {}
        self._live = LiveFaces()

    def make_ready(self, *portraits: Portrait) -> None:
        """Wait until these stored faces, and the preset, can be worn; else they appear when they are."""
        for portrait in portraits:
            self._library.get(portrait)
        if self.parameters.preset != NONE:
            self._library.get_preset(self.parameters.preset)
        self._library.wait()

    def apply(self, image: Image, scene: Scene) -> Image:
        """Draw the other faces, that of the nearest person last."""
        parameters: SwapParameters = self.parameters
        self._keep(scene)
        if parameters.strength <= 0 or not scene.faces:
            return image
        layer = shared_occlusion_layer() if parameters.occlusion else None
        if parameters.mode == EXCHANGE:
            self._look_at_everybody(image, scene, layer)
        drawings = []
        for number, face in reversed(list(enumerate(scene.faces))):
            drawing = self._drawing(image, scene, layer, face, scene.faces[:number])
            self._wearers[face.track_id].is_dressed = drawing is not None
            if drawing is not None:
                drawings.append(drawing)
        if not drawings:
            return image
        image = writable(image)
        for drawing in drawings:
            self._draw(image, drawing, scene.stamp_ns)
        return image

    def prepare(self, image: Image, scene: Scene) -> None:
        """Look ahead for what is in front of the faces: the layer keeps its answer for this frame."""
        parameters: SwapParameters = self.parameters
        layer = shared_occlusion_layer() if parameters.occlusion and parameters.strength > 0 else None
        if layer is None:
            return
        for face in scene.faces:
            wearer = self._wearers.get(face.track_id)
            if wearer is not None and wearer.is_dressed:
                layer.visibility(image, face.landmarks, face.track_id, scene.stamp_ns)

    def close(self) -> None:
        """Forget all faces."""
        self._library.close()
        self._live.clear()

    # ---- who wears what

    def _keep(self, scene: Scene) -> None:
        """Forget who has left, and every stored face that nobody wears."""
        seen = {face.track_id for face in scene.faces}
        self._wearers = {track: wearer for track, wearer in self._wearers.items() if track in seen}
        for track in seen - self._wearers.keys():
            self._wearers[track] = _Wearer()
        self._library.keep([self.parameters.preset, *(portrait.id for portrait in scene.worn.values())])
        if self.parameters.mode != EXCHANGE:
            self._live.clear()

    def _look_at_everybody(self, image: Image, scene: Scene, layer: OcclusionLayer | None) -> None:
        def visible(face: Face, part: Roi) -> Picture | None:
            if layer is None or len(scene.faces) < 2:
                return None
            shape = (int(part.height), int(part.width))
            return visible_part(layer, image, face, scene, int(part.x), int(part.y), shape)

        self._live.update(image, scene.faces, visible, scene.stamp_ns)

    def _texture(self, face: Face, scene: Scene) -> PortraitTexture | None:
        portrait = scene.worn.get(face.track_id)
        if portrait is not None:
            return self._library.get(portrait)
        preset = self.parameters.preset
        return None if preset == NONE else self._library.get_preset(preset)

    # ---- the other face, warped

    def _drawing(
        self, image: Image, scene: Scene, layer: OcclusionLayer | None, face: Face, nearer: tuple[Face, ...]
    ) -> _Drawing | None:
        size = (image.shape[1], image.shape[0])
        if self.parameters.mode == EXCHANGE:
            source = self._live.partner_of(face.track_id)
            if source is None:
                return None
            warp_map, warped = draw_live(self._warper, source, face.landmarks, size)
            mouth, eyes = mouth_opening(source.landmarks), eye_opening(source.landmarks)
        else:
            texture = self._texture(face, scene)
            if texture is None:
                return None
            warp_map, warped, view = self._from_stored(texture, face, size, scene.stamp_ns)
            mouth, eyes = view.mouth, view.eyes
        if warp_map.is_empty:
            return None
        colour = np.asarray(cv2.cvtColor(warped, cv2.COLOR_BGRA2BGR), np.uint8)
        opacity = np.asarray(
            cv2.multiply(cv2.extractChannel(warped, 3), warp_map.coverage, scale=1 / 255), np.uint8
        )
        x0, y0 = warp_map.x0, warp_map.y0
        if layer is not None:
            seen = visible_part(layer, image, face, scene, x0, y0, opacity.shape)
            opacity = np.asarray(cv2.multiply(opacity, seen, scale=1 / 255), np.uint8)
        for other in nearer:
            _cut_face(opacity, other, x0, y0)
        return _Drawing(face, (x0, y0), colour, opacity, self._own_parts(face, mouth, eyes))

    def _from_stored(
        self, texture: PortraitTexture, face: Face, size: tuple[int, int], stamp_ns: int
    ) -> tuple[WarpMap, Picture, ViewTexture]:
        """The stored face on the wearer's landmarks, uint8 [h, w, 4], and the view that it shows."""
        wearer, views = self._wearers[face.track_id], texture.views
        current, before, share = 0, 0, 1.0
        if len(views) > 1:
            turns = [view.turn for view in views]
            current, before, share = wearer.views.choose(turns, turn_of_face(face), stamp_ns)
        wearer.level = _level(face, wearer.level)
        warp_map = self._warper_for(wearer.level).map(face.landmarks, size)
        warped = _sampled(views[current], wearer.level, warp_map)
        if share < 1:
            earlier = _sampled(views[before], wearer.level, warp_map)
            warped = np.asarray(cv2.addWeighted(warped, share, earlier, 1 - share, 0), np.uint8)
        return warp_map, warped, views[current]

    def _warper_for(self, level: int) -> MeshWarper:
        """The mesh on the textures' halves, quarters, …"""
        if level not in self._level_warpers:
            corners = CHART_POINTS[FILLED_TRIANGLES] * np.float32(0.5**level)
            self._level_warpers[level] = self._warper.with_texture(corners)
        return self._level_warpers[level]

    def _own_parts(self, face: Face, mouth: float, eyes: float) -> tuple[NDArray[np.int32], ...]:
        """The outlines of the wearer's eyes and mouth, as far as they shall be seen.

        Args:
            face: the wearer.
            mouth, eyes: how far those of the other face are open.
        """
        parameters: SwapParameters = self.parameters
        loops: tuple[NDArray[np.int32], ...] = ()
        if parameters.eyes == WEARER or eyes < SHUT_EYES:
            loops += EYES
        if mouth_opening(face.landmarks) > SHUT_MOUTH and (parameters.mouth == WEARER or mouth < SHUT_MOUTH):
            loops += MOUTH
        return loops

    # ---- laid into the picture

    def _draw(self, image: Image, drawing: _Drawing, stamp_ns: int) -> None:
        parameters: SwapParameters = self.parameters
        (x0, y0), (height, width) = drawing.corner, drawing.opacity.shape
        landmarks = drawing.face.landmarks
        points = landmarks[:, :2] - np.array([x0, y0], np.float32)
        target = image[y0 : y0 + height, x0 : x0 + width]
        cells = FaceCells.of(target, drawing.colour, drawing.opacity, points)
        skins = self._wearers[drawing.face.track_id].colours.skins(cells, stamp_ns, parameters.colour)
        cut_openings(drawing.opacity, points, drawing.loops)
        face_width = float(np.ptp(landmarks[FACE_OVAL, 0]))
        how = FaceBlend(parameters.strength, face_width, parameters.feather, EROSION, parameters.colour)
        blend_face(image, drawing.colour, drawing.opacity, drawing.corner, cells, skins, how)


def _level(face: Face, before: int) -> int:
    """The level of the texture for a face of this size; near a border it stays what it was."""
    chart_px = CHART_POINTS[:, 1].max() - CHART_POINTS[:, 1].min()
    octave = math.log2(max(chart_px / math.sqrt(max(face.roi.area, 1.0)), 1.0)) + BLUR_OCTAVES
    if before < 0 or abs(octave - before - 0.5) > 0.5 + LEVEL_MARGIN:
        before = int(octave)
    return min(before, LEVELS - 1)


def _sampled(view: ViewTexture, level: int, warp_map: WarpMap) -> Picture:
    picture = view.levels[level]
    if warp_map.is_empty:  # of a face that lies outside, or is no larger than a pixel
        return np.zeros((*warp_map.map_x.shape, 4), np.uint8)
    return np.asarray(cv2.remap(picture, warp_map.map_x, warp_map.map_y, cv2.INTER_LINEAR), np.uint8)


def _cut_face(opacity: Picture, face: Face, x0: int, y0: int) -> None:
    """Leave out of a farther face's opacity what a nearer face covers, in place."""
    height, width = opacity.shape
    roi = face.roi
    if roi.x >= x0 + width or roi.y >= y0 + height or roi.x + roi.width <= x0 or roi.y + roi.height <= y0:
        return
    hull = cv2.convexHull(face.landmarks[FACE_OVAL, :2] - np.array([x0, y0], np.float32))
    cv2.fillConvexPoly(opacity, np.rint(hull).astype(np.int32), (0,))
