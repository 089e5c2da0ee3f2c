"""Presets of the Effects page: kept, used, renamed and removed; a damaged file is said to be one."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from mirror_core.errors import StoreError, UsageError
from mirror_core.live_parameter import LiveParameter
from mirror_web.effect_presets import EffectPreset, PresetStore, StackEntry, current_stack, use_preset
from mirror_web.testing import FakeControl

PARTY = EffectPreset(
    "Party",
    (
        StackEntry("mask", {"strength": 0.5, "eyes": False, "seed": 3, "kind": "cat", "words": ("a", "b")}),
        StackEntry("deform", {}),
    ),
)


@pytest.fixture
def store(tmp_path: Path) -> PresetStore:
    return PresetStore(tmp_path / "state" / "presets.json")


def control() -> FakeControl:
    mirror = FakeControl(("none", "mask", "deform"))
    mirror.parameters = {"mask": (LiveParameter("strength", 1.0), LiveParameter("kind", "gold"))}
    return mirror


def test_what_is_saved_is_found_again_with_its_types(store):
    assert store.presets() == ()
    before = store.revision()
    store.save(PARTY)
    assert store.revision() != before
    assert PresetStore(store.path).presets() == (PARTY,)
    assert [type(value) for value in store.preset("Party").stack[0].parameters.values()] == [
        float,
        bool,
        int,
        str,
        tuple,
    ]


def test_others_may_not_look_into_the_folder(store):
    store.save(PARTY)
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    assert [path.name for path in store.path.parent.iterdir()] == ["presets.json"]


def test_presets_stand_in_the_order_of_their_names_and_one_of_a_name_replaces_the_other(store):
    for name in ("zebra", "Ada", "beach"):
        store.save(EffectPreset(name, ()))
    store.save(EffectPreset("Ada", PARTY.stack))
    assert [(preset.name, len(preset.stack)) for preset in store.presets()] == [
        ("Ada", 2),
        ("beach", 0),
        ("zebra", 0),
    ]


def test_renaming_and_removing(store):
    store.save(PARTY)
    store.save(EffectPreset("Calm", ()))
    store.rename("Party", "Feast")
    assert store.preset("Feast").stack == PARTY.stack
    with pytest.raises(UsageError, match="A preset named Calm is kept already"):
        store.rename("Feast", "Calm")
    with pytest.raises(UsageError, match="The preset Party is no longer kept"):
        store.rename("Party", "Other")
    store.remove("Feast")
    store.remove("Feast")
    assert [preset.name for preset in store.presets()] == ["Calm"]


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"version": 2, "presets": []}',
        '{"version": 1, "presets": [{"name": "a", "stack": [{"effect": "mask"}]}]}',
        '{"version": 1, "presets": [{"name": "", "stack": []}]}',
        '{"version": 1, "presets": [{"name": "a", "stack": [{"effect": "m", "parameters": {"x": null}}]}]}',
    ],
)
def test_a_damaged_file_is_said_to_be_one_and_left_alone(store, content):
    store.path.parent.mkdir()
    store.path.write_text(content)
    for work in (store.presets, lambda: store.save(PARTY), lambda: store.remove("Party")):
        with pytest.raises(StoreError, match="are damaged and cannot be read; repair the file"):
            work()
    assert store.path.read_text() == content


def test_a_place_that_cannot_be_written_is_said_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be (written|read)"):
        PresetStore(tmp_path / "file" / "presets.json").save(PARTY)


@pytest.mark.parametrize("name", ["", " Party", "a\nb", "x" * 61])
def test_names_are_checked(name):
    with pytest.raises(UsageError):
        EffectPreset(name, ())


def test_the_present_stack_becomes_a_preset_and_comes_back():
    mirror = control()
    mirror.active = ("deform", "mask")
    kept = EffectPreset("Kept", current_stack(mirror))
    assert kept.stack[1].parameters == {"strength": 1.0, "kind": "gold"}
    mirror.active = ("none",)
    mirror.set_effect_parameters("mask", {"strength": 0.1, "kind": "cat"})
    assert use_preset(mirror, kept) is None
    assert mirror.active == ("deform", "mask")
    assert [parameter.value for parameter in mirror.parameters["mask"]] == [1.0, "gold"]


def test_effects_and_parameters_that_this_mirror_lacks_are_left_out():
    mirror = control()
    mirror.available = ("none", "mask")
    assert use_preset(mirror, PARTY) == "This mirror does not have: deform."
    assert mirror.active == ("mask",)
    assert [parameter.value for parameter in mirror.parameters["mask"]] == [0.5, "cat"]


def test_a_refusal_is_handed_on():
    mirror = control()
    mirror.refusal = "The effects node does not answer."
    problem = use_preset(mirror, PARTY)
    assert problem is not None
    assert "The effects node does not answer." in problem
