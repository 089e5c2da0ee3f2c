"""Lasting troubles that people can do something about, and how they are known from nodes' sentences."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["TOO_DARK", "lasting_trouble"]

TOO_DARK = "It is too dark to see anybody well: switch on a light in front of the mirror."
"""What the camera node says of dark pictures."""

_WORDS = {  # key of the trouble: words in the sentence of the node that has it
    "disk_full": ("disk is full", "the disk is full", "disk is too full", "MiB left, and"),
    "too_dark": (TOO_DARK,),
}


def lasting_trouble(sentences: Iterable[str]) -> str:
    """The key of the trouble that some node tells of, the graver one first; "" where none does.

    Args:
        sentences: what nodes say about themselves.
    """
    told = tuple(sentences)
    for key, words in _WORDS.items():
        if any(word in sentence for sentence in told for word in words):
            return key
    return ""
