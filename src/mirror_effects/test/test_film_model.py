"""The film's figure over its background, and files that are no film network."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import mirror_effects
from mirror_core.errors import ModelError, ShapeError
from mirror_effects.film.composer import ALPHA_HIGH, ALPHA_LOW, composed
from mirror_effects.film.keras_model import open_film_model
from mirror_effects.film.model import FilmModel

OTHER_MODEL = Path(mirror_effects.__file__).parent / "data" / "occlusion.tflite"


def scene(side: int = 32) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    background = rng.integers(0, 256, (side, side, 3)).astype(np.uint8)
    return background, rng.random((side, side, 3), np.float32), np.zeros((side, side), np.float32)


def test_where_the_network_sees_nothing_the_backgrounds_very_bytes_are_seen():
    background, colour, alpha = scene()
    assert np.array_equal(composed(background, colour, alpha), background)
    alpha[:] = ALPHA_LOW
    assert np.array_equal(composed(background, colour, alpha), background)
    alpha[4:9, 10:20] = 1
    found = composed(background, colour, alpha)
    changed = (found != background).any(axis=2)
    assert changed[4:9, 10:20].mean() > 0.9
    changed[4:9, 10:20] = False
    assert not changed.any()


def test_from_the_high_alpha_on_only_the_networks_colour_is_seen():
    background, colour, alpha = scene()
    before = background.copy()
    alpha[3:5, 3:5] = ALPHA_HIGH
    alpha[20, 20] = 0.5
    found = composed(background, colour, alpha)
    assert found[3:5, 3:5] == pytest.approx(np.rint(colour[3:5, 3:5] * 255), abs=1)
    half = (background[20, 20] + colour[20, 20] * 255) / 2
    assert found[20, 20] == pytest.approx(half, abs=1)
    assert np.array_equal(background, before)


def test_what_does_not_fit_the_background_is_refused():
    background, colour, alpha = scene()
    with pytest.raises(ShapeError, match="as the background"):
        composed(background, colour[1:], alpha)
    with pytest.raises(ShapeError, match="as the background"):
        composed(background, colour, alpha[1:])


def test_files_that_are_no_film_network_are_refused_with_a_sentence(tmp_path):
    with pytest.raises(ModelError, match="is missing"):
        FilmModel(tmp_path / "film.tflite")
    (tmp_path / "film.tflite").write_bytes(b"nothing of the kind")
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    with pytest.raises(ModelError, match="is damaged"):
        FilmModel(tmp_path / "film.tflite")
    with pytest.raises(ModelError, match="is no film model"):
        FilmModel(OTHER_MODEL)


def test_a_keras_file_without_keras_is_refused_with_what_to_do(tmp_path, monkeypatch):
    with pytest.raises(ModelError, match="is missing"):
        open_film_model(tmp_path / "film.keras")
    (tmp_path / "film.keras").write_bytes(b"something")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"needs Keras .* use the \.tflite file"):
        open_film_model(tmp_path / "film.keras")
