"""Layout: where a picture lies in the window, its pixels, and the way back from a window point.

Three coordinate systems, all continuous (pixel i covers i … i+1), origin in the upper left corner:

- image: the picture as the graph delivers it;
- canvas: what the person in front of the screen sees as upright;
- window: the canvas turned clockwise by `rotation`, as the screen's memory holds it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mirror_core.errors import ShapeError
from mirror_core.frame import Image, require_bgr

__all__ = [
    "ROTATIONS",
    "Placement",
    "Rect",
    "canvas_size",
    "canvas_to_window",
    "compose",
    "place",
    "rect_in_window",
    "render",
]

ROTATIONS = (0, 90, 180, 270)  # degrees, clockwise
_AREA_SCALE = 0.5  # from this scale downwards linear interpolation would skip pixels and flicker

Size = tuple[int, int]
"""(width, height) in pixels."""

Rect = tuple[int, int, int, int]
"""(x, y, width, height) in pixels."""


def canvas_size(window_size: Size, rotation: int) -> Size:
    """The upright size of a window of `window_size` whose screen is turned by `rotation` degrees."""
    return (window_size[1], window_size[0]) if rotation in (90, 270) else window_size


def canvas_to_window(x: float, y: float, window_size: Size, rotation: int) -> tuple[float, float]:
    """The window point that shows the canvas point (x, y)."""
    width, height = canvas_size(window_size, rotation)
    if rotation == 90:
        return height - y, x
    if rotation == 180:
        return width - x, height - y
    if rotation == 270:
        return y, width - x
    return x, y


def rect_in_window(rect: Rect, window_size: Size, rotation: int) -> Rect:
    """The window rectangle that shows the canvas rectangle `rect`."""
    x, y, width, height = rect
    ax, ay = canvas_to_window(x, y, window_size, rotation)
    bx, by = canvas_to_window(x + width, y + height, window_size, rotation)
    return int(min(ax, bx)), int(min(ay, by)), int(abs(bx - ax)), int(abs(by - ay))


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a picture lies in the window; made by `place`.

    Attributes:
        image_size: (width, height) of the picture.
        window_size: (width, height) of the window.
        source: the part of the image that is shown.
        target: the part of the canvas that it covers.
        mirrored: left and right are swapped on the canvas.
        rotation: clockwise turn from canvas to window in degrees.
    """

    image_size: Size
    window_size: Size
    source: Rect
    target: Rect
    mirrored: bool
    rotation: int

    @property
    def window_target(self) -> Rect:
        """The part of the window that the picture covers."""
        return rect_in_window(self.target, self.window_size, self.rotation)

    @property
    def covers_window(self) -> bool:
        """Whether no background is seen."""
        return self.window_target == (0, 0, *self.window_size)

    def window_point(self, x: float, y: float) -> tuple[float, float]:
        """The window point (x, y) that shows the image point (x, y)."""
        sx, sy, sw, sh = self.source
        tx, ty, tw, th = self.target
        u = (x - sx) / sw
        if self.mirrored:
            u = 1.0 - u
        return canvas_to_window(tx + u * tw, ty + (y - sy) / sh * th, self.window_size, self.rotation)

    def image_point(self, x: float, y: float) -> tuple[float, float] | None:
        """The image point that the window shows at (x, y), or None on the background."""
        # A turn back by 360° − rotation is the same mapping with the roles of the sizes swapped.
        canvas = canvas_size(self.window_size, self.rotation)
        cx, cy = canvas_to_window(x, y, canvas, -self.rotation % 360)
        sx, sy, sw, sh = self.source
        tx, ty, tw, th = self.target
        u, v = (cx - tx) / tw, (cy - ty) / th
        if not (0.0 <= u <= 1.0 and 0.0 <= v <= 1.0):
            return None
        if self.mirrored:
            u = 1.0 - u
        return sx + u * sw, sy + v * sh


def _fitted(length: int, scale: float, limit: int) -> int:
    return min(max(round(length * scale), 1), limit)


def place(image_size: Size, window_size: Size, mirrored: bool, rotation: int, fit: str) -> Placement:
    """Lay a picture into a window, centred and undistorted.

    Args:
        image_size: (width, height) of the picture, 1 or more.
        window_size: (width, height) of the window, 1 or more.
        mirrored: swap left and right as the person sees them.
        rotation: 0, 90, 180 or 270 degrees clockwise.
        fit: "letterbox" shows the whole picture, "fill" covers the whole window.

    Raises:
        ShapeError: if a size is not positive, or rotation or fit is none of the above.
    """
    if min(*image_size, *window_size) < 1:
        raise ShapeError(f"Sizes must be 1 × 1 or more, not image {image_size} and window {window_size}.")
    if rotation not in ROTATIONS:
        raise ShapeError(f"rotation must be one of {ROTATIONS} degrees, not {rotation}.")
    if fit not in ("letterbox", "fill"):
        raise ShapeError(f'fit must be "letterbox" or "fill", not {fit!r}.')
    width, height = image_size
    canvas_width, canvas_height = canvas_size(window_size, rotation)
    if fit == "letterbox":
        scale = min(canvas_width / width, canvas_height / height)
        target_width = _fitted(width, scale, canvas_width)
        target_height = _fitted(height, scale, canvas_height)
        source = (0, 0, width, height)
        x, y = (canvas_width - target_width) // 2, (canvas_height - target_height) // 2
        target = (x, y, target_width, target_height)
    else:
        scale = max(canvas_width / width, canvas_height / height)
        source_width = _fitted(canvas_width, 1 / scale, width)
        source_height = _fitted(canvas_height, 1 / scale, height)
        source = ((width - source_width) // 2, (height - source_height) // 2, source_width, source_height)
        target = (0, 0, canvas_width, canvas_height)
    return Placement(image_size, window_size, source, target, mirrored, rotation)


def _turn(image: Image, mirrored: bool, rotation: int) -> Image:
    """Mirror, then turn clockwise, in one or two passes over the pixels.

    Mirroring before a quarter turn equals a transposition and at most one flip.
    """
    match (rotation, mirrored):
        case (0, False):
            return image
        case (0, True):
            turned = cv2.flip(image, 1)
        case (180, False):
            turned = cv2.flip(image, -1)
        case (180, True):
            turned = cv2.flip(image, 0)
        case (90, False):
            turned = cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE)
        case (90, True):
            turned = cv2.flip(cv2.transpose(image), -1)
        case (270, False):
            turned = cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE)
        case _:
            turned = cv2.transpose(image)
    return turned  # type: ignore[return-value]


def _resize(image: Image, size: Size) -> Image:
    height, width = image.shape[:2]
    if (width, height) == size:
        return image
    small = size[0] <= width * _AREA_SCALE and size[1] <= height * _AREA_SCALE
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if small else cv2.INTER_LINEAR)  # type: ignore[return-value]


def render(image: Image, placement: Placement) -> Image:
    """The picture's pixels at their size in the window, without the background.

    Returns:
        uint8 [h, w, 3] of `placement.window_target`'s size; the (read-only) input itself or a view of
        it where nothing has to be done.
    """
    x, y, width, height = placement.source
    part = image[y : y + height, x : x + width]
    target_width, target_height = placement.target[2:]
    # Turning costs by the pixel, so it is done on the smaller of the two pictures.
    if target_width * target_height < width * height:
        part = _resize(part, (target_width, target_height))
        return _turn(part, placement.mirrored, placement.rotation)
    part = _turn(part, placement.mirrored, placement.rotation)
    return _resize(part, placement.window_target[2:])


def compose(
    image: Image,
    window_size: Size,
    mirrored: bool = True,
    rotation: int = 0,
    fit: str = "letterbox",
    *,
    background_bgr: tuple[int, int, int] = (0, 0, 0),
) -> Image:
    """The whole window's pixels for a picture.

    Args:
        image: uint8 [height, width, 3], BGR.
        window_size: (width, height) in pixels.
        mirrored, rotation, fit: see `place`.
        background_bgr: colour beside the picture.

    Returns:
        uint8 [window height, window width, 3], BGR; the input itself where nothing has to be done.

    Raises:
        ShapeError: if the image is not BGR, or as `place` does.
    """
    require_bgr(image)
    height, width = image.shape[:2]
    placement = place((width, height), window_size, mirrored, rotation, fit)
    picture = render(image, placement)
    if placement.covers_window:
        return picture
    window = np.empty((window_size[1], window_size[0], 3), np.uint8)
    window[:] = background_bgr
    x, y, w, h = placement.window_target
    window[y : y + h, x : x + w] = picture
    return window
