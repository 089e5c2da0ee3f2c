"""Who may use the page from elsewhere: pairing, paired devices, and what they hold."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from mirror_core.errors import UsageError
from mirror_web.access_address import bracketed, is_loopback, reachable_address
from mirror_web.access_agent import device_name
from mirror_web.access_devices import Device, DeviceStore
from mirror_web.access_limit import FailureLimit
from mirror_web.access_pairing import PairingCodes
from mirror_web.catalogue import Texts

__all__ = ["PAIR_PATH", "Access", "Served"]

PAIR_PATH = "/pair"
PAIRINGS_FAILED = (10, 60)  # wrong codes a minute, of one address and of all
TOKENS_FAILED = (30, 300)  # wrong tokens a minute: a page of a revoked phone asks for several things at once
TEXTS = Texts("access")


@dataclass(frozen=True, slots=True)
class Served:
    """Where and how the page is served.

    Attributes:
        address: of the socket, such as "0.0.0.0".
        port: the port that was free.
        scheme: "http" or "https".
        name: under which phones reach it, empty for the address in the network.
        pair_local: whether browsers of this machine have to be paired, too.
        fingerprint: SHA-256 of the certificate, in pairs of digits; empty where a phone knows it to be good.
    """

    address: str = "127.0.0.1"
    port: int = 0
    scheme: str = "http"
    name: str = ""
    pair_local: bool = False
    fingerprint: str = ""

    @property
    def is_remote(self) -> bool:
        """Whether other machines reach the page."""
        return not is_loopback(self.address)

    @property
    def needs_pairing(self) -> bool:
        """Whether there is anybody who has to be paired."""
        return self.is_remote or self.pair_local

    def origin(self) -> str:
        """The page's address for whoever is to be paired, such as http://192.168.1.7:8080.

        Raises:
            UsageError: if this machine is in no network.
        """
        host = self.name if self.name and self.is_remote else reachable_address(self.address)
        if host is None:
            raise UsageError(TEXTS["no_network"])
        return f"{self.scheme}://{bracketed(host)}:{self.port}"


class Access:
    """Lets devices in and out; calls come from any thread.

    Args:
        devices: the paired ones; None: those of the state folder.
        codes: what a device is paired with.
    """

    def __init__(self, devices: DeviceStore | None = None, codes: PairingCodes | None = None) -> None:
        self.devices = devices or DeviceStore()
        self.served = Served()
        self.failed_pairings = FailureLimit(*PAIRINGS_FAILED)
        self.failed_tokens = FailureLimit(*TOKENS_FAILED)
        self._codes = codes or PairingCodes()
        self._lock = threading.Lock()
        self._leavers: dict[object, tuple[str, Callable[[], None]]] = {}

    def serve(self, served: Served) -> None:
        """The page is served there from now on; links that were made for another place are worth nothing."""
        self.served = served
        self._codes.clear()

    # ---- pairing

    def invite(self) -> str:
        """A link that lets one device in, once and within a few minutes.

        It is a secret: whoever makes it shows it to the person in front of the mirror and writes it nowhere.

        Raises:
            UsageError: if nobody needs one, because the page is served to this machine only, or if no phone
                could follow it.
        """
        if not self.served.needs_pairing:
            raise UsageError(TEXTS["remote_off"])
        return f"{self.served.origin()}{PAIR_PATH}?{urlencode({'code': self._codes.make()})}"

    def pair(self, code: str, agent: str) -> str | None:
        """Exchange a code for a token; None for a code that is not good.

        Args:
            code: of the link.
            agent: User-Agent header of the browser, for its name in the list of devices.

        Raises:
            StoreError: if the device cannot be kept.
        """
        if not self._codes.take(code):
            return None
        _, token = self.devices.add(device_name(agent))
        return token

    # ---- leaving

    def revoke(self, key: str) -> None:
        """Let a device come no more and end what it has open.

        Raises:
            StoreError: as of `DeviceStore.remove`.
        """
        self.devices.remove(key)
        self._end({key})

    def revoke_all(self) -> None:
        """Let no device come any more, end what they have open, and forget links that wait.

        Raises:
            StoreError: as of `DeviceStore.clear`.
        """
        self._codes.clear()
        self.devices.clear()
        with self._lock:
            keys = {key for key, _ in self._leavers.values()}
        self._end(keys)

    def opened(self, device: Device, leave: Callable[[], None]) -> Callable[[], None]:
        """Remember something that a device has open; returns what to call when it has ended by itself.

        Args:
            device: whose it is.
            leave: ends it; called from any thread.
        """
        mark = object()
        with self._lock:
            self._leavers[mark] = (device.key, leave)

        def closed() -> None:
            with self._lock:
                self._leavers.pop(mark, None)

        return closed

    def _end(self, keys: set[str]) -> None:
        with self._lock:
            leaving = [leave for key, leave in self._leavers.values() if key in keys]
        for leave in leaving:
            leave()
