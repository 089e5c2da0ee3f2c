"""What a person can ask of the window, and the keys for it."""

from __future__ import annotations

from enum import StrEnum

import pygame

from mirror_display.window_texts import WindowTexts, window_texts

__all__ = ["HELP_LINES", "KEYS", "WindowAction", "help_lines"]


class WindowAction(StrEnum):
    """A key's meaning; the values are handed to the window's `on_action`."""

    NEXT_EFFECT = "next_effect"
    PREVIOUS_EFFECT = "previous_effect"
    CHOOSE = "choose"
    SHUTTER = "shutter"
    OWN_FACE = "own_face"
    CAPTURE = "capture"
    WHO_AM_I = "who_am_i"
    WEAR_NEXT = "wear_next"
    PAIR = "pair"
    TOGGLE_FULLSCREEN = "toggle_fullscreen"
    TOGGLE_HUD = "toggle_hud"
    TOGGLE_MOOD_RING = "toggle_mood_ring"
    FIRST_START = "first_start"
    HELP = "help"
    QUIT = "quit"


KEYS: dict[int, WindowAction] = {
    pygame.K_RIGHT: WindowAction.NEXT_EFFECT,
    pygame.K_SPACE: WindowAction.NEXT_EFFECT,
    pygame.K_LEFT: WindowAction.PREVIOUS_EFFECT,
    pygame.K_RETURN: WindowAction.CHOOSE,
    pygame.K_KP_ENTER: WindowAction.CHOOSE,
    pygame.K_c: WindowAction.SHUTTER,
    pygame.K_o: WindowAction.OWN_FACE,
    pygame.K_p: WindowAction.CAPTURE,
    pygame.K_w: WindowAction.WEAR_NEXT,
    pygame.K_n: WindowAction.WHO_AM_I,
    pygame.K_r: WindowAction.PAIR,
    pygame.K_f: WindowAction.TOGGLE_FULLSCREEN,
    pygame.K_F11: WindowAction.TOGGLE_FULLSCREEN,
    pygame.K_i: WindowAction.TOGGLE_HUD,
    pygame.K_m: WindowAction.TOGGLE_MOOD_RING,
    pygame.K_a: WindowAction.FIRST_START,
    pygame.K_h: WindowAction.HELP,
    pygame.K_F1: WindowAction.HELP,
    pygame.K_q: WindowAction.QUIT,
    pygame.K_ESCAPE: WindowAction.QUIT,
}

_HELP = {  # key of the texts: what stands on the key, where that is the same in every language
    "next_effect": "",
    "previous_effect": "",
    "choose": "",
    "shutter": "C",
    "own_face": "O",
    "capture": "P",
    "wear_next": "W",
    "who_am_i": "N",
    "pair": "R",
    "fullscreen": "F",
    "hud": "I",
    "mood_ring": "M",
    "first_start": "A",
    "help": "H",
    "quit": "",
}


def help_lines(texts: WindowTexts) -> tuple[tuple[str, str], ...]:
    """(keys, meaning) as the help shows them in a language."""
    return tuple((key or texts[f"keys.{name}"], texts[f"help.{name}"]) for name, key in _HELP.items())


HELP_LINES: tuple[tuple[str, str], ...] = help_lines(window_texts())
"""The help in English."""
