"""The window on the mirror: shows the newest frame, draws the texts over it and reads the keys."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import replace

import pygame

from mirror_core.errors import MirrorError
from mirror_core.frame import Frame, Image
from mirror_display.actions import KEYS, WindowAction
from mirror_display.face_rings import FaceRings
from mirror_display.hud import Hud, HudState
from mirror_display.layout import Placement, place, render
from mirror_display.parameters import WindowParameters
from mirror_display.screen import OFFSCREEN_DRIVERS, choose_screen, init_driver
from mirror_display.statistics import ShownStatistics
from mirror_display.surface import read_surface, write_surface

__all__ = ["MirrorWindow"]

POLL_INTERVAL_S = 1 / 60  # keys are read this often even when no frame comes
TOAST_S = 4.0  # time for which an answer to a key stands
EFFECT_NAME_S = 2.5  # time for which a new effect's name stands
EFFECT_NAME_FADE_S = 0.5  # of which it fades at the end
FADE_STEPS = 12  # a fading text is redrawn at most this often when no frame comes
NO_PICTURE_YET = "Waiting for the first picture"


class MirrorWindow:
    """A window that shows the newest frame.

    `open`, `run`, `step` and `close` belong to the main thread; everything else may be called from
    any thread. Frames that come faster than the screen shows them are replaced, never queued.

    Keys for full screen, head-up display, mood rings and help act at once (see `settings`); every key
    is also handed to `on_action`.

    Args:
        settings: how to show the picture.
        on_shown: called on the main thread right after a frame is on the screen.
        on_action: called on the main thread for each key action and when the window is closed.
        clock: monotonic seconds.

    Attributes:
        captures: what is drawn around faces that are captured; told from any thread.
        moods: what is drawn around faces while `mood_ring` is on; told from any thread.
    """

    def __init__(
        self,
        settings: WindowParameters | None = None,
        on_shown: Callable[[Frame], None] | None = None,
        on_action: Callable[[WindowAction], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wanted = settings or WindowParameters()
        self._applied = self._wanted
        self._on_shown = on_shown
        self._on_action = on_action
        self._clock = clock
        self._rings = FaceRings()
        self.captures, self.moods = self._rings.captures, self._rings.moods
        self._can_cancel = False
        self._arrival = threading.Condition()  # guards everything that other threads hand in
        self._waiting: Frame | None = None
        self._clear_asked = False
        self._notice = ""
        self._toast = ""
        self._toast_time_s = float("-inf")
        self._effect = ""
        self._effect_time_s = float("-inf")
        self._replaced = 0
        self._screen = threading.RLock()  # guards the surface
        self._surface: pygame.Surface | None = None
        self._hud: Hud | None = None
        self._shown: Frame | None = None
        self._drawn: HudState | None = None
        self._statistics = ShownStatistics()
        self._help_shown = False
        self._quit_asked = False
        self._offscreen_reason: str | None = None

    @property
    def settings(self) -> WindowParameters:
        """The settings in force, with what keys have changed."""
        return self._wanted

    @property
    def offscreen_reason(self) -> str | None:
        """One sentence that says why nothing is seen, or None with a screen; known once open."""
        return self._offscreen_reason

    @property
    def driver(self) -> str:
        """SDL's name of the screen, such as "x11"; empty while closed."""
        return pygame.display.get_driver() if self._surface is not None else ""

    @property
    def replaced(self) -> int:
        """Frames that a newer one replaced before they were shown."""
        return self._replaced

    def submit(self, frame: Frame) -> None:
        """Show this frame next; a frame that still waits is dropped."""
        with self._arrival:
            if self._waiting is not None:
                self._replaced += 1
            self._waiting = frame
            self._clear_asked = False
            self._arrival.notify()

    def clear(self) -> None:
        """Forget the picture and show the empty window, as when the camera is switched off."""
        with self._arrival:
            self._waiting = None
            self._clear_asked = True
            self._arrival.notify()

    def update(self, settings: WindowParameters) -> None:
        """Take other settings from the next turn on."""
        with self._arrival:
            self._wanted = settings
            self._arrival.notify()

    def show_notice(self, text: str | None) -> None:
        """Keep a sentence on the screen until it is replaced or None."""
        with self._arrival:
            self._notice = text or ""
            self._arrival.notify()

    def show_toast(self, text: str) -> None:
        """Show a sentence for a moment, as the answer to a key."""
        with self._arrival:
            self._toast, self._toast_time_s = text, self._clock()
            self._arrival.notify()

    def set_can_cancel(self, can_cancel: bool) -> None:
        """Whether Escape now cancels a capture in place of closing the window."""
        self._can_cancel = can_cancel

    def set_effect_name(self, name: str) -> None:
        """Show an effect's name for a moment if it is another one than before."""
        with self._arrival:
            if name != self._effect:
                self._effect, self._effect_time_s = name, self._clock()
                self._arrival.notify()

    def snapshot(self) -> Image:
        """What is in the window now, texts included.

        Returns:
            uint8 [window height, window width, 3], BGR.

        Raises:
            MirrorError: if the window is not open.
        """
        with self._screen:
            if self._surface is None:
                raise MirrorError("There is no picture of the window because it is not open.")
            return read_surface(self._surface)

    def open(self) -> None:
        """Open the window, or the offscreen surface where there is no screen."""
        if self._surface is not None:
            return
        choice = choose_screen(os.environ)
        self._offscreen_reason = choice.offscreen_reason
        self._quit_asked = False
        with self._screen:
            try:
                self._open_driver(choice.driver)
            except pygame.error as error:
                pygame.display.quit()
                self._open_driver("dummy")
                self._offscreen_reason = (
                    f"The screen could not be opened ({error}), so the mirror runs offscreen."
                )
            if pygame.display.get_driver() in OFFSCREEN_DRIVERS and self._offscreen_reason is None:
                self._offscreen_reason = "SDL could not open the screen, so the mirror runs offscreen."
            self._hud = Hud()
            self._draw()

    def close(self) -> None:
        """Close the window; it can be opened again."""
        with self._screen:
            self._surface = self._hud = self._shown = self._drawn = None
            pygame.display.quit()

    def run(self, stop: threading.Event) -> None:
        """Show frames until `stop` is set or the person quits."""
        while not stop.is_set() and not self._quit_asked:
            self.step(POLL_INTERVAL_S)

    def step(self, timeout_s: float) -> bool:
        """One turn: wait for a frame, show it, read the keys.

        Args:
            timeout_s: longest wait in seconds.

        Returns:
            Whether a frame was shown.

        Raises:
            MirrorError: if the window is not open.
        """
        with self._arrival:
            if self._waiting is None and self._wanted is self._applied:
                self._arrival.wait(timeout_s)
            frame, self._waiting = self._waiting, None
            settings = self._wanted
            cleared, self._clear_asked = self._clear_asked, False
        with self._screen:
            if self._surface is None:
                raise MirrorError("The window shows frames only while it is open.")
            redraw = settings != self._applied or cleared or frame is not None
            self._apply(settings)
            if cleared:
                self._shown = None
            if frame is not None:
                self._shown = frame
            if self._rings.look(self._clock(), self._applied.mood_ring):
                redraw = True
            if redraw or self._hud_state() != self._drawn:
                self._draw()
        if frame is not None:
            self._statistics.add(self._clock(), frame.trace.age_s())
            if self._on_shown is not None:
                self._on_shown(frame)
        self._read_events()
        return frame is not None

    def _open_driver(self, driver: str | None) -> None:
        init_driver(driver)
        pygame.display.set_caption("Mirror")
        self._applied = self._wanted
        self._set_mode()

    def _set_mode(self) -> None:
        settings = self._applied
        size = (0, 0) if settings.fullscreen else (settings.width, settings.height)
        flags = pygame.FULLSCREEN if settings.fullscreen else pygame.RESIZABLE
        with warnings.catch_warnings():
            # A desktop may give the window another size, which is its right: the layout follows.
            warnings.simplefilter("ignore", RuntimeWarning)
            self._surface = pygame.display.set_mode(size, flags)
            if not settings.fullscreen and self._surface.get_size() != size:
                # Without a window manager the way back from full screen takes a second request.
                self._surface = pygame.display.set_mode(size, flags)
        pygame.mouse.set_visible(not settings.fullscreen)

    def _apply(self, settings: WindowParameters) -> None:
        before, self._applied = self._applied, settings
        if (before.fullscreen, before.width, before.height) != (
            settings.fullscreen,
            settings.width,
            settings.height,
        ):
            self._set_mode()

    def _hud_state(self) -> HudState:
        now = self._clock()
        left = self._effect_time_s + EFFECT_NAME_S - now
        opacity = min(max(left / EFFECT_NAME_FADE_S, 0.0), 1.0)
        has_picture = self._shown is not None
        toast = self._toast if now - self._toast_time_s < TOAST_S else ""
        return HudState(
            effect=self._effect if opacity > 0 else "",
            effect_opacity=round(opacity * FADE_STEPS) / FADE_STEPS,
            statistics=self._statistics.line(now) if self._applied.hud else "",
            notice=self._notice or toast or ("" if has_picture else NO_PICTURE_YET),
            hints=self._rings.hints(self._applied.mirrored),
            help_shown=self._help_shown,
            has_picture=has_picture,
        )

    def _placement(self, frame: Frame, window_size: tuple[int, int]) -> Placement:
        settings = self._applied
        # A placeholder carries a sentence, which nobody reads mirrored.
        mirrored = settings.mirrored and not frame.is_placeholder
        return place((frame.width, frame.height), window_size, mirrored, settings.rotation, settings.fit)

    def _draw(self) -> None:
        if self._surface is None or self._hud is None:
            return
        # SDL replaces the surface when the person resizes the window.
        self._surface = surface = pygame.display.get_surface() or self._surface
        placement = self._placement(self._shown, surface.get_size()) if self._shown is not None else None
        if placement is None or not placement.covers_window:
            surface.fill(self._applied.background_rgb)
        if self._shown is not None and placement is not None:
            write_surface(surface, render(self._shown.image, placement), *placement.window_target[:2])
            if not self._shown.is_placeholder:
                self._rings.draw(surface, placement)
        self._drawn = self._hud_state()
        self._hud.draw(surface, self._drawn, self._applied.rotation)
        pygame.display.flip()

    def _read_events(self) -> None:
        with self._screen:
            events = pygame.event.get()
        for event in events:
            if event.type == pygame.QUIT:
                self._act(WindowAction.QUIT)
            elif event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE and self._help_shown:
                self._act(WindowAction.HELP)
            elif event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE and self._can_cancel:
                self._act(WindowAction.CAPTURE)
            elif event.type == pygame.KEYDOWN and event.key in KEYS:
                self._act(KEYS[event.key])
            elif event.type in (pygame.VIDEORESIZE, pygame.VIDEOEXPOSE, pygame.WINDOWEXPOSED):
                self._drawn = None

    def _act(self, action: WindowAction) -> None:
        if action is WindowAction.QUIT:
            self._quit_asked = True
        elif action is WindowAction.HELP:
            self._help_shown = not self._help_shown
        elif action is WindowAction.TOGGLE_FULLSCREEN:
            self.update(replace(self._wanted, fullscreen=not self._wanted.fullscreen))
        elif action is WindowAction.TOGGLE_HUD:
            self.update(replace(self._wanted, hud=not self._wanted.hud))
        elif action is WindowAction.TOGGLE_MOOD_RING:
            self.update(replace(self._wanted, mood_ring=not self._wanted.mood_ring))
        if self._on_action is not None:
            self._on_action(action)
