"""Launch arguments: defaults, and one sentence for each mistake."""

from __future__ import annotations

import pytest

from mirror.arguments import BOOLEANS, Argument, is_true, parse_arguments
from mirror.container import split_arguments
from mirror_core.errors import UsageError

DECLARED = (
    Argument("camera", "auto", "Where pictures come from."),
    Argument("web", "true", "Serve the page.", BOOLEANS),
    Argument("mode", "soft", "How.", ("soft", "hard")),
)


def test_without_words_all_arguments_have_their_defaults() -> None:
    assert parse_arguments(DECLARED, []) == {"camera": "auto", "web": "true", "mode": "soft"}


def test_a_value_may_hold_anything_also_the_separator() -> None:
    values = parse_arguments(DECLARED, ["camera:=a:=b c", "web:=FALSE"])
    assert values == {"camera": "a:=b c", "web": "false", "mode": "soft"}
    assert not is_true(values["web"])
    assert parse_arguments(DECLARED, ["camera:="])["camera"] == ""


def test_of_two_values_the_last_counts() -> None:
    assert parse_arguments(DECLARED, ["mode:=hard", "mode:=soft"])["mode"] == "soft"


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("colour:=red", "colour:= is not an argument: allowed are camera, web, mode."),
        ("web:=maybe", "web:=maybe is refused: allowed is true | false."),
        ("web:=", "web:= is refused: allowed is true | false."),
        ("mode:=Hard", "mode:=Hard is refused: allowed is soft | hard."),
        ("camera=demo", "'camera=demo' is not an argument: write name:=value, e.g. camera:=demo."),
        ("--help", "'--help' is not an argument: write name:=value, e.g. camera:=demo."),
        (":=x", ":= is not an argument: allowed are camera, web, mode."),
    ],
)
def test_a_mistake_is_told_in_one_sentence(word: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_arguments(DECLARED, [word])
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("words", "name", "rest"),
    [
        (["full"], "full", []),
        (["full", "camera:=demo"], "full", ["camera:=demo"]),
        (["full", "web:=false", "--ros-args", "-r", "__node:=x"], "full", ["web:=false"]),
    ],
)
def test_the_container_takes_its_own_words_and_leaves_those_of_ros(
    words: list[str], name: str, rest: list[str]
) -> None:
    assert split_arguments(words) == (name, rest)


@pytest.mark.parametrize("words", [[], ["--ros-args", "-r", "__node:=x"]])
def test_the_container_asks_for_the_graph_that_nobody_named(words: list[str]) -> None:
    with pytest.raises(UsageError, match=r"Name the graph to run, e\.g\. container full camera:=demo"):
        split_arguments(words)
