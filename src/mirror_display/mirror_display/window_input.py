"""Keys, fingers and the mouse become actions; what stands on the screen gets them first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pygame

from mirror_display.actions import KEYS, WindowAction
from mirror_display.layout import Size, canvas_size, canvas_to_window
from mirror_display.light_sign import light_area
from mirror_display.parameters import WindowParameters
from mirror_display.presence import Rest
from mirror_display.privacy_light import Light
from mirror_display.stage import Stage
from mirror_display.touch import Touch, TouchKind, TouchReader
from mirror_display.touch_bar import Button, button_at

__all__ = ["WindowInput"]

EDGE = 0.12  # share of the width at each side in which a tap is a step
MOUSE = -1  # the mouse's place among the fingers
STEPS = {WindowAction.NEXT_EFFECT: 1, WindowAction.PREVIOUS_EFFECT: -1}
BUTTON_ACTIONS = {
    Button.PREVIOUS: WindowAction.PREVIOUS_EFFECT,
    Button.NEXT: WindowAction.NEXT_EFFECT,
    Button.PAIR: WindowAction.PAIR,
    Button.SHUTTER: WindowAction.SHUTTER,
}


class WindowInput:
    """Reads what people do; belongs to the window's thread.

    Args:
        stage: what stands on the screen.
        act: called for each action.
        clock: monotonic seconds.

    Attributes:
        help_shown: the list of keys stands on the screen, which Escape closes.
        can_cancel: Escape cancels a capture in place of closing the window.
    """

    def __init__(self, stage: Stage, act: Callable[[WindowAction], None], clock: Callable[[], float]) -> None:
        self._stage, self._act, self._clock = stage, act, clock
        self._touch = TouchReader()
        self.help_shown = False
        self.can_cancel = False

    def read(self, events: Iterable[Any], window_size: Size, settings: WindowParameters) -> bool:
        """Take SDL's events.

        Args:
            events: pygame events, in order.
            window_size: width and height in pixels.
            settings: of the window.

        Returns:
            Whether the window has to be drawn anew, because it was covered or has another size.
        """
        redraw = False
        for event in events:
            if event.type == pygame.QUIT:
                self._act(WindowAction.QUIT)
            elif event.type == pygame.KEYDOWN:
                self._on_key(event.key)
            elif event.type == pygame.KEYUP and KEYS.get(event.key) is WindowAction.OWN_FACE:
                self._stage.hold_own_face(False)
            elif event.type in (pygame.VIDEORESIZE, pygame.VIDEOEXPOSE, pygame.WINDOWEXPOSED):
                redraw = True
            else:
                self._on_pointer(event, window_size, settings)
        held = self._touch.look(self._clock())
        if held is not None:
            self._on_touch(held, window_size, settings)
        return redraw

    # ---- keys

    def _on_key(self, key: int) -> None:
        self._stage.see_person()
        action = KEYS.get(key)
        if key == pygame.K_ESCAPE:
            self._on_escape()
        elif action in STEPS and self._stage.first_start_is_shown:
            self._stage.go_on(STEPS[action])
        elif action is WindowAction.OWN_FACE:
            self._stage.hold_own_face(True)
            self._act(action)
        elif action is WindowAction.PAIR and self._stage.link_is_shown:
            self._stage.leave()
        elif action is WindowAction.CHOOSE:
            self._stage.go_on()
        elif action is not None:
            self._act(action)

    def _on_escape(self) -> None:
        if self.help_shown:
            self._act(WindowAction.HELP)
        elif self._stage.leave():
            return
        else:
            self._act(WindowAction.CAPTURE if self.can_cancel else WindowAction.QUIT)

    # ---- fingers and the mouse

    def _on_pointer(self, event: Any, window_size: Size, settings: WindowParameters) -> None:
        if event.type in (pygame.FINGERDOWN, pygame.FINGERMOTION, pygame.FINGERUP):
            pointer, x, y = event.finger_id, event.x * window_size[0], event.y * window_size[1]
        elif (
            event.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP, pygame.MOUSEMOTION)
            and not getattr(event, "touch", False)  # SDL tells fingers a second time as a mouse
            and getattr(event, "button", 1) == 1
        ):
            pointer, (x, y) = MOUSE, event.pos
        else:
            return
        u, v = self._canvas_share(x, y, window_size, settings.rotation)
        if event.type in (pygame.FINGERDOWN, pygame.MOUSEBUTTONDOWN):
            self._touch.down(pointer, u, v, self._clock())
        elif event.type in (pygame.FINGERMOTION, pygame.MOUSEMOTION):
            self._touch.move(pointer, u, v)
        else:
            touch = self._touch.up(pointer, u, v, self._clock())
            if touch is not None:
                self._on_touch(touch, window_size, settings)

    @staticmethod
    def _canvas_share(x: float, y: float, window_size: Size, rotation: int) -> tuple[float, float]:
        canvas = canvas_size(window_size, rotation)
        # A turn back by 360° − rotation is the same mapping with the roles of the sizes swapped.
        u, v = canvas_to_window(x, y, canvas, -rotation % 360)
        return u / canvas[0], v / canvas[1]

    def _on_touch(self, touch: Touch, window_size: Size, settings: WindowParameters) -> None:
        stage = self._stage
        was_awake = stage.rest is Rest.AWAKE
        stage.see_person()
        if touch.kind is TouchKind.HOLD_END:
            stage.hold_own_face(False)
        elif not was_awake:
            return  # the touch that wakes the window does nothing else
        elif touch.kind is TouchKind.HOLD:
            stage.hold_own_face(True)
            self._act(WindowAction.OWN_FACE)
        elif touch.kind is TouchKind.TAP:
            self._on_tap(touch, canvas_size(window_size, settings.rotation), settings)
        else:
            self._step(1 if touch.kind is TouchKind.SWIPE_LEFT else -1)

    def _on_tap(self, touch: Touch, canvas: Size, settings: WindowParameters) -> None:
        stage, x, y = self._stage, touch.x * canvas[0], touch.y * canvas[1]
        is_closed = stage.light is Light.CLOSED
        left, top, width, height = light_area(canvas, settings.privacy_light, is_closed)
        button = button_at(x, y, canvas) if stage.bar_is_shown else None
        if left <= x < left + width and top <= y < top + height:
            self._act(WindowAction.SHUTTER)
        elif stage.link_is_shown and not stage.first_start_is_shown:
            stage.leave()
        elif stage.go_on():
            return
        elif button is Button.OWN_FACE:
            stage.show_own_face()
            self._act(WindowAction.OWN_FACE)
        elif button is not None:
            stage.show_bar()
            self._act(BUTTON_ACTIONS[button])
        elif touch.x < EDGE or touch.x > 1 - EDGE:
            self._step(-1 if touch.x < EDGE else 1)
        else:
            stage.show_bar()

    def _step(self, step: int) -> None:
        if self._stage.first_start_is_shown:
            self._stage.go_on(step)
        else:
            self._act(WindowAction.NEXT_EFFECT if step > 0 else WindowAction.PREVIOUS_EFFECT)
