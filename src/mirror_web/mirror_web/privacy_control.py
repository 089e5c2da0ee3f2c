"""What leaves this machine, as the Privacy page asks for it, and how that is told from settings."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from mirror_core.credentials import without_credentials
from mirror_core.environment import RANGE_VARIABLE

__all__ = [
    "Deed",
    "Destination",
    "PrivacyControl",
    "Reach",
    "UnansweredPrivacy",
    "masked",
    "network_destination",
    "served_destination",
    "stored_destination",
]

_ON_DISK = ("", "file", "sqlite")  # schemes of what lies in this machine's folders
_SELF = ("LOCALHOST", "OFF")  # ROS's discovery ranges that do not leave the machine


class Reach(StrEnum):
    """Where something goes."""

    OFF = "off"  # nowhere: it is switched off
    INSIDE = "inside"  # it stays on this machine
    OUTSIDE = "outside"  # it leaves this machine
    UNKNOWN = "unknown"  # the node that would know does not answer


@dataclass(frozen=True, slots=True)
class Destination:
    """One place to which something can go.

    Attributes:
        key: what goes there, such as "gallery_database": a key of the catalogue's section "privacy_places".
        reach: where it is.
        place: its address for people, without credentials; empty where there is nothing to add.
    """

    key: str
    reach: Reach
    place: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """A line of the audit log, see `mirror_core.store.audit.AuditEntry`.

    Attributes:
        time: when.
        event: what was done: "stored", "worn", "erased", …
        who: number of the person; empty where it concerns everybody.
        way: by what way.
    """

    time: datetime
    event: str
    who: str = ""
    way: str = ""


class PrivacyControl(Protocol):
    """What leaves the machine, as the page sees it; calls come from worker threads and may block."""

    def destinations(self) -> tuple[Destination, ...]:
        """Everything that could leave this machine, and whether it does."""
        ...

    def deeds(self, count: int) -> tuple[Deed, ...]:
        """The newest lines of the audit log, oldest first.

        Raises:
            MirrorError: if it cannot be read.
        """
        ...


class UnansweredPrivacy:
    """A `PrivacyControl` for a page without a graph."""

    def destinations(self) -> tuple[Destination, ...]:
        """Nothing is known."""
        return ()

    def deeds(self, count: int) -> tuple[Deed, ...]:
        """Nothing is known."""
        return ()


def masked(address: str) -> str:
    """An address for people: without user names and passwords, with ~ for the user's own folder."""
    return re.sub(rf"{re.escape(str(Path.home()))}(?=/|$)", "~", without_credentials(address))


def _is_this_machine(host: str) -> bool:
    if host in ("", "localhost") or host.startswith("/"):  # a folder: of a PostgreSQL socket
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def stored_destination(key: str, url: str | None, nowhere: Reach = Reach.INSIDE) -> Destination:
    """Where something is stored.

    Args:
        key: see `Destination`.
        url: a path, a database URL or a bucket; None where it is not known.
        nowhere: what an empty URL means: the state folder, or that nothing is stored.
    """
    if url is None:
        return Destination(key, Reach.UNKNOWN)
    if not url:
        return Destination(key, nowhere)
    scheme = url.partition("://")[0] if "://" in url else ""
    if scheme.partition("+")[0] in _ON_DISK:
        return Destination(key, Reach.INSIDE, masked(url))
    try:
        parts = urlsplit(url)
        hosts = [parts.hostname or "", *parse_qs(parts.query).get("host", [])]
    except ValueError:  # it cannot be taken apart, so nothing speaks for its being here
        return Destination(key, Reach.OUTSIDE, masked(url))
    is_here = scheme.startswith("postgres") and all(map(_is_this_machine, hosts))
    return Destination(key, Reach.INSIDE if is_here else Reach.OUTSIDE, masked(url))


def served_destination(key: str, host: str | None) -> Destination:
    """Who can look at something that is served.

    Args:
        key: see `Destination`.
        host: the address that it is served at; None where it is not served at all.
    """
    if host is None:
        return Destination(key, Reach.OFF)
    return Destination(key, Reach.INSIDE if host and _is_this_machine(host) else Reach.OUTSIDE, host)


def network_destination(environment: Mapping[str, str]) -> Destination:
    """Whether the graph itself (pictures, faces, moods) can be heard by other machines.

    Args:
        environment: of the process.
    """
    reach = environment.get(RANGE_VARIABLE, "").upper()
    peers = environment.get("ROS_STATIC_PEERS", "")
    alone = reach in _SELF or environment.get("ROS_LOCALHOST_ONLY", "") == "1"
    if alone and not peers:
        return Destination("graph", Reach.INSIDE)
    return Destination("graph", Reach.OUTSIDE, peers)
