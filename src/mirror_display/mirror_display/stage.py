"""What stands over or in place of the picture: one place that knows all of it and what it needs.

It holds the small state machines (presence, first start, toasts, carousel, own face, link, privacy light)
and puts them together into one `StageView`. It needs neither a screen nor ROS; its clocks are given.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mirror_display.carousel import Carousel, CarouselView
from mirror_display.first_start import FirstStart, FirstStartView
from mirror_display.idle_motion import clock_shift
from mirror_display.own_face import OwnFace
from mirror_display.parameters import WindowParameters
from mirror_display.phone_link import LinkView, PhoneLink
from mirror_display.presence import Presence, Rest
from mirror_display.privacy_light import Light, PrivacyLight
from mirror_display.toasts import ToastKind, Toasts, ToastView
from mirror_display.window_texts import WindowTexts, window_texts

__all__ = ["Stage", "StageView"]

MOTION_HZ = 15.0  # the invitation moves so often a second
FADE_S = 0.7  # in which the picture gives way to the clock
FADE_STEPS = 12
BAR_S = 5.0  # the bar of buttons stands so long after a touch


@dataclass(frozen=True, slots=True)
class StageView:
    """What is shown besides the picture; two equal ones look the same.

    Attributes:
        rest: how the window rests.
        rested: 0 … 1, how far the picture has given way to that.
        clock, date: in words; empty while awake.
        shift: of the clock, as shares of the canvas's size.
        motion_s: time of the invitation's movement.
        light: the privacy light.
        first_start: the step that is told.
        toast: the message.
        carousel: the choice of an effect.
        link: the link for a phone.
        trouble: key of the texts of a lasting trouble, such as "too_dark"; empty for none.
        bar_shown: the buttons for fingers stand at the lower edge.
    """

    rest: Rest = Rest.AWAKE
    rested: float = 0.0
    clock: str = ""
    date: str = ""
    shift: tuple[float, float] = (0.0, 0.0)
    motion_s: float = 0.0
    light: Light = Light.UNKNOWN
    first_start: FirstStartView | None = None
    toast: ToastView | None = None
    carousel: CarouselView | None = None
    link: LinkView | None = None
    trouble: str = ""
    bar_shown: bool = False

    @property
    def hides_picture(self) -> bool:
        """Whether nothing of the picture is seen."""
        return self.rested >= 1.0


class Stage:
    """Knows what is shown besides the picture; every method may be called from any thread.

    Args:
        settings: of the window.
        clock: monotonic seconds.
        wall_clock: the time that the clock shows.
        on_first_start_end: called when the first start was told or skipped.
    """

    def __init__(
        self,
        settings: WindowParameters,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], datetime] = datetime.now,
        on_first_start_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock, self._wall_clock = clock, wall_clock
        self._lock = threading.RLock()
        self._settings = settings
        self._presence = Presence(settings.rest_times, clock())
        self._first_start = FirstStart(on_first_start_end)
        self._toasts, self._link, self._light = Toasts(), PhoneLink(), PrivacyLight()
        self._carousel, self._own_face = Carousel(settings.carousel_stay), OwnFace(settings.own_face_seconds)
        self._camera_is_on: bool | None = None
        self._chosen: str | None = None
        self._keeps_awake = False
        self._trouble = ""
        self._bar_until_s = float("-inf")

    def configure(self, settings: WindowParameters) -> None:
        """Go on with other settings."""
        with self._lock:
            self._settings = settings
            self._presence.times = settings.rest_times
            self._carousel.stay_s = settings.carousel_stay
            self._own_face.stay_s = settings.own_face_seconds

    @property
    def texts(self) -> WindowTexts:
        """The texts in the language of the settings."""
        return window_texts(self._settings.language)

    # ---- what is told

    def see_person(self) -> bool:
        """Somebody stands there; returns whether that woke the window."""
        with self._lock:
            return self._presence.see(self._clock())

    def see_picture(self) -> None:
        """A picture that the camera took has come."""
        with self._lock:
            self._light.see_picture(self._clock())

    def tell_camera(self, is_on: bool | None) -> None:
        """Take whether the camera runs, as it says itself; a change is said in words."""
        with self._lock:
            before, self._camera_is_on = self._camera_is_on, is_on
            self._light.tell(is_on)
            if before is not None and is_on is not None and is_on != before:
                key = "shutter_opened" if is_on else "shutter_closed"
                self.say(self.texts[f"window.{key}"], topic="shutter")

    def set_effects(self, names: Sequence[str], shown: Sequence[str]) -> None:
        """Take which effects there are and which stack is shown."""
        with self._lock:
            self._carousel.set_effects(names, shown[0] if shown else "")

    def say(self, text: str, kind: ToastKind = ToastKind.NOTE, topic: str = "") -> None:
        """Show a message for a moment; see `Toasts.say`."""
        with self._lock:
            self._toasts.say(text, self._clock(), kind, topic)

    def show_trouble(self, key: str) -> None:
        """Show a lasting trouble by the key of its texts; "" takes it back."""
        with self._lock:
            self._trouble = key

    def keep_awake(self, wanted: bool) -> None:
        """Do not rest while there is something to be seen, such as why there is no picture."""
        with self._lock:
            self._keeps_awake = wanted

    # ---- what is asked for

    def tell_first_start(self) -> None:
        """Tell from the beginning what the mirror sees and keeps."""
        with self._lock:
            self._presence.see(self._clock())
            self._first_start.begin(self._clock())

    @property
    def first_start_is_shown(self) -> bool:
        """Whether a step of the first start stands on the screen."""
        return self._first_start.is_shown

    @property
    def bar_is_shown(self) -> bool:
        """Whether the buttons for fingers stand on the screen."""
        with self._lock:
            return self._clock() < self._bar_until_s

    def go_on(self, step: int = 1) -> bool:
        """A key, touch or nod that agrees: the next step of the first start, or the effect in the middle.

        Returns:
            Whether there was anything to agree to.
        """
        with self._lock:
            if self._first_start.is_shown:
                self._first_start.go_on(self._clock(), step)
                return True
            if step > 0 and self._carousel.is_open:
                self._chosen = self._carousel.choose()
                return True
            return False

    def leave(self) -> bool:
        """A key or touch that declines what stands on the screen; returns whether anything stood there."""
        with self._lock:
            if self._first_start.is_shown:
                self._first_start.end()
            elif self._link.look(self._clock()) is not None:
                self._link.close()
            elif self._carousel.is_open:
                self._carousel.close()
            else:
                return False
            return True

    def step_carousel(self, step: int) -> bool:
        """Turn the carousel; returns whether there are effects to choose from."""
        with self._lock:
            if not self._carousel.has_effects:
                return False
            self._carousel.step(step, self._clock())
            return True

    def take_chosen(self) -> str | None:
        """The effect that was chosen since the last call."""
        with self._lock:
            chosen, self._chosen = self._chosen or self._carousel.stayed_with(self._clock()), None
            return chosen

    def hold_own_face(self, held: bool) -> None:
        """The key for one's own face goes down or up."""
        with self._lock:
            (self._own_face.press if held else self._own_face.release)(self._clock())

    def show_own_face(self) -> None:
        """Show one's own face for a while, as after a gesture."""
        with self._lock:
            self._own_face.show(self._clock())

    @property
    def own_face_is_asked(self) -> bool:
        """Whether the untouched picture is to be shown."""
        with self._lock:
            return self._own_face.is_asked(self._clock())

    def show_link(self, url: str, valid_s: float) -> None:
        """Show a link as a code for a phone."""
        with self._lock:
            self._link.show(url, self._clock(), valid_s)

    @property
    def link_is_shown(self) -> bool:
        """Whether a link stands on the screen."""
        with self._lock:
            return self._link.look(self._clock()) is not None

    def show_bar(self) -> None:
        """Show the buttons for fingers for a while."""
        with self._lock:
            self._bar_until_s = self._clock() + BAR_S

    def gesture(self, kind: str) -> None:
        """A head gesture: "nod", "shake", "tilt_left" or "tilt_right" (the person's own side)."""
        with self._lock:
            if kind == "nod" and self.go_on():
                return
            if self._settings.carousel_by_gesture and kind in ("tilt_left", "tilt_right"):
                self.step_carousel(-1 if kind == "tilt_left" else 1)
            elif kind == self._settings.own_face_gesture:
                self.show_own_face()

    # ---- what it needs

    @property
    def light(self) -> Light:
        """The privacy light now."""
        with self._lock:
            return self._light.look(self._clock())

    @property
    def rest(self) -> Rest:
        """How the window rests now."""
        with self._lock:
            self._stay_awake()
            return self._presence.look(self._clock())

    @property
    def wants_faces(self) -> bool:
        """Whether it is worth looking for faces to know that somebody is there."""
        with self._lock:
            return self._presence.wants_faces(self._clock())

    @property
    def wants_bodies(self) -> bool:
        """Whether it is worth looking for bodies too."""
        with self._lock:
            return self._settings.wake_by_body and self._presence.wants_bodies(self._clock())

    @property
    def wants_gestures(self) -> bool:
        """Whether head gestures would do anything."""
        with self._lock:
            settings = self._settings
            acts = settings.carousel_by_gesture or settings.own_face_gesture != "none"
            return self._first_start.is_shown or (acts and self.rest is Rest.AWAKE)

    # ---- what is shown

    def look(self) -> StageView:
        """What is shown now."""
        with self._lock:
            now_s, reduced = self._clock(), self._settings.reduced_motion
            first_start = self._first_start.look(now_s, reduced)
            link = self._link.look(now_s)
            rest = self.rest
            rested = 0.0
            if rest is not Rest.AWAKE:
                # Only the first rest takes over from the picture.
                share = (now_s - self._presence.rest_since_s) / FADE_S if rest is Rest.CLOCK else 1.0
                rested = 1.0 if reduced else round(min(max(share, 0.0), 1.0) * FADE_STEPS) / FADE_STEPS
            moment = self._wall_clock() if rest is not Rest.AWAKE else None
            moves = rest is Rest.ATTRACT and not reduced
            return StageView(
                rest=rest,
                rested=rested,
                clock=self.texts.time(moment) if moment is not None else "",
                date=self.texts.date(moment) if moment is not None else "",
                shift=clock_shift(now_s) if rest is Rest.DARK else (0.0, 0.0),
                motion_s=round(now_s * MOTION_HZ) / MOTION_HZ if moves else 0.0,
                light=self._light.look(now_s),
                first_start=first_start,
                toast=self._toasts.look(now_s, reduced),
                carousel=self._carousel.look(now_s, reduced),
                link=link,
                trouble=self._trouble if rest is Rest.AWAKE else "",
                bar_shown=now_s < self._bar_until_s,
            )

    def _stay_awake(self) -> None:
        """Whoever is told, choosing or scanning something is there, seen or not."""
        busy = self._first_start.is_shown or self._carousel.is_open or self._link.look(self._clock())
        if busy or self._keeps_awake or self._own_face.is_asked(self._clock()):
            self._presence.see(self._clock())
