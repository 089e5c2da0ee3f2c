"""Which masks there are: the presets and the PNG files in a person's own folder."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["PRESETS", "default_folder", "mask_files", "mask_names", "named_folder"]

PRESETS: dict[str, str] = {
    "gold": "a statue's face of hammered gold",
    "tiger": "orange fur and black stripes",
    "robot": "enamelled steel with lights",
    "calavera": "flowers and filigree of the Day of the Dead",
    "marble": "a marble bust with veins and cracks",
    "kabuki": "white ground and red kumadori strokes",
    "jade": "a burial mask of jade plates bound with gold",
    "cat": "a silver tabby with whiskers",
    "skull": "old bone and teeth",
    "cubist": "planes, each in its own light",
    "clown": "diamonds, a red nose and a wide smile",
    "leopard": "golden fur with rosettes",
}
"""Name → what it shows, in the order in which different people get them."""

SUFFIX = ".png"


def default_folder() -> Path:
    """Where a person's own masks are looked for: `mirror/masks` in the XDG data folder."""
    data = os.environ.get("XDG_DATA_HOME", "")
    root = Path(data) if data.startswith("/") else Path.home() / ".local" / "share"
    return root / "mirror" / "masks"


def named_folder(folder: str) -> Path:
    """The folder that a parameter names; empty means the default one."""
    return Path(folder).expanduser() if folder else default_folder()


def mask_files(folder: Path) -> dict[str, Path]:
    """Mask name → file, by name; empty where the folder is missing or cannot be read."""
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() == SUFFIX and path.name[0] != "."]
    except OSError:
        return {}
    return {path.stem: path for path in sorted(found)}


def mask_names(folder: Path) -> tuple[str, ...]:
    """All masks: the presets, then the files. A file with a preset's name replaces it."""
    return tuple(dict.fromkeys([*PRESETS, *mask_files(folder)]))
