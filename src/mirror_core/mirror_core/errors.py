"""The exception tree: every error that Mirror raises on purpose.

MirrorError
├── UsageError            a person gave something that is not allowed (argument, file, name)
│   └── ParameterError    a parameter's value is refused
├── EncodingError         an image whose encoding or layout is not supported
├── ShapeError            an array of the wrong shape or dtype
├── SourceError           a camera, clip or folder cannot be opened or has stopped
├── ModelError            a model file is missing or does not load
├── StoreError            stored faces or moods cannot be read or written now
└── TransportError        frames or messages cannot be handed over

Each message is one sentence that says what was wrong, what is allowed and what to do.
"""

from __future__ import annotations

__all__ = [
    "EncodingError",
    "MirrorError",
    "ModelError",
    "ParameterError",
    "ShapeError",
    "SourceError",
    "StoreError",
    "TransportError",
    "UsageError",
]


class MirrorError(Exception):
    """Base of all errors that Mirror raises on purpose."""


class UsageError(MirrorError):
    """A person gave something that is not allowed; the message says what is."""


class ParameterError(UsageError):
    """A parameter's value is refused; the message names it, the value and the allowed range."""


class EncodingError(MirrorError):
    """An image message has an encoding or a memory layout that Mirror does not read."""


class ShapeError(MirrorError, ValueError):
    """An array has another shape or dtype than the docstring states."""


class SourceError(MirrorError):
    """A camera source cannot be opened, or has stopped delivering frames."""


class ModelError(MirrorError):
    """A model file is missing, corrupt or of another kind than expected."""


class StoreError(MirrorError):
    """What is stored cannot be read or written now: a database, a disk or a picture store fails."""


class TransportError(MirrorError):
    """A frame or message cannot be handed over."""
