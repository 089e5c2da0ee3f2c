"""Bad words and files for moods: rules, how moods are weighed, the card of a model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("rclpy", reason="ROS 2 is not installed")

from mirror_core.errors import ModelError, ParameterError
from mirror_core.testing_fuzz import damaged, fuzz, json_values, odd_numbers, odd_texts, promised
from mirror_mood.classifier import Card, card_file
from mirror_mood.fusion import Fusion
from mirror_mood.mood_actions import typed
from mirror_mood.rules import parse_rules
from mirror_tracking.mask_reading import load_card

RULE = "name=smile mood=happy duration=1 cooldown=3600 effects=landmarks lasts=5"
words = st.builds(
    "{}={}".format,
    st.sampled_from(
        ("name", "mood", "duration", "cooldown", "effects", "lasts", "set", "capture", "share", "")
    ),
    odd_texts()
    | odd_numbers().map(str)
    | st.sampled_from(("happy", "mask,swap", "'", '"a', "1", "mask.strength:0.5")),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad")


@fuzz(80)
@given(
    lines=st.lists(
        st.one_of(
            st.lists(words, max_size=6).map(" ".join),
            damaged(RULE.encode()).map(lambda data: data.decode("utf-8", "replace")),
            odd_texts(),
        ),
        max_size=3,
    )
)
def test_rules_are_refused_or_read(lines: list[str]) -> None:
    with promised("mood rule", ParameterError):
        assert len(parse_rules(lines)) == len([line for line in lines if line.strip()])


@fuzz(60)
@given(
    text=st.one_of(
        odd_texts(), st.sampled_from(("2001-99-99", "!!int ''", "&a [*a]", "[" * 3000, "{a: b}", "0x"))
    )
)
def test_a_value_of_a_rule_is_what_it_says_or_a_word(text: str) -> None:
    with promised("value of a mood rule"):
        assert isinstance(typed(text), (bool, int, float, str))


def changed(text: str) -> st.SearchStrategy[bytes]:
    """A JSON object with other values."""
    content = json.loads(text)
    values = json_values() | odd_numbers()
    return st.one_of(
        st.dictionaries(st.sampled_from(sorted(content)), values, max_size=2).map(
            lambda odd: json.dumps({**content, **odd}).encode("utf-8", "surrogatepass")
        ),
        damaged(text.encode()),
        values.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")),
        st.just(b"[" * 5000),
    )


@pytest.fixture(scope="module")
def shipped(folder: Path) -> str:
    file = folder / "whole.json"
    Fusion.read().write(file)
    return file.read_text(encoding="utf-8")


@fuzz(60)
@given(data=st.data())
def test_how_moods_are_weighed_is_refused_or_finite(folder: Path, shipped: str, data: st.DataObject) -> None:
    file = folder / "fusion.json"
    file.write_bytes(data.draw(changed(shipped)))
    with promised("mood fusion file", ModelError):
        fusion = Fusion.read(file)
        assert np.isfinite(fusion.typical_rest).all()


@fuzz(60)
@given(content=changed(json.dumps({"temperature": 1.2, "labels": ["neutral", "happy"]})))
def test_cards_of_mood_models_are_refused_or_read(folder: Path, content: bytes) -> None:
    model = folder / "mood.tflite"
    card_file(model).write_bytes(content)
    with promised("card of a mood model", ModelError):
        Card.read(model)


@fuzz(60)
@given(content=changed(json.dumps({"side": 192, "mask_share": 0.1, "mask_spread": 0.02})))
def test_cards_of_mask_models_are_refused_or_read(folder: Path, content: bytes) -> None:
    file = folder / "unmask.json"
    file.write_bytes(content)
    with promised("card of a mask model", ModelError):
        load_card(file)
