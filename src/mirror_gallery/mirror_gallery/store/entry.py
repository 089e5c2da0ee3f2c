"""What a list of stored faces shows of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mirror_gallery.consent import Consent

__all__ = ["Entry"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored face without its pictures.

    Attributes:
        id: gallery id.
        name: what people call it.
        created: when it was stored first, in UTC; an imported one may be older than its copy here.
        consent: what the person has agreed to.
        views: number of its views.
        mirror: name of the mirror that stored it.
    """

    id: str
    name: str
    created: datetime
    consent: Consent
    views: int
    mirror: str
