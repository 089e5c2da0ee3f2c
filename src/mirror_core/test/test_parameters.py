"""Parameter dataclasses: what is declared, what is accepted, what is refused and how that is said."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.errors import ParameterError, UsageError
from mirror_core.parameters import parameter, specs_of, update


@dataclass(frozen=True)
class Mask:
    """One parameter of each kind."""

    strength: float = parameter(1.0, "Share of the mask.", minimum=0.0, maximum=2.0)
    count: int = parameter(3, "How many.", minimum=1)
    delay: float = parameter(0.0, "In seconds.", maximum=5.0)
    on: bool = parameter(True, "Whether it is on.")
    mode: str = parameter("soft", "How it blends.", choices=("soft", "hard"))
    words: tuple[str, ...] = parameter(("a",), "Words.", choices=("a", "b", "c"))
    title: str = parameter("", "Any text.", live=False)
    scale: float = parameter(1.0, "Any number.")


def test_the_specs_say_what_the_fields_say_in_order() -> None:
    specs = {spec.name: spec for spec in specs_of(Mask)}
    assert list(specs) == ["strength", "count", "delay", "on", "mode", "words", "title", "scale"]
    assert [spec.kind for spec in specs.values()] == [float, int, float, bool, str, tuple, str, float]
    assert specs["strength"].description == "Share of the mask."
    assert (specs["strength"].minimum, specs["strength"].maximum) == (0.0, 2.0)
    assert specs["words"].default == ("a",)
    assert not specs["title"].live
    assert specs_of(Mask()) == specs_of(Mask)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("strength", "0.0 … 2.0"),
        ("count", "1 or more"),
        ("delay", "5.0 or less"),
        ("mode", "soft | hard"),
        ("words", "a | b | c"),
        ("title", ""),
    ],
)
def test_the_constraint_is_told_in_words(name: str, words: str) -> None:
    assert next(spec for spec in specs_of(Mask) if spec.name == name).constraint == words


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("strength", 7.0, "strength = 7.0 is refused: allowed is 0.0 … 2.0."),
        ("strength", -1, "strength = -1.0 is refused: allowed is 0.0 … 2.0."),
        ("strength", math.nan, "strength = nan is refused: allowed is 0.0 … 2.0."),
        ("strength", "1.0", "strength = '1.0' is refused: allowed is a number."),
        ("strength", True, "strength = True is refused: allowed is a number."),
        ("count", 0, "count = 0 is refused: allowed is 1 or more."),
        ("count", 2.0, "count = 2.0 is refused: allowed is a whole number."),
        ("count", True, "count = True is refused: allowed is a whole number."),
        ("on", 1, "on = 1 is refused: allowed is true or false."),
        ("on", "true", "on = 'true' is refused: allowed is true or false."),
        ("mode", "firm", "mode = firm is refused: allowed is soft | hard."),
        ("mode", 1, "mode = 1 is refused: allowed is a text."),
        ("mode", None, "mode = None is refused: allowed is a text."),
        ("words", ["a", "d"], "words = d is refused: allowed is a | b | c."),
        ("words", [1], "words = [1] is refused: allowed is a list of words."),
        ("words", None, "words = None is refused: allowed is a list of words."),
        ("scale", math.inf, "scale = inf is refused: allowed is a finite number."),
        ("colour", 1, "colour is not a parameter: allowed are strength, count, delay, on, mode, words, "
                      "title, scale."),
    ],
)  # fmt: skip
def test_a_refused_value_is_told_in_one_sentence(name: str, value: object, sentence: str) -> None:
    with pytest.raises(ParameterError) as refused:
        update(Mask(), {name: value})
    assert str(refused.value) == sentence
    assert isinstance(refused.value, UsageError)


def test_the_sentence_names_the_group() -> None:
    with pytest.raises(ParameterError, match=r"^mask\.strength = 3\.0 is refused"):
        update(Mask(), {"strength": 3.0}, "mask.")
    with pytest.raises(ParameterError, match=r"^mask\.colour is not a parameter"):
        update(Mask(), {"colour": 3.0}, "mask.")


def test_a_whole_number_is_taken_for_a_number() -> None:
    strength = update(Mask(), {"strength": 2}).strength
    assert strength == 2.0
    assert type(strength) is float


@pytest.mark.parametrize(
    ("given_value", "words"),
    [("a,b", ("a", "b")), (" a , c ,", ("a", "c")), ("", ()), (["b"], ("b",)), (("a", "b"), ("a", "b"))],
)
def test_a_list_may_be_one_text_with_commas(given_value: object, words: tuple[str, ...]) -> None:
    assert update(Mask(), {"words": given_value}).words == words


def test_an_update_leaves_the_old_configuration_and_the_other_values() -> None:
    before = Mask(count=9)
    after = update(before, {"strength": 0.5, "mode": "hard"})
    assert (after.strength, after.mode, after.count) == (0.5, "hard", 9)
    assert (before.strength, before.mode) == (1.0, "soft")


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_number_is_accepted_exactly_inside_its_range(value: float) -> None:
    try:
        strength = update(Mask(), {"strength": value}).strength
    except ParameterError:
        assert not 0.0 <= value <= 2.0
    else:
        assert strength == value
        assert 0.0 <= value <= 2.0


def test_choices_may_become_known_at_run_time() -> None:
    plugins = ["one"]

    @dataclass(frozen=True)
    class Chosen:
        name: str = parameter("one", "Which.", choices=lambda: tuple(plugins))

    with pytest.raises(ParameterError, match=r"allowed is one\.$"):
        update(Chosen(), {"name": "two"})
    plugins.append("two")
    assert update(Chosen(), {"name": "two"}).name == "two"


def test_a_combination_that_the_dataclass_refuses_is_refused() -> None:
    @dataclass(frozen=True)
    class Range:
        low: int = parameter(1, "Low.")
        high: int = parameter(2, "High.")

        def __post_init__(self) -> None:
            if self.low > self.high:
                raise ParameterError("low must not exceed high.")

    with pytest.raises(ParameterError, match="low must not exceed high"):
        update(Range(), {"low": 5})
    assert update(Range(), {"low": 5, "high": 6}).low == 5


def test_a_field_that_is_no_parameter_is_a_programming_error() -> None:
    @dataclass(frozen=True)
    class Plain:
        value: int = 1

    with pytest.raises(TypeError, match=r"Plain\.value must be declared with parameter"):
        specs_of(Plain)


@pytest.mark.parametrize("kind", [list[int], "int | None", dict])
def test_a_type_that_ros_parameters_lack_is_a_programming_error(kind: object) -> None:
    namespace = {"__annotations__": {"value": kind}, "value": parameter(None, "…")}
    strange = dataclass(frozen=True)(type("Strange", (), namespace))
    with pytest.raises(TypeError, match=r"Strange\.value: a parameter is bool, int, float, str or tuple"):
        specs_of(strange)
