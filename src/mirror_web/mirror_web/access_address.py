"""Under which address a phone reaches this machine, without asking anybody in the network.

Connecting a UDP socket sends nothing: the system only chooses the interface and with it the address of this
machine for the way to the destination. Asked for an address that is nobody's (RFC 5737, RFC 3849), it takes
the default route, on which phones are, and not the bridge of a container.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket

import psutil

__all__ = ["bracketed", "is_host_name", "is_loopback", "network_addresses", "reachable_address"]

NOBODY = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}  # addresses for documentation
PORT = 9
EVERYWHERE = ("0.0.0.0", "::", "")
_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def is_loopback(address: str) -> bool:
    """Whether an address, with or without a zone, is this machine talking to itself."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)  # a socket for both families shows IPv4 as ::ffff:127.0.0.1
    return bool((mapped or parsed).is_loopback)


def is_host_name(name: str) -> bool:
    """Whether this is an address, or a name as it travels in the network (with ü as xn--…)."""
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(name)
        return True
    return _NAME.fullmatch(name) is not None


def bracketed(host: str) -> str:
    """A host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def _routed(family: socket.AddressFamily) -> str | None:
    """This machine's address on the way to the world; None where there is no way."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as way:
            way.connect((NOBODY[family], PORT))
            return str(way.getsockname()[0])
    except OSError:
        return None


def _is_for_phones(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    # A link-local IPv6 address needs a zone, which is another one on each machine.
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified or parsed.is_multicast)


def network_addresses() -> tuple[str, ...]:
    """This machine's addresses in networks: those of the default routes first, IPv4 before IPv6."""
    found = [address for family in NOBODY if (address := _routed(family)) is not None]
    for family in NOBODY:
        for entries in psutil.net_if_addrs().values():
            found += [entry.address for entry in entries if entry.family == family]
    usable = []
    for address in found:
        with contextlib.suppress(ValueError):  # a zone, so a link-local one
            if _is_for_phones(address):
                usable.append(address)
    return tuple(dict.fromkeys(usable))


def reachable_address(host: str) -> str | None:
    """The address for a phone of a page that is served at `host`; None where there is no network."""
    if host not in EVERYWHERE:
        return host
    wanted = [a for a in network_addresses() if host != "0.0.0.0" or ":" not in a]
    return wanted[0] if wanted else None
