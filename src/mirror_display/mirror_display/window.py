"""The window on the mirror: shows the newest frame, draws the texts over it and reads the keys."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pygame

from mirror_core.errors import MirrorError
from mirror_core.frame import Frame, Image
from mirror_display.actions import WindowAction
from mirror_display.effect_name import EffectName
from mirror_display.face_rings import FaceRings
from mirror_display.hud import Hud, HudState
from mirror_display.layout import Placement, place, render
from mirror_display.mood_words import words_of
from mirror_display.parameters import WindowParameters
from mirror_display.presence import Rest
from mirror_display.privacy_light import Light
from mirror_display.screen import OFFSCREEN_DRIVERS, choose_screen, init_driver, open_surface
from mirror_display.stage import Stage, StageView
from mirror_display.stage_drawing import StageDrawing
from mirror_display.statistics import ShownStatistics
from mirror_display.surface import read_surface, write_surface
from mirror_display.toasts import ToastKind
from mirror_display.widgets.covered import covered_regions
from mirror_display.widgets.layer import WidgetLayer
from mirror_display.window_input import WindowInput

__all__ = ["MirrorWindow"]

POLL_INTERVAL_S = 1 / 60  # keys are read this often even when no frame comes
REST_INTERVAL_S = 1 / 15  # … while nobody is there
WAKE_S = 2.0  # time in which a picture comes after the window has woken


class MirrorWindow:
    """A window that shows the newest frame.

    `open`, `run`, `step` and `close` belong to the main thread; everything else may be called from
    any thread. Frames that come faster than the screen shows them are replaced, never queued.

    Keys for full screen, head-up display, mood rings and help act at once (see `settings`); every key
    that nothing on the screen has taken is also handed to `on_action`.

    Args:
        settings: how to show the picture.
        on_shown: called on the main thread right after a frame is on the screen.
        on_action: called on the main thread for each key action and when the window is closed.
        on_choice: called on the main thread with the effect that was chosen in the carousel.
        clock: monotonic seconds.
        wall_clock: the time that is shown while nobody is there.

    Attributes:
        stage: what stands over or in place of the picture; told from any thread.
        widgets: clock, date and the like in their regions; told from any thread.
        captures: what is drawn around faces that are captured; told from any thread.
        moods: what is drawn around faces while `mood_ring` is on; told from any thread.
    """

    def __init__(
        self,
        settings: WindowParameters | None = None,
        on_shown: Callable[[Frame], None] | None = None,
        on_action: Callable[[WindowAction], None] | None = None,
        *,
        on_choice: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], datetime] = datetime.now,
        on_first_start_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._wanted = settings or WindowParameters()
        self._applied = self._wanted
        self._on_shown = on_shown
        self._on_action = on_action
        self._on_choice = on_choice
        self._clock = clock
        self.stage = Stage(self._wanted, clock, wall_clock, on_first_start_end)
        self._input = WindowInput(self.stage, self._act, clock)
        self._rings = FaceRings()
        self._rings.speak(words_of(self.stage.texts))
        self.widgets = WidgetLayer()
        self.captures, self.moods = self._rings.captures, self._rings.moods
        self._arrival = threading.Condition()  # guards everything that other threads hand in
        self._waiting: tuple[Frame, bool] | None = None
        self._clear_asked = False
        self._notice = ""
        self._effect = EffectName()
        self._replaced = 0
        self._screen = threading.RLock()  # guards the surface
        self._surface: pygame.Surface | None = None
        self._hud: Hud | None = None
        self._stage_drawing: StageDrawing | None = None
        self._shown: Frame | None = None
        self._shows_own_face = False
        self._emptied_s = float("-inf")
        self._drawn: tuple[HudState, StageView] | None = None
        self._statistics = ShownStatistics()
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

    def submit(self, frame: Frame, is_own_face: bool = False) -> None:
        """Show this frame next; a frame that still waits is dropped.

        Args:
            frame: the picture.
            is_own_face: it is the camera's untouched picture, which is then said beside it.
        """
        if not frame.is_placeholder:
            self.stage.see_picture()
        with self._arrival:
            if self._waiting is not None:
                self._replaced += 1
            self._waiting = frame, is_own_face
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
        self.stage.configure(settings)
        with self._arrival:
            self._wanted = settings
            self._arrival.notify()

    def wake(self) -> None:
        """Look at once at what has changed on the stage, and not at the end of a pause."""
        with self._arrival:
            self._arrival.notify()

    def show_notice(self, text: str | None) -> None:
        """Keep a sentence on the screen until it is replaced or None."""
        with self._arrival:
            self._notice = text or ""
            self._arrival.notify()

    def show_toast(self, text: str, kind: ToastKind = ToastKind.NOTE, topic: str = "") -> None:
        """Show a sentence for a moment, as the answer to a key; see `Toasts.say`."""
        self.stage.say(text, kind, topic)
        self.wake()

    @property
    def can_cancel(self) -> bool:
        """Whether Escape now cancels a capture in place of closing the window."""
        return self._input.can_cancel

    def set_can_cancel(self, can_cancel: bool) -> None:
        """Whether Escape now cancels a capture in place of closing the window."""
        self._input.can_cancel = can_cancel

    def set_effect_name(self, name: str) -> None:
        """Show an effect's name for a moment if it is another one than before."""
        with self._arrival:
            if self._effect.tell(name, self._clock()):
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
            self._hud, self._stage_drawing = Hud(), StageDrawing()
            self._draw(self._look())

    def close(self) -> None:
        """Close the window; it can be opened again."""
        with self._screen:
            self._surface = self._hud = self._stage_drawing = self._shown = self._drawn = None
            pygame.display.quit()

    def run(self, stop: threading.Event, on_turn: Callable[[], None] = lambda: None) -> None:
        """Show frames until `stop` is set or the person quits; `on_turn` is called each time round."""
        while not stop.is_set() and not self._quit_asked:
            is_awake = self.stage.rest is Rest.AWAKE
            self.step(POLL_INTERVAL_S if is_awake else REST_INTERVAL_S)
            on_turn()

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
            waiting, self._waiting = self._waiting, None
            settings = self._wanted
            cleared, self._clear_asked = self._clear_asked, False
        frame = waiting[0] if waiting is not None else None
        chosen = self.stage.take_chosen()
        with self._screen:
            if self._surface is None:
                raise MirrorError("The window shows frames only while it is open.")
            redraw = settings != self._applied or cleared or frame is not None
            self._apply(settings)
            if cleared:
                self._shown = None
            if waiting is not None:
                self._shown, self._shows_own_face = waiting
            if self._rings.look(self._clock(), self._applied.mood_ring):
                redraw = True
            if self.widgets.look(self._clock(), self._applied.widget_places, self._applied.language):
                redraw = True
            state = self._look()
            if redraw or state != self._drawn:
                self._draw(state)
        if frame is not None:
            self._statistics.add(self._clock(), frame.trace.age_s())
            if self._on_shown is not None:
                self._on_shown(frame)
        if chosen is not None and self._on_choice is not None:
            self._on_choice(chosen)
        self._read_events()
        return frame is not None

    def _open_driver(self, driver: str | None) -> None:
        init_driver(driver)
        pygame.display.set_caption("Mirror")
        self._applied = self._wanted
        self._set_mode()

    def _set_mode(self) -> None:
        settings = self._applied
        size = None if settings.fullscreen else (settings.width, settings.height)
        self._surface = open_surface(size)

    def _apply(self, settings: WindowParameters) -> None:
        before, self._applied = self._applied, settings
        if before.language != settings.language:
            self._rings.speak(words_of(self.stage.texts))
        if (before.fullscreen, before.width, before.height) != (
            settings.fullscreen,
            settings.width,
            settings.height,
        ):
            self._set_mode()

    def _look(self) -> tuple[HudState, StageView]:
        """What is to be seen besides the picture now."""
        stage = self.stage.look()
        if stage.hides_picture:
            # Whoever wakes the window must not see who stood there before.
            self._shown, self._emptied_s = None, self._clock()
        return self._hud_state(stage), stage

    def _hud_state(self, stage: StageView) -> HudState:
        if stage.rest is not Rest.AWAKE:
            return HudState(toast=stage.toast, help_shown=self._input.help_shown)
        now = self._clock()
        has_picture = self._shown is not None
        effect, opacity = self._effect.look(now, self._applied.reduced_motion)
        if self._shows_own_face and has_picture:
            effect, opacity = self.stage.texts["window.own_face"], 1.0
        elif stage.carousel is not None or stage.first_start is not None:
            effect = ""
        # A window that wakes has its picture a moment later.
        waits = (
            not has_picture
            and now - self._emptied_s > WAKE_S
            and stage.light is not Light.CLOSED
            and stage.first_start is None
        )
        return HudState(
            effect=effect,
            effect_opacity=opacity,
            statistics=self._statistics.line(now) if self._applied.hud else "",
            notice=self._notice or (self.stage.texts["window.no_picture_yet"] if waits else ""),
            toast=stage.toast,
            hints=self._rings.hints(self._applied.mirrored),
            help_shown=self._input.help_shown,
            has_picture=has_picture,
        )

    def _placement(self, frame: Frame, window_size: tuple[int, int]) -> Placement:
        settings = self._applied
        # A placeholder carries a sentence, which nobody reads mirrored.
        mirrored = settings.mirrored and not frame.is_placeholder
        return place((frame.width, frame.height), window_size, mirrored, settings.rotation, settings.fit)

    def _draw(self, state: tuple[HudState, StageView]) -> None:
        if self._surface is None or self._hud is None or self._stage_drawing is None:
            return
        self._drawn = hud, stage = state
        # SDL replaces the surface when the person resizes the window.
        self._surface = surface = pygame.display.get_surface() or self._surface
        self._draw_picture(surface, self._picture_to_show(stage))
        has_picture = self._picture_to_show(stage) is not None
        corner = self._applied.privacy_light if stage.light is not Light.UNKNOWN else ""
        self.widgets.draw(surface, self._applied.rotation, covered_regions(hud, stage), corner)
        self._stage_drawing.draw(surface, stage, self._applied, self.stage.texts, has_picture)
        self._hud.draw(surface, hud, self._applied.rotation, self.stage.texts)
        self._stage_drawing.draw_light(surface, stage, self._applied, self.stage.texts)
        pygame.display.flip()

    def _draw_picture(self, surface: pygame.Surface, frame: Frame | None) -> None:
        placement = self._placement(frame, surface.get_size()) if frame is not None else None
        if placement is None or not placement.covers_window:
            surface.fill(self._applied.background_rgb)
        if frame is not None and placement is not None:
            write_surface(surface, render(frame.image, placement), *placement.window_target[:2])
            if not frame.is_placeholder:
                self._rings.draw(surface, placement)

    def _picture_to_show(self, stage: StageView) -> Frame | None:
        """The newest frame; none once the shutter is closed, which is said in the window's own words."""
        return None if stage.light is Light.CLOSED else self._shown

    def _read_events(self) -> None:
        with self._screen:
            events = pygame.event.get()
            size = self._surface.get_size() if self._surface is not None else (1, 1)
        if self._input.read(events, size, self._applied):
            self._drawn = None

    def _act(self, action: WindowAction) -> None:
        if action is WindowAction.QUIT:
            self._quit_asked = True
        elif action is WindowAction.HELP:
            self._input.help_shown = not self._input.help_shown
        elif action is WindowAction.TOGGLE_FULLSCREEN:
            self.update(replace(self._wanted, fullscreen=not self._wanted.fullscreen))
        elif action is WindowAction.TOGGLE_HUD:
            self.update(replace(self._wanted, hud=not self._wanted.hud))
        elif action is WindowAction.TOGGLE_MOOD_RING:
            self.update(replace(self._wanted, mood_ring=not self._wanted.mood_ring))
        if self._on_action is not None:
            self._on_action(action)
