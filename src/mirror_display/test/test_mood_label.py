"""The label beside a mood's ring: its words, and that it is turned with the screen."""

from __future__ import annotations

import numpy as np
import pygame
import pytest

from mirror_core.mood_colours import MOOD_COLOURS, UNSURE_COLOUR
from mirror_core.moods import MoodLabel
from mirror_display.mood_label import MoodLabels, label_lines
from mirror_display.mood_rings import MoodReading
from mirror_display.mood_words import ENGLISH, MoodWords

HAPPY = MoodReading.of(np.array([0.005, 0.02, 0.03, 0.83, 0.01, 0.04, 0.065]), False)
GERMAN = MoodWords({mood: f"Wort {mood.value}" for mood in MoodLabel}, "unsicher", "{word}: {percent} %")


def texts(reading: MoodReading, is_long: bool, words: MoodWords = ENGLISH) -> list[str]:
    return [text for text, _ in label_lines(reading, is_long, words)]


def test_the_dominant_mood_comes_first_and_the_next_three_below():
    assert texts(HAPPY, True) == ["happy 83 %", "neutral 6 %", "surprised 4 %", "afraid 3 %"]
    assert texts(HAPPY, False) == ["happy 83 %"]


def test_each_line_has_the_colour_of_its_mood():
    colours = [colour for _, colour in label_lines(HAPPY, True)]
    assert colours[:2] == [MOOD_COLOURS[MoodLabel.HAPPY], MOOD_COLOURS[MoodLabel.NEUTRAL]]


@pytest.mark.parametrize("mood", list(MoodLabel))
def test_the_word_is_that_of_the_most_probable_mood(mood):
    shares = np.full(7, 0.05)
    shares[mood] = 0.7
    assert texts(MoodReading.of(shares, False), True)[0] == f"{ENGLISH.moods[mood]} 70 %"


def test_moods_that_are_hardly_likely_are_not_written():
    certain = MoodReading.of(np.array([0.0, 0.004, 0.0, 0.99, 0.006, 0.0, 0.0]), False)
    assert texts(certain, True) == ["happy 99 %"]


def test_unsure_says_only_that():
    reading = MoodReading.of(np.array([0.1, 0.1, 0.1, 0.3, 0.1, 0.1, 0.2]), True)
    assert label_lines(reading, True) == (("unsure", UNSURE_COLOUR),)


def test_another_language_is_another_table():
    assert texts(HAPPY, False, GERMAN) == ["Wort 3: 83 %"]
    assert texts(MoodReading(unsure=True), False, GERMAN) == ["unsicher"]


def test_a_label_is_kept_while_its_words_stay_and_turned_with_the_screen():
    labels = MoodLabels()
    upright = labels.label(HAPPY, True, 1.0, 0)
    assert labels.label(HAPPY, True, 1.0, 0) is upright
    turned = labels.label(HAPPY, True, 1.0, 90)
    expected = np.rot90(pygame.surfarray.array3d(upright).transpose(1, 0, 2), -1)
    assert np.array_equal(pygame.surfarray.array3d(turned).transpose(1, 0, 2), expected)
