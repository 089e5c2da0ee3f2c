"""What changed in the effects' parameters, as a short sentence."""

from __future__ import annotations

from collections.abc import Mapping

from mirror_core.live_parameter import LiveValue
from mirror_display.window_texts import WindowTexts

__all__ = ["change_words"]


def change_words(changes: Mapping[str, LiveValue], texts: WindowTexts) -> str:
    """One sentence about changed parameters, "" where none belongs to an effect.

    Args:
        changes: `<effect>.<parameter>` → the new value.
        texts: of the language.
    """
    ours = {tuple(name.split(".", 1)): value for name, value in changes.items() if "." in name}
    if not ours:
        return ""
    effects = dict.fromkeys(texts.effect(effect) for effect, _ in ours)
    if len(ours) > 1:
        return texts["window.changed_many"].format(effect=", ".join(effects), count=len(ours))
    ((_, name), value) = next(iter(ours.items()))
    return texts["window.changed_one"].format(
        effect=next(iter(effects)), name=name.replace("_", " "), value=_value_words(value, texts)
    )


def _value_words(value: LiveValue, texts: WindowTexts) -> str:
    if isinstance(value, bool):
        return texts["window.yes" if value else "window.no"]
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value)
    return str(value).replace("_", " ")
