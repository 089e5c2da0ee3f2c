"""The stack: order, failures of single effects, parameters now and later."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_core.frame import Image, read_only
from mirror_core.parameters import parameter
from mirror_effects import Effect, Scene, writable
from mirror_effects.plain import PlainEffect
from mirror_effects.stack import EffectStack

SCENE = Scene(0)


@dataclass(frozen=True)
class Amount:
    """How much is added."""

    amount: int = parameter(1, "Amount.", minimum=0, maximum=9)


class Add(Effect):
    """Adds a number to every pixel."""

    name = "add"
    Parameters = Amount
    instances: ClassVar[list[Add]] = []

    def __init__(self) -> None:
        super().__init__()
        self.closed = 0
        Add.instances.append(self)

    def apply(self, image: Image, scene: Scene) -> Image:
        image = writable(image)
        image += np.uint8(self.parameters.amount)
        return image

    def close(self) -> None:
        self.closed += 1


class Double(Effect):
    """Doubles every pixel."""

    name = "double"
    needs = frozenset({"faces"})

    def apply(self, image: Image, scene: Scene) -> Image:
        return (image * 2).astype(np.uint8)


class Broken(Effect):
    """Raises or returns what it is told."""

    name = "broken"
    result: ClassVar[Any] = ValueError("no face")
    calls: ClassVar[int] = 0

    def apply(self, image: Image, scene: Scene) -> Image:
        Broken.calls += 1
        if isinstance(Broken.result, Exception):
            raise Broken.result
        answer: Image = Broken.result
        return answer


@pytest.fixture
def stack() -> EffectStack:
    Add.instances.clear()
    Broken.calls = 0
    Broken.result = ValueError("no face")
    return EffectStack({cls.name: cls for cls in (PlainEffect, Add, Double, Broken)})


def picture(value: int = 3) -> Image:
    return read_only(np.full((4, 6, 3), value, np.uint8))


def shown(stack: EffectStack, value: int = 3) -> int:
    image = stack.apply(picture(value), SCENE)
    assert (image == image[0, 0, 0]).all()
    return int(image[0, 0, 0])


def test_an_empty_stack_shows_the_picture_itself(stack: EffectStack) -> None:
    image = picture()
    assert stack.apply(image, SCENE) is image
    assert (stack.order, stack.needs) == ((), frozenset())


def test_the_plain_effect_shows_the_picture_itself(stack: EffectStack) -> None:
    stack.choose(["none"])
    image = picture()
    assert stack.apply(image, SCENE) is image


def test_effects_are_applied_in_their_order(stack: EffectStack) -> None:
    stack.choose(["add", "double"])
    assert shown(stack, 3) == 8
    stack.choose(["double", "add"])
    assert shown(stack, 3) == 7
    assert stack.order == ("double", "add")


def test_the_shared_picture_stays_as_it_was(stack: EffectStack) -> None:
    stack.choose(["add", "double"])
    image = picture(3)
    stack.apply(image, SCENE)
    assert (image == 3).all()


def test_the_needs_are_those_of_the_chosen_effects(stack: EffectStack) -> None:
    stack.choose(["add"])
    assert stack.needs == frozenset()
    stack.choose(["add", "double"])
    assert stack.needs == {"faces"}


def test_each_effect_is_measured(stack: EffectStack) -> None:
    stack.choose(["add", "double"])
    shown(stack)
    shown(stack)
    assert [(name, times.count) for name, times in stack.stages.items()] == [("add", 2), ("double", 2)]


def test_an_effect_that_raises_is_taken_out_and_the_others_go_on(
    stack: EffectStack, caplog: pytest.LogCaptureFixture
) -> None:
    stack.choose(["add", "broken", "double"])
    with caplog.at_level(logging.ERROR, "mirror.effects"):
        assert [shown(stack, 3) for _ in range(3)] == [8, 8, 8]
    assert stack.failed == {"broken": "ValueError: no face"}
    assert Broken.calls == 1
    assert len(caplog.records) == 1
    assert "Effect broken is off until it is chosen again" in caplog.text


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (np.zeros((4, 6), np.uint8), r"uint8 \[4, 6\] instead of uint8 \[4, 6, 3\]"),
        (np.zeros((5, 6, 3), np.uint8), r"uint8 \[5, 6, 3\] instead of"),
        (np.zeros((4, 6, 3), np.float32), r"float32 \[4, 6, 3\] instead of"),
        (None, "NoneType"),
    ],
)
def test_an_effect_that_returns_no_picture_of_the_same_size_is_taken_out(
    stack: EffectStack, result: Any, reason: str
) -> None:
    Broken.result = result
    stack.choose(["broken", "double"])
    assert shown(stack, 3) == 6
    assert re.search(reason, stack.failed["broken"])


def test_an_effect_that_cannot_be_made_is_taken_out() -> None:
    class Unmade(Add):
        name = "unmade"

        def __init__(self) -> None:
            raise OSError("no model file")

    stack = EffectStack({"unmade": Unmade, "double": Double})
    stack.choose(["unmade", "double"])
    assert shown(stack, 3) == 6
    assert stack.failed == {"unmade": "OSError: no model file"}


def test_a_failed_effect_begins_anew_when_it_is_chosen_again(stack: EffectStack) -> None:
    stack.choose(["broken"])
    shown(stack)
    Broken.result = np.full((4, 6, 3), 9, np.uint8)
    assert shown(stack) == 3
    stack.choose(["broken"])
    assert stack.failed == {}
    assert shown(stack) == 9


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["add", "blur"], "blur is not an effect: allowed are none, add, double, broken."),
        (["add", "double", "add"], "add stands twice in add, double, add: each effect may stand once."),
    ],
)
def test_a_stack_that_is_not_allowed_is_refused_and_the_old_one_stays(
    stack: EffectStack, names: list[str], sentence: str
) -> None:
    stack.choose(["add"])
    shown(stack)
    with pytest.raises(UsageError) as refused:
        stack.choose(names)
    assert str(refused.value) == sentence
    assert stack.order == ("add",)
    assert shown(stack, 3) == 4
    assert Add.instances[0].closed == 0


def test_parameters_reach_an_effect_before_and_after_it_was_made(stack: EffectStack) -> None:
    stack.set_parameters("add", Amount(4))
    stack.choose(["add"])
    assert shown(stack, 3) == 7
    stack.set_parameters("add", Amount(5))
    assert shown(stack, 3) == 8
    stack.choose([])
    stack.set_parameters("add", Amount(6))
    stack.choose(["add"])
    assert shown(stack, 3) == 9
    assert len(Add.instances) == 2


def test_an_effect_that_stays_keeps_its_state_and_one_that_goes_is_released(stack: EffectStack) -> None:
    stack.choose(["add"])
    shown(stack)
    stack.choose(["double", "add"])
    shown(stack)
    assert len(Add.instances) == 1
    assert Add.instances[0].closed == 0
    stack.choose(["double"])
    assert Add.instances[0].closed == 1


def test_closing_releases_all_effects_once(stack: EffectStack) -> None:
    stack.choose(["add"])
    shown(stack)
    stack.close()
    stack.close()
    assert Add.instances[0].closed == 1


def test_an_effect_that_cannot_be_released_does_not_keep_others_from_being_chosen(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Sticky(Double):
        name = "sticky"

        def close(self) -> None:
            raise RuntimeError("device busy")

    stack = EffectStack({"sticky": Sticky, "add": Add})
    stack.choose(["sticky"])
    shown(stack)
    stack.choose(["add"])
    assert stack.order == ("add",)
    assert shown(stack, 3) == 4
    assert "Effect sticky could not be released cleanly" in caplog.text


def test_an_effect_may_work_ahead_and_is_taken_out_when_that_fails() -> None:
    class Ahead(Effect):
        name = "ahead"
        prepared: ClassVar[list[int]] = []

        def prepare(self, image: Any, scene: Scene) -> None:
            if scene.stamp_ns == 3:
                raise RuntimeError("no more")
            self.prepared.append(scene.stamp_ns)

        def apply(self, image: Any, scene: Scene) -> Any:
            return image

    stack = EffectStack({"ahead": Ahead, "none": PlainEffect})
    image = np.zeros((4, 4, 3), np.uint8)
    stack.choose(["none"])
    assert not stack.prepares
    stack.choose(["ahead", "none"])
    assert stack.prepares
    for stamp_ns in (1, 2, 3, 4):
        stack.prepare(image, Scene(stamp_ns))
    assert Ahead.prepared == [1, 2]
    assert stack.failed == {"ahead": "RuntimeError: no more"}


def test_an_effect_that_moves_faces_tells_those_behind_it_and_them_only() -> None:
    class Mover(Effect):
        """Says that the frame is a second later, which stands for faces that have moved."""

        name = "mover"

        def apply(self, image: np.ndarray, scene: Scene) -> np.ndarray:
            stamps.append(scene.stamp_ns)
            return image

        def scene_after(self, scene: Scene) -> Scene:
            return replace(scene, stamp_ns=scene.stamp_ns + 1)

    class Other(Mover):
        name = "other"

    stamps: list[int] = []
    stack = EffectStack({"mover": Mover, "other": Other})
    stack.choose(("mover", "other"))
    scene = Scene(5)
    for _ in range(2):
        stack.apply(picture(), scene)
    assert stamps == [5, 6, 5, 6]
    assert scene.stamp_ns == 5
    stack.close()


def test_an_effect_whose_account_of_moved_faces_fails_is_taken_out() -> None:
    class Lost(Double):
        name = "lost"

        def scene_after(self, scene: Scene) -> Scene:
            raise RuntimeError("where are they?")

    stack = EffectStack({"lost": Lost, "double": Double})
    stack.choose(("lost", "double"))
    assert shown(stack) == 6
    assert stack.failed == {"lost": "RuntimeError: where are they?"}
    stack.close()
