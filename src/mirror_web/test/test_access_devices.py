"""Paired devices: known by their token, of which the file holds a hash, until somebody disconnects them."""

from __future__ import annotations

import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest

from mirror_core.errors import StoreError
from mirror_core.store.private_file import write_private
from mirror_web.access_agent import device_name
from mirror_web.access_devices import MOST_DEVICES, SEEN_STEP, UNUSED, DeviceStore


class Calendar:
    """A time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2027, 3, 5, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def calendar():
    return Calendar()


@pytest.fixture
def store(tmp_path, calendar):
    return DeviceStore(tmp_path / "state" / "devices.json", calendar)


def test_a_device_is_found_by_its_token_and_by_nothing_else(store):
    first, token = store.add("iPhone, Safari")
    second, other = store.add("Linux, Firefox")
    assert token != other and len(token) == 43  # 256 bits
    assert store.find(token) == first and store.find(other) == second
    for wrong in ("", token[:-1], token + "x", first.token_hash, first.key, "ü", "\udcff"):
        assert store.find(wrong) is None


def test_the_file_holds_hashes_only_and_is_for_its_owner_alone(store):
    _, token = store.add("iPhone, Safari")
    text = store.path.read_text()
    assert token not in text
    assert hashlib.sha256(token.encode()).hexdigest() in text
    assert store.path.stat().st_mode & 0o777 == 0o600
    assert store.path.parent.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in store.path.parent.iterdir()} == {"devices.json", ".devices.json.lock"}


def test_another_start_knows_the_same_devices(store, calendar):
    device, token = store.add("iPhone, Safari")
    again = DeviceStore(store.path, calendar)
    assert again.devices() == (device,)
    assert again.find(token) == device


def test_one_is_disconnected_and_the_others_stay(store, calendar):
    gone, gone_token = store.add("old phone")
    stays, token = store.add("tablet")
    store.remove(gone.key)
    store.remove(gone.key)
    for each in (store, DeviceStore(store.path, calendar)):
        assert each.find(gone_token) is None and each.find(token) == stays
    store.clear()
    assert store.devices() == () and DeviceStore(store.path, calendar).find(token) is None


def test_two_mirrors_on_one_machine_know_the_same_devices(store, calendar):
    other = DeviceStore(store.path, calendar)
    device, token = store.add("phone")
    assert other.find(token) == device
    _, second = other.add("tablet")
    assert store.find(second) is not None
    store.remove(device.key)
    assert other.find(token) is None and other.find(second) is not None
    calendar.now += SEEN_STEP
    other.note_seen(device.key)  # does not bring back what the other one has removed
    assert store.find(token) is None


def test_two_mirrors_that_pair_at_the_same_time_lose_nobody(store, calendar):
    stores = [DeviceStore(store.path, calendar) for _ in range(4)]
    threads = [
        threading.Thread(target=lambda each=each: [each.add("phone") for _ in range(8)]) for each in stores
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.devices()) == 32


def test_when_a_device_was_seen_is_written_now_and_then(store, calendar):
    device, token = store.add("tablet")
    calendar.now += SEEN_STEP - timedelta(seconds=1)
    assert not store.is_due(store.find(token))
    calendar.now += timedelta(seconds=1)
    assert store.is_due(store.find(token))
    store.note_seen(device.key)
    assert DeviceStore(store.path, calendar).devices()[0].seen == calendar.now
    store.remove(device.key)
    store.note_seen(device.key)  # it has been here a moment ago, and is gone now
    assert store.devices() == ()


def test_a_device_that_does_not_come_for_half_a_year_is_forgotten(store, calendar):
    _, token = store.add("tablet")
    calendar.now += UNUSED
    assert store.find(token) is not None
    calendar.now += timedelta(seconds=1)
    assert store.find(token) is None and store.devices() == ()


def test_the_device_that_was_seen_longest_ago_gives_way(store, calendar):
    tokens = []
    for _ in range(MOST_DEVICES + 1):
        calendar.now += timedelta(minutes=1)
        tokens.append(store.add("phone")[1])
    assert len(store.devices()) == MOST_DEVICES
    assert store.find(tokens[0]) is None and store.find(tokens[1]) is not None
    assert store.devices()[0].seen == calendar.now


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"version": 2, "devices": []}', '{"version": 1, "devices": [{"key": "a"}]}', "\xff"],
)
def test_a_damaged_file_lets_nobody_in_and_says_so_until_a_new_list_begins(store, calendar, content):
    store.path.parent.mkdir()
    store.path.write_bytes(content.encode("latin-1"))
    for call in (store.devices, lambda: store.find("x"), lambda: store.add("x")):
        with pytest.raises(StoreError, match=r"is damaged; .Disconnect all. begins"):
            call()
    assert store.path.read_bytes() == content.encode("latin-1")
    store.clear()
    assert json.loads(store.path.read_text()) == {"version": 1, "devices": []}


def test_a_time_without_zone_and_a_hash_of_another_kind_are_damage(store):
    device, _ = store.add("phone")
    whole = store.path.read_text()
    for part, wrong in ((device.token_hash, "abc"), ("+00:00", "")):
        store.path.write_text(whole.replace(part, wrong))
        with pytest.raises(StoreError, match="damaged"):
            DeviceStore(store.path).devices()


def test_what_cannot_be_written_is_said_and_changes_nothing(tmp_path, store, calendar):
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot be"):
        store.add("phone")


def test_a_private_file_replaces_one_that_everybody_could_read(tmp_path):
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o644)
    decoy = tmp_path / "decoy"
    decoy.write_text("untouched")
    (tmp_path / ".secret.new").symlink_to(decoy)  # what somebody has put where the new one is made first
    write_private(path, b"new")
    assert path.read_bytes() == b"new" and path.stat().st_mode & 0o777 == 0o600
    assert decoy.read_text() == "untouched"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.1 Mobile/15E148 Safari/604.1",
            "iPhone, Safari",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 "
            "Mobile Safari/537.36",
            "Android, Chrome",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Linux, Firefox"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 "
            "Safari/537.36 Edg/131.0",
            "Windows, Edge",
        ),
        ("curl/8.5.0", "Unknown device"),
        ("<script>alert(1)</script>", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_a_device_is_called_by_its_system_and_browser(agent, name):
    assert device_name(agent) == name
