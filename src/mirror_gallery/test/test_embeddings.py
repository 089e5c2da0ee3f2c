"""Embeddings: stored small and safely, compared by the nearest view, with a threshold and a margin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirror_core.errors import ShapeError, UsageError
from mirror_gallery.dlib_network import EMBEDDING_SIZE
from mirror_gallery.embeddings import (
    EVEN_ODDS,
    HEADER,
    KnownPeople,
    confidence,
    decode_embeddings,
    encode_embeddings,
)


def units(count: int, seed: int = 0) -> NDArray[np.float32]:
    """Random embeddings [count, 128] of length 1."""
    rows = np.random.default_rng(seed).normal(size=(count, EMBEDDING_SIZE))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def at(distance: float) -> NDArray[np.float32]:
    """An embedding at this distance from the origin's."""
    row = np.zeros(EMBEDDING_SIZE, np.float32)
    row[0] = distance
    return row


ORIGIN = at(0.0)


@given(views=st.integers(1, 64), recipe=st.integers(0, 255), seed=st.integers(0, 2**31))
def test_what_is_stored_comes_back_nearly_the_same(views: int, recipe: int, seed: int) -> None:
    rows = units(views, seed)
    data = encode_embeddings(rows, recipe)
    assert len(data) == 8 + 256 * views
    back = decode_embeddings(data, recipe)
    assert back.dtype == np.float32
    assert np.linalg.norm(back - rows, axis=1).max() < 0.001  # of distances around 0.3


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"MREC",
        encode_embeddings(units(2), 1)[:-1],
        encode_embeddings(units(2), 1) + b"\0",
        b"XXXX" + encode_embeddings(units(2), 1)[4:],
        HEADER.pack(b"MREC", 1, 1, 0),
        HEADER.pack(b"MREC", 1, 1, 65535),
        HEADER.pack(b"MREC", 2, 1, 1) + bytes(256),  # a version to come
        HEADER.pack(b"MREC", 1, 1, 1) + b"\0\x7c" * 128,  # infinite
    ],
)
def test_what_is_damaged_or_of_another_version_is_refused_with_what_to_do(damaged: bytes) -> None:
    with pytest.raises(UsageError, match="enrol the face again"):
        decode_embeddings(damaged, 1)


def test_embeddings_of_another_recipe_are_not_compared() -> None:
    with pytest.raises(UsageError, match="another version"):
        decode_embeddings(encode_embeddings(units(1), 1), 2)


@pytest.mark.parametrize("shape", [(0, 128), (65, 128), (1, 127), (128,)])
def test_only_embeddings_can_be_stored(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"float32 \[1 … 64, 128\], not"):
        encode_embeddings(np.zeros(shape, np.float32), 1)


def test_the_nearest_view_of_a_person_counts() -> None:
    people = KnownPeople({"ada": np.stack([at(0.9), at(0.2)]), "ben": np.stack([at(0.5)])})
    assert people.distances(ORIGIN) == pytest.approx([0.2, 0.5])
    found = people.match(ORIGIN, threshold=0.4, margin=0.1)
    assert found is not None
    assert (found.id, round(found.distance, 6)) == ("ada", 0.2)


def test_distances_are_those_of_every_view_by_itself() -> None:
    rows = units(60)
    looked = units(1, 99)[0]
    groups = np.split(rows, [1, 4, 20, 21, 50])
    people = KnownPeople({str(index): group for index, group in enumerate(groups)})
    expected = [min(float(np.linalg.norm(row - looked)) for row in group) for group in groups]
    assert people.distances(looked) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("ada", "ben", "expected"),
    [
        (0.30, 0.60, "ada"),
        (0.41, 0.90, None),  # too far from everybody
        (0.30, 0.35, None),  # could be both
        (0.60, 0.30, "ben"),
        (0.30, 0.42, "ada"),  # the second one may be beyond the threshold, too
        (0.38, 0.42, None),  # and still be too near to the first
    ],
)
def test_a_match_needs_nearness_and_a_margin(ada: float, ben: float, expected: str | None) -> None:
    people = KnownPeople({"ada": at(ada)[None], "ben": at(ben)[None]})
    found = people.match(ORIGIN, threshold=0.4, margin=0.1)
    assert (found.id if found else None) == expected


def test_one_person_needs_no_margin_and_nobody_is_nobody() -> None:
    found = KnownPeople({"ada": at(0.39)[None]}).match(ORIGIN, threshold=0.4, margin=0.1)
    assert found is not None and found.id == "ada"
    assert KnownPeople({}).match(ORIGIN) is None
    assert len(KnownPeople({})) == 0


def test_confidence_is_one_half_at_even_odds_and_falls_with_distance() -> None:
    assert confidence(EVEN_ODDS) == 0.5
    assert confidence(0.25) > 0.99
    assert confidence(1e9) == pytest.approx(0.0)
    falling = [confidence(distance) for distance in np.linspace(0, 1, 20)]
    assert falling == sorted(falling, reverse=True)
