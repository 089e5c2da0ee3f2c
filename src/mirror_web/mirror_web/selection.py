"""Which effects are wanted after a tap: choosing one, combining several, changing their order."""

from __future__ import annotations

from mirror_web.catalogue import Texts

__all__ = ["NO_EFFECT", "chosen", "moved", "plain_name", "shown_name", "toggled"]

_NAMES = Texts("effect")

NO_EFFECT = "none"  # the effect that changes nothing


def shown_name(name: str) -> str:
    """An effect's name as a person reads it; one that the catalogue does not know keeps its own."""
    return _NAMES.get(name) or plain_name(name)


def plain_name(name: str) -> str:
    """A name of the code as words: "landmarks" → "Landmarks", "face_swap" → "Face swap"."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def chosen(name: str) -> tuple[str, ...]:
    """Only this effect."""
    return (name,)


def toggled(available: tuple[str, ...], active: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The active effects with `name` added at the end, or taken out if it is among them.

    Without any left, the effect that changes nothing is chosen where there is one.
    """
    if name in active:
        names = tuple(other for other in active if other != name)
    else:
        names = (*(other for other in active if other != NO_EFFECT), name)
    if not names and NO_EFFECT in available:
        return (NO_EFFECT,)
    return names


def moved(active: tuple[str, ...], name: str, by: int) -> tuple[str, ...]:
    """The active effects with `name` moved by that many places, at most to the ends."""
    others = [other for other in active if other != name]
    others.insert(min(max(active.index(name) + by, 0), len(others)), name)
    return tuple(others)
