"""TLS: a certificate that is made here, renewed in time, or one that is given."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from mirror_core.errors import ParameterError, StoreError, UsageError
from mirror_core.parameters import update
from mirror_web.parameters import WebParameters
from mirror_web.tls import tls_of
from mirror_web.tls_certificate import LIFETIME, RENEWED_BEFORE_END, OwnCertificate


class Machine:
    """Its clock and its addresses."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime.now(UTC)
        self.addresses = ["192.168.1.7", "fd00::7"]
        self.own = self.certificate(folder)

    def certificate(self, folder: Path, name: str = "") -> OwnCertificate:
        return OwnCertificate(folder, name, lambda: self.addresses, lambda: self.now)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path / "tls")


def read(own: OwnCertificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(own.certificate_path.read_bytes())


def names_in(own: OwnCertificate) -> set[str]:
    names = read(own).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    found = set(names.get_values_for_type(x509.DNSName))
    return found | {str(address) for address in names.get_values_for_type(x509.IPAddress)}


def test_it_holds_the_names_and_addresses_of_the_machine(machine, tmp_path):
    assert machine.own.ensure()
    host = socket.gethostname().lower()
    short = host.split(".", maxsplit=1)[0]
    expected = {"localhost", host, f"{short}.local", "127.0.0.1", "::1", "192.168.1.7", "fd00::7"}
    assert names_in(machine.own) == expected
    for name in ("mirror.example.org", "192.168.1.99"):
        named = machine.certificate(tmp_path / name, name)
        named.ensure()
        assert names_in(named) == expected | {name}


def test_its_key_is_for_this_user_alone(machine):
    machine.own.ensure()
    assert machine.own.key_path.stat().st_mode & 0o777 == 0o600
    assert machine.own.key_path.parent.stat().st_mode & 0o777 == 0o700


def test_it_can_pretend_to_be_nobody_else(machine):
    machine.own.ensure()
    extensions = read(machine.own).extensions
    assert extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    (usage,) = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert usage == x509.oid.ExtendedKeyUsageOID.SERVER_AUTH


def test_it_is_good_for_as_long_as_browsers_take_and_made_anew_in_time(machine, tmp_path):
    machine.own.ensure()
    first = machine.own.fingerprint()
    made = read(machine.own)
    assert made.not_valid_after_utc - made.not_valid_before_utc == LIFETIME <= timedelta(days=398)
    end = made.not_valid_after_utc
    machine.now = end - RENEWED_BEFORE_END - timedelta(seconds=1)
    assert not machine.own.ensure() and machine.own.fingerprint() == first
    machine.now = end - RENEWED_BEFORE_END
    assert machine.own.ensure() and machine.own.fingerprint() != first
    assert read(machine.own).not_valid_after_utc > end + timedelta(days=300)


def test_it_is_made_anew_for_another_address_and_for_nothing_less(machine, tmp_path):
    machine.own.ensure()
    machine.addresses = ["192.168.1.7"]  # one has gone
    assert not machine.own.ensure()
    machine.addresses = ["10.0.0.5", "192.168.1.7"]
    assert machine.own.ensure() and "10.0.0.5" in names_in(machine.own)
    assert machine.certificate(tmp_path / "tls", "mirror.example.org").ensure()


@pytest.mark.parametrize("damage", ["certificate.pem", "key.pem"])
def test_a_damaged_one_is_made_anew(machine, damage):
    machine.own.ensure()
    (machine.own.key_path.parent / damage).write_text("damaged")
    assert machine.own.fingerprint() == ""
    assert machine.own.ensure()
    assert len(machine.own.fingerprint()) == 32 * 3 - 1


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"^The page's certificate cannot be written to "):
        Machine(tmp_path / "file" / "tls").own.ensure()


def handshake(tls: ssl.SSLContext, trusted: Path) -> str:
    """What a client that trusts nothing else gets to see, as fingerprint."""
    client = ssl.create_default_context(cafile=str(trusted))
    ours, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
    server_side = tls.wrap_bio(ours, theirs, server_side=True)
    client_side = client.wrap_bio(theirs, ours, server_hostname="localhost")
    for _ in range(4):
        for side in (client_side, server_side):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    certificate = x509.load_der_x509_certificate(client_side.getpeercert(binary_form=True))
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def test_a_client_that_trusts_it_sees_its_fingerprint_also_after_it_was_renewed(tmp_path):
    tls = tls_of("", "", "", tmp_path)
    first = tls.fingerprint
    assert handshake(tls.context, tls.certificate) == first
    tls.renew()
    assert tls.fingerprint == first
    tls.certificate.unlink()
    tls.renew()
    assert tls.fingerprint != first
    assert handshake(tls.context, tls.certificate) == tls.fingerprint


def test_a_given_certificate_is_used_and_taken_up_again_when_it_was_renewed(tmp_path):
    given, other = Machine(tmp_path / "given").own, Machine(tmp_path / "other").own
    given.ensure(), other.ensure()
    tls = tls_of(str(given.certificate_path), str(given.key_path), "")
    assert tls.fingerprint == ""  # nobody has to compare it
    assert handshake(tls.context, given.certificate_path) == given.fingerprint()
    given.key_path.write_bytes(other.key_path.read_bytes())
    tls.renew()  # half of a renewal: the one of before stays
    assert given.fingerprint() == ""
    given.certificate_path.write_bytes(other.certificate_path.read_bytes())
    tls.renew()
    assert handshake(tls.context, given.certificate_path) == other.fingerprint()


def test_an_unfit_certificate_is_refused_in_a_sentence(tmp_path):
    own, other = Machine(tmp_path / "a").own, Machine(tmp_path / "b").own
    own.ensure(), other.ensure()
    missing = str(tmp_path / "missing.pem")
    for certificate, key, sentence in (
        (str(own.certificate_path), "", "belong together"),
        ("", str(own.key_path), "belong together"),
        (missing, str(own.key_path), r"cannot be read \(No such file or directory\)"),
        (str(own.certificate_path), str(other.key_path), "no certificate with its key"),
        (str(own.key_path), str(own.key_path), "no certificate with its key"),
    ):
        with pytest.raises(UsageError, match=sentence):
            tls_of(certificate, key, "")


def test_a_name_that_can_stand_in_no_link_is_refused():
    assert update(WebParameters(), {"public_name": "mirror.example.org"}).public_name == "mirror.example.org"
    with pytest.raises(ParameterError, match="public_name = https://mirror is refused"):
        update(WebParameters(), {"public_name": "https://mirror"})
