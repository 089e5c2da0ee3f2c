"""The watermark in the effects node: which pictures get it, and what stands in for a missing own picture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mirror_core.diagnostics import Level
from mirror_core.errors import ParameterError
from mirror_core.frame import Image
from mirror_effects.effect import Scene
from mirror_effects.stack import EffectStack
from mirror_effects.watermark import TEXT, Watermark, WatermarkParameters, is_altered

if TYPE_CHECKING:
    from mirror_core.node import MirrorNode

__all__ = ["Marking"]

CONDITION = "watermark"


class Marking:
    """Marks altered pictures; made in `open`.

    Args:
        node: whose health it uses.
        stack: whose pictures are marked.
        parameters: how.
        language: of the text.
    """

    def __init__(
        self, node: MirrorNode, stack: EffectStack, parameters: WatermarkParameters, language: str
    ) -> None:
        self._node = node
        self._stack = stack
        self._parameters = parameters
        self._language = language
        try:
            self._watermark = Watermark(parameters, language)
        except ParameterError as error:  # the mirror still marks
            self._watermark = Watermark(replace(parameters, show=TEXT), language)
            node.health.set_condition(CONDITION, Level.WARN, f"The watermark is a text: {error}")

    def configure(self, parameters: WatermarkParameters) -> None:
        """Mark otherwise from now on.

        Raises:
            ParameterError: if the own picture cannot be read; everything then stays as it was.
        """
        self._watermark = Watermark(parameters, self._language)
        self._parameters = parameters
        self._node.health.clear_condition(CONDITION)

    def speak(self, language: str) -> None:
        """Write the text in another language."""
        if language != self._language:
            self._watermark = Watermark(self._parameters, language)
            self._language = language

    def marked(self, image: Image, scene: Scene) -> Image:
        """The picture after all effects, with the mark where one of them has changed a face.

        Args:
            image: uint8 [height, width, 3].
            scene: before any effect, with the camera's picture.
        """
        if not self._watermark.is_on or not self._stack.alters_faces or scene.camera is None:
            return image
        with self._stack.stages["watermark"].measure():
            return self._watermark.mark(image) if is_altered(image, scene.camera, scene.faces) else image
