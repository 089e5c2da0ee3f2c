"""Options of the generator: every one does something, none that is unknown or wrong is taken."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror_core.errors import ParameterError, UsageError
from mirror_effects.medical import MaskLook, MaskOptions, MedicalMasks, load_options, options_from
from mirror_effects.medical.options import option_specs
from mirror_effects.testing import painted, room, wearer

CHANGED: dict[str, tuple[dict[str, Any], Any]] = {
    # option → (the others that it needs to be seen, another value)
    "kinds": ({}, {"cloth": 1}),
    "colours": ({}, {"#c03020": 1}),
    "colour_strength": ({"colours": {"#c03020": 1}}, 0.4),
    "colour_variation": ({}, 0.3),
    "textures": ({}, {"stripes": 1}),
    "texture_strength": ({"textures": {"dots": 1}}, 0.3),
    "texture_scale": ({"textures": {"dots": 1}}, 2.0),
    "fits": ({}, {"under_nose": 1}),
    "size": ({}, 1.1),
    "size_variation": ({}, 0.2),
    "turn_variation": ({}, 10),
    "shift_variation": ({}, 0.1),
    "valve": ({"kinds": "kn95", "valve": 0}, 1),
    "bands": ({"bands": 1}, 0),
    "folds": ({}, 2),
    "wire": ({}, 0),
    "edge": ({}, 0),
    "lighting": ({}, 0),
    "skin_light": ({}, 1),
    "contact_shadow": ({}, 0),
    "exposure": ({}, 0),
    "brightness": ({}, 0.6),
    "brightness_variation": ({}, 0.5),
    "match_colour": ({}, 0),
    "softness": ({}, 0.02),
    "grain": ({}, 10),
    "strength": ({}, 0.5),
}
BASE: dict[str, Any] = {"kinds": "surgical", "textures": "plain", "fits": "regular"}


def drawn(values: dict[str, Any]) -> bytes:
    face = wearer(yaw=0.2)
    image = painted(room(), [face], light=0.8, sideways=0.5)
    return MedicalMasks(options_from(values)).put_on(image, face.landmarks, 4).image.tobytes()


def test_each_option_is_among_those_tried() -> None:
    assert list(CHANGED) == [spec.name for spec in option_specs()]


@pytest.mark.parametrize("name", CHANGED)
def test_each_option_changes_the_picture(name: str) -> None:
    others, value = CHANGED[name]
    assert drawn({**BASE, **others}) != drawn({**BASE, **others, name: value})


@pytest.mark.parametrize("kind", ["surgical", "n95", "kn95", "cloth", "respirator", "gas"])
@pytest.mark.parametrize("name", ["colours", "textures", "fits", "folds", "wire", "edge", "bands", "size"])
def test_options_work_on_each_kind(kind: str, name: str) -> None:
    base = {**BASE, "kinds": kind, "bands": 1}
    assert drawn(base) != drawn({**base, name: CHANGED[name][1]})


@pytest.mark.parametrize("pattern", ["stripes", "dots", "checks", "flowers", "camouflage", "speckles"])
def test_patterns_differ(pattern: str) -> None:
    plain, patterned = (
        np.frombuffer(drawn({**BASE, "textures": name, "grain": 0}), np.uint8).astype(int)
        for name in ("plain", pattern)
    )
    assert np.abs(plain - patterned).max() > 40


def test_an_option_changes_nothing_but_what_it_is_for() -> None:
    first = MedicalMasks(options_from({"kinds": {"surgical": 1, "cloth": 1}}))
    second = MedicalMasks(options_from({"kinds": {"surgical": 1, "cloth": 1}, "fits": "low", "valve": 1}))
    for seed in range(30):
        one, other = first.look(seed), second.look(seed)
        assert (one.kind, one.colour, one.texture, one.size) == (
            other.kind,
            other.colour,
            other.texture,
            other.size,
        )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"colour": "red"}, r"^colour is not an option: allowed are kinds, colours, "),
        ({"size": 3}, r"^size = 3 is refused: allowed is 0\.7 … 1\.3\.$"),
        ({"size": float("nan")}, r"^size = nan is refused"),
        ({"size": "large"}, r"^size = 'large' is refused: allowed is a number 0\.7 … 1\.3\.$"),
        ({"valve": True}, r"^valve = True is refused: allowed is a number 0 … 1\.$"),
        ({"kinds": {"veil": 1}}, r"^kinds: veil is not known: allowed are weights of surgical, n95, "),
        ({"kinds": {"n95": -1}}, r"^kinds: the weight of n95 is -1: allowed is a number of 0 or more\.$"),
        ({"kinds": {"n95": 0}}, r"^kinds: all weights are 0, so that none can be drawn"),
        ({"kinds": {}}, r"^kinds = \{\} is refused: allowed are weights of "),
        ({"colours": {"red": 1}}, r"^colours: red is not known: allowed are weights of own, #rrggbb\.$"),
        ({"fits": 1}, r"^fits = 1 is refused: allowed are weights of regular, low, under_nose\.$"),
    ],
)
def test_what_is_wrong_is_refused_by_name(values: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        options_from(values)


def test_options_come_from_json_and_yaml(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text('kinds: {n95: 2, cloth: 1}\nsize: 1.1\ncolours: {"#102030": 1}\n')
    (tmp_path / "a.json").write_text('{"kinds": {"n95": 2, "cloth": 1}, "size": 1.1, "colours": "#102030"}')
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    read = load_options(tmp_path / "a.yaml")
    assert read == load_options(tmp_path / "a.json")
    assert (dict(read.kinds), read.size) == ({"n95": 2.0, "cloth": 1.0}, 1.1)
    assert load_options(tmp_path / "empty.yaml") == MaskOptions()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.yaml", "sise: 1", r"a\.yaml: sise is not an option: allowed are "),
        ("a.yaml", "size: [", r"The options .*a\.yaml are no YAML: "),
        ("a.json", "{", r"The options .*a\.json are no JSON: "),
        ("a.yaml", "- 1", r"must be names with values, not a list\."),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=message) as caught:
        load_options(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.yaml cannot be read: No such file"):
        load_options(tmp_path / "none.yaml")


def test_a_look_checks_itself() -> None:
    with pytest.raises(ParameterError, match=r"fit = loose is refused: allowed is regular \| low"):
        MaskLook(fit="loose")
    with pytest.raises(ParameterError, match=r"colour = red is refused: allowed is a colour as #rrggbb"):
        MaskLook(colour="red")


def test_the_page_has_every_option_as_the_code_has_it() -> None:
    page = (Path(__file__).parents[3] / "docs" / "medical_masks.md").read_text(encoding="utf-8")
    options = page.partition("## Options")[2]
    rows = [row for row in options.splitlines() if re.match(r"\| `[a-z_]+` \|", row)]
    wanted = []
    for spec in option_specs():
        default = (
            f"{spec.default:g}"
            if spec.choices is None
            else ", ".join(f"{name} {weight:g}" for name, weight in spec.default.items())
        )
        wanted.append(f"| `{spec.name}` | {default} | {spec.allowed} | {spec.description} |")
    assert rows == wanted
