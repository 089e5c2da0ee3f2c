"""The name of a new effect: there at once, gone after its time, and not told again for the same effect."""

from __future__ import annotations

from mirror_display.effect_name import FADE_S, SHOWN_S, EffectName


def test_a_new_name_stands_for_its_time_and_fades_at_the_end():
    label = EffectName()
    assert label.look(0.0) == ("", 0.0)
    assert label.tell("Mask", 10.0)
    assert label.look(10.0) == ("Mask", 1.0)
    name, opacity = label.look(10.0 + SHOWN_S - FADE_S / 2)
    assert name == "Mask" and opacity == 0.5
    assert label.look(10.0 + SHOWN_S) == ("", 0.0)


def test_the_same_name_is_not_shown_again():
    label = EffectName()
    label.tell("Mask", 0.0)
    assert not label.tell("Mask", 100.0) and label.look(100.0) == ("", 0.0)
    assert label.tell("Swap", 100.0) and label.look(100.0) == ("Swap", 1.0)


def test_with_reduced_motion_it_does_not_fade():
    label = EffectName()
    label.tell("Mask", 0.0)
    assert label.look(SHOWN_S - FADE_S / 2, reduced_motion=True) == ("Mask", 1.0)
