"""Encrypted bytes and the keys for them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.errors import StoreError, UsageError
from mirror_core.store.keys import Key, KeyRing, made_key, read_key_file, write_key_file
from mirror_core.store.sealing import HEAD_BYTES, Sealer, sealed_with

KEY, OTHER = made_key(), made_key()


@given(st.binary(max_size=2000), st.text(max_size=40))
def test_what_is_sealed_is_opened_and_looks_like_noise(data: bytes, name: str) -> None:
    sealer = Sealer(KeyRing([KEY]))
    sealed = sealer.seal(data, name)
    assert sealer.open(sealed, name, "It") == data
    assert sealed_with(sealed) == KEY.id
    assert len(sealed) == HEAD_BYTES + len(data) + 16
    assert sealer.seal(data, name) != sealed  # another nonce
    if len(data) > 8:
        assert data not in sealed[HEAD_BYTES:]


@given(st.binary(min_size=1, max_size=300), st.data())
def test_a_changed_byte_is_noticed(data: bytes, draw: st.DataObject) -> None:
    sealer = Sealer(KeyRing([KEY]))
    sealed = bytearray(sealer.seal(data, "a"))
    place = draw.draw(st.integers(15, len(sealed) - 1))  # behind mark and key id
    sealed[place] ^= draw.draw(st.integers(1, 255))
    with pytest.raises(StoreError, match="damaged, or somebody has changed it"):
        sealer.open(bytes(sealed), "a", "A picture")


def test_it_cannot_be_put_in_another_one_s_place() -> None:
    sealer = Sealer(KeyRing([KEY]))
    with pytest.raises(StoreError, match="damaged"):
        sealer.open(sealer.seal(b"Ada", "ada"), "ben", "A picture")


def test_without_keys_everything_stays_as_it_is() -> None:
    sealer = Sealer(KeyRing())
    assert sealer.key_id == ""
    assert sealer.seal(b"plain", "a") == b"plain"
    assert sealer.open(b"plain", "a", "It") == b"plain"
    assert Sealer(KeyRing([KEY])).open(b"plain", "a", "It") == b"plain"


def test_keys_are_written_read_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "new" / "keys"
    write_key_file(file, [KEY, OTHER])
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_key_file(file) == (KEY, OTHER)
    assert KEY.text not in repr(KEY)
    assert len(KEY.id) == 8
    assert KEY.id != OTHER.id
    assert Key.from_text(KEY.text.rstrip("="), "It") == KEY


@pytest.mark.parametrize("content", ["", "# nothing\n", "short\n", "?" * 44, "\xe9" * 44])
def test_a_file_without_keys_is_refused_without_telling_it(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(UsageError, match="holds no key of the mirror") as caught:
        read_key_file(file)
    assert "???" not in str(caught.value)


def test_a_changed_file_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "keys"
    write_key_file(file, [OTHER])
    monkeypatch.delenv("MIRROR_KEY", raising=False)
    monkeypatch.setenv("MIRROR_KEY_FILE", str(file))
    ring = KeyRing.from_environment()
    assert ring.keys() == (OTHER,)
    write_key_file(file, [KEY, OTHER])
    assert ring.keys() == (KEY, OTHER)
    assert ring.find(OTHER.id, "It") == OTHER
    file.unlink()
    with pytest.raises(StoreError, match="cannot be read: it is gone"):
        ring.keys()


def test_a_mistake_in_the_environment_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIRROR_KEY", "hush")
    with pytest.raises(UsageError, match=r"\$MIRROR_KEY holds no key") as caught:
        Sealer()
    assert "hush" not in str(caught.value)
    monkeypatch.delenv("MIRROR_KEY")
    monkeypatch.setenv("MIRROR_KEY_FILE", os.devnull + "/none")
    with pytest.raises(StoreError, match="cannot be read"):
        Sealer()
