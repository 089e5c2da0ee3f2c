"""Everything that the window draws around faces: the rings of captures and those of moods."""

from __future__ import annotations

import pygame

from mirror_display.capture_ring import draw_ring
from mirror_display.captures import Captures, CaptureState, CaptureView
from mirror_display.label_places import LabelPlace, place_labels
from mirror_display.layout import Placement, canvas_size
from mirror_display.mood_label import MoodLabels
from mirror_display.mood_ring import draw_mood_ring
from mirror_display.mood_rings import MoodRings, MoodView
from mirror_display.mood_words import ENGLISH, MoodWords
from mirror_display.panels import canvas_unit, put_panel
from mirror_display.ring import Ring, ring_around
from mirror_display.surface import pixels_of

__all__ = ["FaceRings"]

HINTS_HEIGHT = 130  # is kept free for the hints of captures, where the canvas's shorter side has 720 px
LENGTHS = (True, False)  # a label with the next moods where there is room, else without


class FaceRings:
    """Knows and draws the rings around faces. A face that is captured has the capture's ring only.

    Attributes:
        captures, moods: told from any thread; everything else belongs to the window's thread.
    """

    def __init__(self) -> None:
        self.captures = Captures()
        self.moods = MoodRings()
        self._captured: tuple[CaptureView, ...] = ()
        self._moods: tuple[MoodView, ...] = ()
        self._labels: MoodLabels | None = None
        self._words = ENGLISH
        self._places: dict[int, LabelPlace] = {}

    def speak(self, words: MoodWords) -> None:
        """Write the moods in these words."""
        if words != self._words:
            self._words, self._labels = words, None

    def look(self, now_s: float, with_moods: bool) -> bool:
        """Take what is to be drawn now; returns whether that looks different from before."""
        before = self._captured, self._moods
        self._captured = self.captures.views(now_s)
        if with_moods:
            self._moods = self.moods.views(now_s, {view.track_id for view in self._captured})
        else:
            self.moods.clear()
            self._moods = ()
        return before != (self._captured, self._moods)

    def hints(self, mirrored: bool) -> tuple[tuple[str, CaptureState], ...]:
        """What the people who are captured shall do, from left to right as the window shows them."""
        views = reversed(self._captured) if mirrored else self._captured
        return tuple((view.hint, view.state) for view in views if view.hint)

    def draw(self, surface: pygame.Surface, placement: Placement) -> None:
        """Draw over the picture.

        Args:
            surface: the window.
            placement: where the picture lies in it.
        """
        if self._captured or self._moods:
            with pixels_of(surface) as pixels:
                rings = [draw_mood_ring(pixels, view, placement) for view in self._moods]
                for view in self._captured:
                    draw_ring(pixels, view, placement)
            self._draw_labels(surface, rings, placement)

    def _draw_labels(self, surface: pygame.Surface, rings: list[Ring], placement: Placement) -> None:
        rotation = placement.rotation
        canvas = width, height = canvas_size(surface.get_size(), rotation)
        unit = canvas_unit(canvas)
        if self.hints(mirrored=False):
            canvas = (width, max(height - round(HINTS_HEIGHT * unit), 1))
        if self._labels is None:
            self._labels = MoodLabels(self._words)
        label = self._labels.label
        panels = [
            [label(view.reading, is_long, unit, rotation) for is_long in LENGTHS] for view in self._moods
        ]
        sizes = [[canvas_size(panel.get_size(), rotation) for panel in choices] for choices in panels]
        kept = [self._places.get(view.track_id) for view in self._moods]
        captured = [ring_around(view.box, placement) for view in self._captured if view.box is not None]
        places = place_labels(rings, sizes, canvas, kept, captured)
        self._places = {
            view.track_id: place for view, place in zip(self._moods, places, strict=True) if place is not None
        }
        for view, choices, place in zip(self._moods, panels, places, strict=True):
            if place is not None:
                panel = choices[place.choice]
                put_panel(surface, panel, place.rect[:2], rotation=rotation, opacity=view.presence)
