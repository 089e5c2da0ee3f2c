"""The effect interface: the example in its docs runs, and pictures are copied once at most."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pytest

import mirror_effects.effect
from mirror_core.frame import read_only
from mirror_core.parameters import specs_of
from mirror_core.testing import synthetic_face
from mirror_effects import Effect, NoParameters, Scene, writable


def black(height: int = 480, width: int = 640) -> np.ndarray:
    return read_only(np.zeros((height, width, 3), np.uint8))


def documented_example() -> str:
    """The code block of the module's docstring."""
    text = mirror_effects.effect.__doc__ or ""
    lines = text.splitlines()
    block = [line for line in lines if line.startswith("    ") or not line.strip()]
    return textwrap.dedent("\n".join(block))


def test_the_example_in_the_docs_is_a_complete_effect() -> None:
    namespace: dict[str, Any] = {"__name__": "example"}
    code = documented_example()
    exec(compile(code, "the docstring of mirror_effects.effect", "exec", dont_inherit=True), namespace)
    assert len(code.strip().splitlines()) <= 32
    effect_class = namespace["SpotlightEffect"]
    assert issubclass(effect_class, Effect)
    assert (effect_class.name, effect_class.needs) == ("spotlight", {"faces"})
    assert [spec.name for spec in specs_of(effect_class.Parameters)] == ["radius"]
    effect, image = effect_class(), black()
    face = synthetic_face((320.0, 240.0), 100.0)
    shown = effect.apply(image, Scene(0, (face,)))
    assert shown.shape == image.shape
    assert not image.any()
    radius = round(0.8 * face.roi.height)
    assert shown[240, 320 + radius].any()
    assert not shown[240, 320].any()
    rows, columns = np.nonzero(shown.any(axis=2))
    assert abs(np.hypot(rows - 240, columns - 320) - radius).max() < 6
    assert effect.apply(image, Scene(0)) is not None


def test_a_picture_that_may_be_drawn_on_is_not_copied() -> None:
    image = np.zeros((4, 6, 3), np.uint8)
    assert writable(image) is image


def test_a_shared_picture_is_copied_once() -> None:
    image = black(4, 6)
    copy = writable(image)
    assert not np.shares_memory(copy, image)
    assert copy.flags.writeable
    assert writable(copy) is copy


def test_an_effect_without_parameters_or_needs_says_so() -> None:
    class Plain(Effect):
        name = "plain"

        def apply(self, image: Any, scene: Scene) -> Any:
            return image

    effect = Plain()
    assert effect.parameters == NoParameters()
    assert effect.needs == frozenset()
    effect.close()


def test_an_effect_must_say_what_it_does() -> None:
    class Nothing(Effect):
        name = "nothing"

    with pytest.raises(TypeError, match="apply"):
        Nothing()  # type: ignore[abstract]
