"""The manifest of a face file: who, when, with which consent, and what each view is; JSON, versioned."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from mirror_core.errors import UsageError
from mirror_gallery.consent import Consent, Scope, as_utc
from mirror_gallery.face_names import checked_name

__all__ = ["MOST_SIDE_PX", "MOST_VIEWS", "VERSION", "Manifest", "ViewEntry"]

FORMAT = "mirrorface"
VERSION = 1
MOST_MANIFEST_BYTES = 64 * 1024
MOST_VIEWS = 16
MOST_SIDE_PX = 4096
MOST_PIXELS = 32_000_000  # of all views together
ID = re.compile(r"(preset:)?[A-Za-z0-9_-]{1,64}", re.ASCII)
MOST_DEGREES = 360.0


@dataclass(frozen=True, slots=True)
class ViewEntry:
    """What a manifest says about one view.

    Attributes:
        index: of the view, from 0.
        suffix: of the picture: "webp" or "png".
        width, height: in pixels.
        yaw, pitch, roll: in degrees, NaN where unknown, as in `FaceView`.
    """

    index: int
    suffix: str
    width: int
    height: int
    yaw: float = math.nan
    pitch: float = math.nan
    roll: float = math.nan

    @property
    def image(self) -> str:
        """The picture's name in the archive."""
        return f"views/{self.index}.{self.suffix}"

    @property
    def opacity(self) -> str:
        """The opacity's name in the archive."""
        return f"views/{self.index}.opacity.png"

    @property
    def landmarks(self) -> str:
        """The landmarks' name in the archive."""
        return f"views/{self.index}.landmarks.npy"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a face file says beside its pictures.

    Attributes:
        id, name, preset: of the portrait.
        created: when the face was stored first, in UTC.
        consent: None for a face that belongs to nobody.
        views: one entry for each view, in order.

    Raises:
        UsageError: if something is not allowed in a face file.
    """

    id: str
    name: str
    preset: bool
    created: datetime
    consent: Consent | None
    views: tuple[ViewEntry, ...]

    def __post_init__(self) -> None:
        if not ID.fullmatch(self.id):
            raise UsageError(
                f"A face's id consists of up to 64 letters, digits, - and _, not of {self.id[:80]!r}."
            )
        object.__setattr__(self, "name", checked_name(self.name))
        object.__setattr__(self, "created", as_utc(self.created, "The creation time of a face"))
        if not 1 <= len(self.views) <= MOST_VIEWS:
            raise UsageError(f"A face file has 1 to {MOST_VIEWS} views, not {len(self.views)}.")
        for view in self.views:
            if not (1 <= view.width <= MOST_SIDE_PX and 1 <= view.height <= MOST_SIDE_PX):
                raise UsageError(
                    f"A view of a face is at most {MOST_SIDE_PX} px wide and high, "
                    f"not {view.width} × {view.height}; make the picture smaller."
                )
        if sum(view.width * view.height for view in self.views) > MOST_PIXELS:
            raise UsageError(
                f"The views of a face have at most {MOST_PIXELS // 1_000_000} million pixels together; "
                "make the pictures smaller."
            )

    def to_json(self) -> bytes:
        """UTF-8; `from_json` gives the same manifest back."""
        content = {
            "format": FORMAT,
            "version": VERSION,
            "id": self.id,
            "name": self.name,
            "preset": self.preset,
            "created": self.created.isoformat(),
            "consent": None if self.consent is None else _consent_to_json(self.consent),
            "views": [
                {
                    "image": view.image,
                    "width": view.width,
                    "height": view.height,
                    **{
                        key: None if math.isnan(angle) else float(angle)
                        for key, angle in (("yaw", view.yaw), ("pitch", view.pitch), ("roll", view.roll))
                    },
                }
                for view in self.views
            ],
        }
        return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Read a manifest from anywhere.

        Raises:
            UsageError: if it is not one of a version that this Mirror knows.
        """
        if len(data) > MOST_MANIFEST_BYTES:
            raise UsageError("This face file's manifest is too long.")
        try:
            content = json.loads(data.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise UsageError("This face file's manifest is not JSON.") from None
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise UsageError("This is not a face file: its manifest is of something else.")
        version = _field(content, "version", int)
        if version > VERSION:
            raise UsageError(
                f"This face file is of version {version}, made by a newer Mirror than this one, which reads "
                f"version {VERSION}; update Mirror to read it."
            )
        if version < 1:
            raise UsageError(f"This face file is of version {version}, which never existed.")
        consent = content.get("consent")
        views = _field(content, "views", list)
        if len(views) > MOST_VIEWS:
            raise UsageError(f"A face file has 1 to {MOST_VIEWS} views, not {len(views)}.")
        return cls(
            id=_field(content, "id", str),
            name=_field(content, "name", str),
            preset=_field(content, "preset", bool),
            created=_moment(content, "created"),
            consent=None if consent is None else _consent_from_json(consent),
            views=tuple(_view_from_json(index, view) for index, view in enumerate(views)),
        )


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _wrong(key: str) -> UsageError:
    return UsageError(f"This face file's manifest is damaged: {key!r} is missing or of the wrong kind.")


def _field(content: dict[str, Any], key: str, kind: type) -> Any:
    value = content.get(key)
    if type(value) is not kind:  # a bool is no int here
        raise _wrong(key)
    return value


def _moment(content: dict[str, Any], key: str) -> datetime:
    try:
        return datetime.fromisoformat(_field(content, key, str))
    except ValueError:
        raise _wrong(key) from None


def _consent_to_json(consent: Consent) -> dict[str, Any]:
    return {
        "scope": consent.scope.value,
        "until": None if consent.until is None else consent.until.isoformat(),
        "others_may_wear": consent.others_may_wear,
        "recognise": consent.recognise,
    }


def _consent_from_json(content: Any) -> Consent:
    if not isinstance(content, dict):
        raise _wrong("consent")
    try:
        scope = Scope(_field(content, "scope", str))
    except ValueError:
        raise _wrong("scope") from None
    return Consent(
        scope=scope,
        until=None if content.get("until") is None else _moment(content, "until"),
        others_may_wear=_field(content, "others_may_wear", bool),
        recognise=_field(content, "recognise", bool),
    )


def _view_from_json(index: int, content: Any) -> ViewEntry:
    if not isinstance(content, dict):
        raise _wrong("views")
    angles = {}
    for key in ("yaw", "pitch", "roll"):
        value = content.get(key)
        if value is None:
            continue
        if type(value) not in (int, float) or not abs(value) <= MOST_DEGREES:
            raise _wrong(key)
        angles[key] = float(value)
    image = _field(content, "image", str)
    suffix = image.rpartition(".")[2]
    view = ViewEntry(
        index,
        suffix,
        width=_field(content, "width", int),
        height=_field(content, "height", int),
        **angles,
    )
    if suffix not in ("webp", "png") or image != view.image:
        raise _wrong("image")
    return view
