"""What a person can ask of the window, and the keys for it."""

from __future__ import annotations

from enum import StrEnum

import pygame

__all__ = ["HELP_LINES", "KEYS", "WindowAction"]


class WindowAction(StrEnum):
    """A key's meaning; the values are handed to the window's `on_action`."""

    NEXT_EFFECT = "next_effect"
    PREVIOUS_EFFECT = "previous_effect"
    SHUTTER = "shutter"
    CAPTURE = "capture"
    WHO_AM_I = "who_am_i"
    WEAR_NEXT = "wear_next"
    TOGGLE_FULLSCREEN = "toggle_fullscreen"
    TOGGLE_HUD = "toggle_hud"
    TOGGLE_MOOD_RING = "toggle_mood_ring"
    HELP = "help"
    QUIT = "quit"


KEYS: dict[int, WindowAction] = {
    pygame.K_RIGHT: WindowAction.NEXT_EFFECT,
    pygame.K_SPACE: WindowAction.NEXT_EFFECT,
    pygame.K_LEFT: WindowAction.PREVIOUS_EFFECT,
    pygame.K_c: WindowAction.SHUTTER,
    pygame.K_p: WindowAction.CAPTURE,
    pygame.K_w: WindowAction.WEAR_NEXT,
    pygame.K_n: WindowAction.WHO_AM_I,
    pygame.K_f: WindowAction.TOGGLE_FULLSCREEN,
    pygame.K_F11: WindowAction.TOGGLE_FULLSCREEN,
    pygame.K_i: WindowAction.TOGGLE_HUD,
    pygame.K_m: WindowAction.TOGGLE_MOOD_RING,
    pygame.K_h: WindowAction.HELP,
    pygame.K_F1: WindowAction.HELP,
    pygame.K_q: WindowAction.QUIT,
    pygame.K_ESCAPE: WindowAction.QUIT,
}

HELP_LINES: tuple[tuple[str, str], ...] = (
    ("Right, Space", "next effect"),
    ("Left", "previous effect"),
    ("C", "camera off and on"),
    ("P", "lend your face for this visit; again: cancel"),
    ("W", "everybody wears the next face"),
    ("N", "say who you are: the next name"),
    ("F", "full screen"),
    ("I", "frame rate and latency"),
    ("M", "moods around the faces"),
    ("H", "this help"),
    ("Q, Esc", "quit"),
)
"""(keys, meaning) as the help shows them."""
