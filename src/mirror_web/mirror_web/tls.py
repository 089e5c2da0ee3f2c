"""TLS for the page: the certificate that is given, or one that the mirror makes and renews itself."""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass
from pathlib import Path

from mirror_core.errors import MirrorError, UsageError
from mirror_core.store.places import state_folder
from mirror_web.tls_certificate import OwnCertificate

__all__ = ["PageTls", "own_certificate_folder", "tls_of"]

_log = logging.getLogger(__name__)


def own_certificate_folder() -> Path:
    """Where the certificate that was made here is kept."""
    return state_folder() / "page_tls"


@dataclass(slots=True)
class PageTls:
    """What the page is encrypted with; the context stays the same while the certificate in it is changed.

    Attributes:
        context: what the server accepts connections with.
        certificate, key: files in PEM format.
        own: makes the certificate; None for one that is given.
    """

    context: ssl.SSLContext
    certificate: Path
    key: Path
    own: OwnCertificate | None = None
    _loaded: tuple[int, int] = (0, 0)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate that was made here, in pairs of digits; empty for a given one."""
        return self.own.fingerprint() if self.own is not None else ""

    def load(self) -> None:
        """Use what the files hold from the next connection on.

        Raises:
            UsageError: if they hold no certificate with its key.
        """
        try:
            self._loaded = self._written()
            # An empty password keeps OpenSSL from asking for one in the terminal.
            self.context.load_cert_chain(self.certificate, self.key, password="")
        except ssl.SSLError as error:
            raise UsageError(
                f"certificate = {self.certificate} with certificate_key = {self.key} is refused: they hold "
                f"no certificate with its key, both in PEM format and without a password ({error.reason})."
            ) from error
        except OSError as error:
            raise UsageError(
                f"certificate = {self.certificate} or certificate_key = {self.key} cannot be read "
                f"({error.strerror or error})."
            ) from error

    def renew(self) -> None:
        """Make the own certificate anew before it ends, or take up a given one that somebody has renewed.

        What does not work is logged, and the certificate of before stays in use.
        """
        try:
            if self.own is not None:
                self.own.ensure()
            if self._written() != self._loaded:
                self.load()
        except (MirrorError, OSError) as error:
            _log.error("The page's certificate could not be renewed: %s", error)

    def _written(self) -> tuple[int, int]:
        """When the files were written."""
        return self.certificate.stat().st_mtime_ns, self.key.stat().st_mtime_ns


def tls_of(certificate: str, key: str, name: str, folder: Path | None = None) -> PageTls:
    """TLS with the given files, or else with a certificate of one's own.

    Args:
        certificate, key: files in PEM format; both empty: made here.
        name: a name beside the machine's own that the own certificate shall hold; may be empty.
        folder: where the own certificate is kept; None: in the state folder.

    Raises:
        UsageError: if the files are unfit, or only one is given.
        StoreError: if the own certificate cannot be written.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if bool(certificate) != bool(key):
        raise UsageError(
            "certificate and certificate_key belong together: give both files, or neither for a certificate "
            "that the mirror makes itself."
        )
    if certificate:
        tls = PageTls(context, Path(certificate).expanduser(), Path(key).expanduser())
    else:
        own = OwnCertificate(folder or own_certificate_folder(), name)
        own.ensure()
        tls = PageTls(context, own.certificate_path, own.key_path, own)
    tls.load()
    return tls
