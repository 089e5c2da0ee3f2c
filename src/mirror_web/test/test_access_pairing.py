"""Pairing links and the limit on failures."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from mirror_core.errors import UsageError
from mirror_core.testing import FakeClock
from mirror_web import access_address
from mirror_web.access import Access, Served
from mirror_web.access_address import is_host_name, is_loopback, network_addresses, reachable_address
from mirror_web.access_devices import DeviceStore
from mirror_web.access_limit import MOST_ADDRESSES, WINDOW_S, FailureLimit
from mirror_web.access_pairing import LIFETIME_S, MOST_CODES, PairingCodes

REMOTE = Served("192.0.2.7", 8080)


@pytest.fixture
def access(tmp_path):
    access = Access(DeviceStore(tmp_path / "devices.json"))
    access.serve(REMOTE)
    return access


def code_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["code"][0]


# ---- codes


def test_a_code_is_good_once():
    codes = PairingCodes(FakeClock())
    code = codes.make()
    assert len(code) == 22  # 128 bits
    assert not codes.take(code[:-1]) and not codes.take("")
    assert codes.take(code) and not codes.take(code)


def test_a_code_is_good_for_a_few_minutes():
    clock = FakeClock()
    codes = PairingCodes(clock)
    early, late = codes.make(), codes.make()
    clock.advance(LIFETIME_S - 1)
    assert codes.take(early)
    clock.advance(1)
    assert not codes.take(late)


def test_codes_that_nobody_uses_do_not_pile_up():
    codes = PairingCodes(FakeClock())
    made = [codes.make() for _ in range(MOST_CODES + 1)]
    assert not codes.take(made[0]) and codes.take(made[1]) and codes.take(made[-1])


def test_no_code_stands_in_memory_as_it_is():
    codes = PairingCodes(FakeClock())
    code = codes.make()
    assert code not in repr(vars(codes))


# ---- links


def test_a_link_leads_to_the_mirror_and_lets_one_device_in(access):
    link = access.invite()
    assert link.startswith("http://192.0.2.7:8080/pair?code=")
    token = access.pair(code_of(link), "Mozilla/5.0 (iPad; …) Safari/604.1")
    assert access.devices.find(token).name == "iPad, Safari"
    assert access.pair(code_of(link), "") is None
    assert len(access.devices.devices()) == 1


def test_a_page_for_this_machine_only_has_no_links(access):
    access.serve(Served("127.0.0.1", 8080))
    with pytest.raises(UsageError, match=r"^Remote access is off"):
        access.invite()


def test_a_machine_whose_own_browsers_are_paired_has_links_for_them(access):
    access.serve(Served("127.0.0.1", 8080, pair_local=True))
    assert access.invite().startswith("http://127.0.0.1:8080/pair?")


@pytest.mark.parametrize(
    ("served", "origin"),
    [
        (Served("2001:db8::7", 80), "http://[2001:db8::7]:80"),
        (Served("192.0.2.7", 443, "https"), "https://192.0.2.7:443"),
        (Served("0.0.0.0", 8080, name="mirror.example.org"), "http://mirror.example.org:8080"),
        (Served("::", 8080, name="2001:db8::8"), "http://[2001:db8::8]:8080"),
    ],
)
def test_addresses_stand_in_links_as_browsers_want_them(served, origin):
    assert served.origin() == origin


def test_a_new_start_makes_old_links_worthless(access):
    link = access.invite()
    access.serve(REMOTE)
    assert access.pair(code_of(link), "") is None


def test_disconnecting_everybody_makes_waiting_links_worthless_too(access):
    link = access.invite()
    access.revoke_all()
    assert access.pair(code_of(link), "") is None


def test_disconnecting_ends_what_a_device_has_open_and_nothing_else(access):
    first, _ = access.devices.add("first")
    second, _ = access.devices.add("second")
    ended: list[str] = []
    access.opened(first, lambda: ended.append("picture"))
    access.opened(first, lambda: ended.append("socket"))
    access.opened(first, lambda: ended.append("closed before"))()
    access.opened(second, lambda: ended.append("second"))
    access.revoke(first.key)
    assert ended == ["picture", "socket"]
    access.revoke_all()
    assert ended[-1] == "second"


# ---- addresses


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_talking_to_itself(address):
    assert is_loopback(address)


@pytest.mark.parametrize(
    "address", ["192.168.1.7", "::ffff:192.168.1.7", "fe80::1%eth0", "", "localhost", "127.1"]
)
def test_everything_else_is_another_machine(address):
    assert not is_loopback(address)


@pytest.fixture
def network(monkeypatch):
    """`network(route4, route6, *others)`: a machine with these addresses."""

    def make(route4: str | None, route6: str | None, *others: str) -> None:
        routes = {access_address.socket.AF_INET: route4, access_address.socket.AF_INET6: route6}
        monkeypatch.setattr(access_address, "_routed", routes.get)

        class Entry:
            def __init__(self, address: str) -> None:
                self.address = address
                sockets = access_address.socket
                self.family = sockets.AF_INET6 if ":" in address else sockets.AF_INET

        monkeypatch.setattr(access_address.psutil, "net_if_addrs", lambda: {"any": list(map(Entry, others))})

    return make


def test_of_several_addresses_the_one_of_the_default_route_is_taken(network):
    network(
        "192.168.1.7", "fd00::7", "127.0.0.1", "172.17.0.1", "192.168.1.7", "::1", "fe80::1%eth0", "fd00::7"
    )
    assert network_addresses() == ("192.168.1.7", "fd00::7", "172.17.0.1")
    assert reachable_address("0.0.0.0") == "192.168.1.7"
    assert reachable_address("::") == "192.168.1.7"
    assert reachable_address("172.17.0.1") == "172.17.0.1"


def test_without_a_default_route_any_address_will_do(network):
    network(None, None, "127.0.0.1", "10.0.0.5")
    assert reachable_address("0.0.0.0") == "10.0.0.5"


def test_a_network_without_ipv4_is_one_too(network):
    network(None, "fd00::7", "127.0.0.1", "169.254.3.4", "::1")
    assert reachable_address("::") == "fd00::7"
    assert reachable_address("0.0.0.0") is None


def test_a_machine_without_network_says_so(network, access):
    network(None, None, "127.0.0.1", "::1")
    access.serve(Served("0.0.0.0", 8080))
    with pytest.raises(UsageError, match="no phone can reach it"):
        access.invite()


def test_looking_for_the_route_sends_nothing_and_gives_an_own_address():
    own = {entry.address for entries in access_address.psutil.net_if_addrs().values() for entry in entries}
    assert set(network_addresses()) <= own


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("mirror.example.org", True),
        ("mirror", True),
        ("192.168.1.7", True),
        ("fd00::7", True),
        ("http://mirror", False),
        ("mirror:8080", False),
        ("mirror/", False),
        ("a b", False),
        ("mirror..org", False),
        ("-mirror", False),
        ("bücher.example", False),
        ("mirror;x", False),
    ],
)
def test_names_that_can_stand_in_a_link(name, is_one):
    assert is_host_name(name) == is_one


# ---- failures


def test_who_fails_too_often_waits_until_the_first_failure_is_a_minute_old():
    clock = FakeClock()
    limit = FailureLimit(3, 100, clock)
    for _ in range(3):
        assert limit.wait_s("192.0.2.1") == 0
        limit.failed("192.0.2.1")
        clock.advance(10)
    assert limit.wait_s("192.0.2.1") == WINDOW_S - 30
    assert limit.wait_s("192.0.2.2") == 0
    clock.advance(WINDOW_S - 30)
    assert limit.wait_s("192.0.2.1") == 0


def test_failures_of_many_addresses_count_together():
    clock = FakeClock()
    limit = FailureLimit(3, 10, clock)
    for number in range(10):
        limit.failed(f"192.0.2.{number}")
    assert limit.wait_s("198.51.100.1") == WINDOW_S
    clock.advance(WINDOW_S)
    assert limit.wait_s("198.51.100.1") == 0


def test_an_ipv6_network_counts_as_one_address():
    limit = FailureLimit(2, 100, FakeClock())
    limit.failed("2001:db8::1")
    limit.failed("2001:db8::ffff:2%eth0")
    assert limit.wait_s("2001:db8::3") == WINDOW_S
    assert limit.wait_s("2001:db8:0:1::3") == 0
    limit.failed("::ffff:192.0.2.1")
    limit.failed("192.0.2.1")
    assert limit.wait_s("192.0.2.1") == WINDOW_S


def test_addresses_are_not_remembered_without_end():
    limit = FailureLimit(1, 10**6, FakeClock())
    for number in range(MOST_ADDRESSES + 1):
        limit.failed(f"10.0.{number // 256}.{number % 256}")
    assert limit.wait_s("10.0.0.0") == 0
    assert limit.wait_s("10.0.0.1") == WINDOW_S
