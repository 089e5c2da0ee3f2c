"""Every sentence of the Shape page."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["TEXTS", "component_words"]

TEXTS: Mapping[str, str] = {
    "mean": "Mean face",
    "photo": "Photograph",
    "view_hint": "Drag to turn it; double-click to look from the front.",
    "view_label": "The mean face with the sliders’ values. Arrow keys turn it, Home looks from the front.",
    "photo_label": "The photograph with the sliders’ values",
    "photo_loading": "Looking for the face …",
    "photo_own": "Your photograph",
    "photo_drop": "Drop a photo here, or choose one",
    "photo_choose": "Choose a photo",
    "photo_hint": "JPEG, PNG or WebP, {limit} MB at most. It is forgotten when this page is closed.",
    "photo_demo": "Back to the demo portrait",
    "send_failed": "The photo did not reach the mirror; try again.",
    "deform": "Deform",
    "deform_hint": "How faces differ from each other, one slider for each way; in standard deviations.",
    "presets": "Presets",
    "preset_none": "None",
    "strength": "Strength",
    "more": "All {count} sliders",
    "less": "Fewer sliders",
    "reset": "Reset",
    "caricature": "Caricature",
    "caricature_hint": "More than 1 exaggerates what tells a face from the mean face, 0 is the mean face’s "
    "shape. It shows on the photograph and on the mirror.",
    "factor": "Factor",
    "live": "On the mirror",
    "live_hint": "Sends what is set here to everybody before the mirror.",
    "no_effect": "This mirror runs without the effect “{effect}”.",
}


def component_words(number: int, label: str) -> str:
    """What a component is called: "3 · Jaw, up and down"."""
    return f"{number} · {label[:1].upper()}{label[1:]}"
