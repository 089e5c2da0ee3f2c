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

NARROW = "\u00a0\u202f"  # spaces that do not break, as in 10 000
LONGEST = 900  # characters of a message; what a sentence quotes of a bad input may be of any length
KEPT_BEHIND = 200  # of them from its end, where it says what to do


class MirrorError(Exception):
    """Base of all errors that Mirror raises on purpose.

    Its text is one line, whatever it quotes; control characters are written as Python writes them. Nobody can
    forge lines of a log, or switch a terminal, with the name of a file or with a message from the network.
    """

    def __str__(self) -> str:
        line = super().__str__()
        if not line.isprintable():
            line = "".join(c if c.isprintable() or c in NARROW else repr(c)[1:-1] for c in line)
        if len(line) <= LONGEST:
            return line
        return f"{line[: LONGEST - KEPT_BEHIND - 3]} … {line[-KEPT_BEHIND:]}"


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
