"""What the window says, in the language of its parameter; the sentences stand in `texts/<language>.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from mirror_core.text_files import DEFAULT_LANGUAGE, TextFiles

__all__ = ["WindowTexts", "language_codes", "window_texts"]

_FILES = TextFiles("mirror_display", "The window")


def language_codes() -> tuple[str, ...]:
    """The languages that the window speaks, such as "de"."""
    return tuple(_FILES.languages)


class WindowTexts:
    """The texts of one language.

    Args:
        texts: by section, a dot and key.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def __getitem__(self, key: str) -> str:
        return self._texts[key]

    def get(self, key: str, default: str) -> str:
        """A text, or `default` where this language has none, as for an effect of another package."""
        return self._texts.get(key, default)

    def effect(self, name: str) -> str:
        """What an effect is called; an unknown one by its name with spaces and a capital."""
        words = name.replace("_", " ")
        return self._texts.get(f"effects.{name}", words[:1].upper() + words[1:])

    def stack(self, names: tuple[str, ...]) -> str:
        """What a stack of effects is called."""
        return ", ".join(self.effect(name) for name in names)

    def time(self, moment: datetime) -> str:
        """The time of day: "15:04"."""
        return self["clock.time"].format(hour=moment.hour, minute=moment.minute)

    def date(self, moment: datetime) -> str:
        """The day: "Saturday, 28 November"."""
        return self["clock.date"].format(
            weekday=self[f"clock.weekdays.{moment.isoweekday()}"],
            day=moment.day,
            month=self[f"clock.months.{moment.month}"],
        )


@cache
def window_texts(language: str = DEFAULT_LANGUAGE) -> WindowTexts:
    """The texts of a language.

    Raises:
        MirrorError: if its file cannot be read.
    """
    return WindowTexts(_FILES.of(language))
