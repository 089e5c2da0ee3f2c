"""The Watermark panel of the Settings page: the mark on pictures in which an effect has changed a face.

Its parameters belong to the node `effects`. A picture of one's own comes from the browser and lies in the
state folder of the machine that serves the page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from nicegui import ui

from mirror_core.errors import EncodingError, StoreError, UsageError
from mirror_core.live_parameter import LiveParameter
from mirror_core.picture_size import can_be_decoded
from mirror_core.store.places import state_folder
from mirror_core.store.private_file import write_private
from mirror_effects.watermark import LARGEST_SIDE_PX, PICTURE
from mirror_web.catalogue import Texts, languages
from mirror_web.file_drop import ChosenFile, FileDrop
from mirror_web.parameter_words import choice_name, parameter_hint, parameter_name
from mirror_web.settings_rows import RowsPanel
from mirror_web.upload_kinds import FileKind
from mirror_web.uploads import LARGEST_UPLOAD_MB, Uploads

__all__ = ["NODE", "WatermarkPanel", "is_of_watermark", "keep_picture", "watermark_rows"]

NODE = "effects"
PREFIX = "watermark."
LANGUAGE = "language"  # of the mark's text, where none is given
SHOW, TEXT, FILE = f"{PREFIX}show", f"{PREFIX}text", f"{PREFIX}picture"
TEXTS = Texts("settings")


def is_of_watermark(name: str) -> bool:
    """Whether a parameter of the effects node stands in the panel."""
    return name == LANGUAGE or name.startswith(PREFIX)


def watermark_rows(effects: Mapping[str, LiveParameter]) -> tuple[LiveParameter, ...]:
    """The watermark's parameters in their order, and behind its text the language of that."""
    rows = [p for p in effects.values() if p.name.startswith(PREFIX)]
    place = next((place for place, p in enumerate(rows, start=1) if p.name == TEXT), None)
    if place is not None and LANGUAGE in effects:
        rows.insert(place, effects[LANGUAGE])
    return tuple(rows)


def _name(name: str) -> str:
    short = name.removeprefix(PREFIX)
    return TEXTS.get(f"watermark_{short}") or parameter_name(short)


def _hint(_: str, parameter: LiveParameter) -> str:
    if parameter.name == LANGUAGE:
        return TEXTS["watermark_language_hint"]
    return parameter_hint("watermark", replace(parameter, name=parameter.name.removeprefix(PREFIX)))


def _words(word: str) -> str:
    return languages().get(word) or choice_name(word)


def keep_picture(data: bytes) -> Path:
    """Keep a picture for the watermark in the state folder, in place of an earlier one; returns its file.

    Args:
        data: of a PNG, JPEG or WebP file.

    Raises:
        UsageError: if it is no picture, or a larger one than the watermark takes.
        StoreError: if it cannot be kept.
    """
    try:
        is_picture = can_be_decoded(data, "", LARGEST_SIDE_PX * LARGEST_SIDE_PX)
    except EncodingError:
        is_picture = False  # decoded it might fill the memory
    read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if is_picture else None
    if read is None or read.dtype != np.uint8 or max(read.shape[:2]) > LARGEST_SIDE_PX:
        raise UsageError(TEXTS["watermark_unreadable"].format(side=LARGEST_SIDE_PX))
    # Another picture has another name: the node reads it again only when the parameter changes.
    path = state_folder() / f"watermark-{hashlib.sha256(data).hexdigest()[:12]}.png"
    try:
        write_private(path, cv2.imencode(".png", read)[1].tobytes())
    except OSError as error:
        raise StoreError(TEXTS["watermark_not_kept"].format(reason=error.strerror)) from error
    for old in path.parent.glob("watermark-*.png"):
        if old != path:
            with suppress(OSError):  # it is in nobody's way
                old.unlink()
    return path


class WatermarkPanel(RowsPanel):
    """The panel in the current NiceGUI slot.

    Args:
        uploads: what the server awaits.
        on_picture: awaited with the parameters that show a picture which was chosen.
    """

    def __init__(self, uploads: Uploads, on_picture: Callable[[Mapping[str, Any]], Any]) -> None:
        super().__init__(
            NODE,
            TEXTS["watermark"],
            TEXTS["no_effects"],
            _hint,
            names=_name,
            choices=_words,
            about=TEXTS["watermark_hint"],
            panel="watermark",
        )
        self._on_picture = on_picture
        with self.element, ui.element("div") as self._own:
            self._drop = FileDrop(
                uploads,
                accept="image/png,image/jpeg,image/webp",
                title=TEXTS["watermark_drop"],
                hint=TEXTS["watermark_drop_hint"].format(limit=LARGEST_UPLOAD_MB, side=LARGEST_SIDE_PX),
                choose=TEXTS["watermark_choose"],
                on_chosen=self._on_chosen,
                on_error=self.alert.show,
                kinds=(FileKind.PICTURE,),
                as_it_is=True,
            )

    def show_effects(self, effects: Mapping[str, LiveParameter], defaults: Mapping[str, Any]) -> None:
        """Offer what the effects node has."""
        rows = watermark_rows(effects)
        self.show(rows, defaults)
        self._own.set_visibility(bool(rows))

    async def _on_chosen(self, _: ChosenFile) -> None:
        answer = await self._drop.send(lambda data: {"path": str(keep_picture(data))})
        self._drop.forget()
        error = answer.get("error")
        if error is None:
            await self._on_picture({SHOW: PICTURE, FILE: str(answer["path"])})
        else:
            self.alert.show(str(error) or TEXTS["no_answer"])
