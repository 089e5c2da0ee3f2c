"""A certificate that the mirror makes itself: for its names and addresses, renewed before it ends.

Nobody has signed it but the mirror, so a browser asks once and then knows it again; people compare its
fingerprint. Key: ECDSA on P-256, which every browser knows.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mirror_core.errors import StoreError
from mirror_core.store.private_file import write_private
from mirror_web.access_address import network_addresses

if TYPE_CHECKING:
    from cryptography import x509

__all__ = ["OwnCertificate"]

LIFETIME = timedelta(days=397)  # browsers take none that is good for longer than 398 days
RENEWED_BEFORE_END = timedelta(days=30)
BACKDATED = timedelta(days=1)  # a phone's clock may be behind
COMMON_NAME = "Mirror"


def utc_now() -> datetime:
    """Now."""
    return datetime.now(UTC)


class OwnCertificate:
    """The certificate in a folder.

    Args:
        folder: where it and its key are kept.
        name: a name that it holds beside the machine's own; may be empty.
        addresses: gives the machine's addresses in networks, the one that phones use first.
        now: gives the time in UTC.
    """

    def __init__(
        self,
        folder: Path,
        name: str = "",
        addresses: Callable[[], Sequence[str]] = network_addresses,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._folder = folder
        self._name = name
        self._addresses = addresses
        self._now = now

    @property
    def certificate_path(self) -> Path:
        """File of the certificate (PEM)."""
        return self._folder / "certificate.pem"

    @property
    def key_path(self) -> Path:
        """File of the key (PEM), for this user alone."""
        return self._folder / "key.pem"

    def fingerprint(self) -> str:
        """SHA-256 of the certificate as browsers show it, in pairs of digits; empty without one."""
        from cryptography.hazmat.primitives import hashes

        certificate = self._present()
        return certificate.fingerprint(hashes.SHA256()).hex(":").upper() if certificate is not None else ""

    def ensure(self) -> bool:
        """Make the certificate where there is none that will do; returns whether it was made.

        It is made again when it ends within 30 days, or does not hold the name or the address that phones use
        now. An address that it holds and that is not the machine's any more does no harm.

        Raises:
            StoreError: if it cannot be written.
        """
        certificate = self._present()
        if certificate is not None and self._will_do(certificate):
            return False
        self._make()
        return True

    def _names(self) -> list[str]:
        host = socket.gethostname().lower()
        names = ["localhost", host, f"{host.split('.')[0]}.local"]
        with contextlib.suppress(ValueError):
            ipaddress.ip_address(self._name)
            return names
        return [*names, self._name.lower()] if self._name else names

    def _all_addresses(self) -> list[str]:
        addresses = ["127.0.0.1", "::1", *self._addresses()]
        with contextlib.suppress(ValueError):
            addresses.append(str(ipaddress.ip_address(self._name)))
        return list(dict.fromkeys(addresses))

    def _present(self) -> x509.Certificate | None:
        """The certificate of the file, None where there is none that can be used with its key."""
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            certificate = x509.load_pem_x509_certificate(self.certificate_path.read_bytes())
            key = load_pem_private_key(self.key_path.read_bytes(), None)
        except (OSError, ValueError, TypeError):
            return None
        return certificate if certificate.public_key() == key.public_key() else None

    def _will_do(self, certificate: x509.Certificate) -> bool:
        from cryptography import x509

        try:
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return False
        now = self._now()
        is_fresh = (
            certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEWED_BEFORE_END
        )
        held = set(names.get_values_for_type(x509.DNSName))
        held |= {str(address) for address in names.get_values_for_type(x509.IPAddress)}
        wanted = {*self._names(), *self._all_addresses()[:3]}  # itself, and the address that phones use
        return is_fresh and wanted <= held

    def _make(self) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
        from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, COMMON_NAME)])
        alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in dict.fromkeys(self._names())]
        alternatives += [x509.IPAddress(ipaddress.ip_address(a)) for a in self._all_addresses()]
        now = self._now()
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - BACKDATED)
            .not_valid_after(now - BACKDATED + LIFETIME)
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            # Not an authority: whoever gets this key can pretend to be this mirror, and nobody else.
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(key, hashes.SHA256())
        )
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            # A pair that does not match is made anew at the next start.
            write_private(self.key_path, secret)
            write_private(self.certificate_path, certificate.public_bytes(Encoding.PEM))
        except OSError as error:
            raise StoreError(
                f"The page's certificate cannot be written to {self._folder} ({error.strerror})."
            ) from error
