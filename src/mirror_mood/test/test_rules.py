"""Rules on moods: how they are written, when they fire, when they rest."""

from __future__ import annotations

import numpy as np
import pytest

from mirror_core.errors import ParameterError
from mirror_core.moods import MOOD_COUNT, Mood, MoodLabel, MoodSet
from mirror_mood.rules import Fired, MoodRule, RuleEngine, parse_rule, parse_rules

STEP_NS = 100_000_000


def mood(word: str, track_id: int = 1, person: str = "", unsure: bool = False) -> Mood:
    values = np.full(MOOD_COUNT, 0.05, np.float32)
    values[MoodLabel[word.upper()]] = 0.7
    return Mood(track_id, values, unsure=unsure, person=person)


def play(
    engine: RuleEngine, *scenes: tuple[float, list[Mood]], start_s: float = 100.0
) -> list[tuple[float, Fired]]:
    """Show each scene for its seconds, ten times a second; what fired, and when it did from the start."""
    fired, stamp_ns = [], int(start_s * 1e9)
    for seconds, moods in scenes:
        for _ in range(round(seconds * 1e9 / STEP_NS)):
            news = engine.update(MoodSet(stamp_ns, "camera_optical", tuple(moods)))
            fired += [(round(stamp_ns / 1e9 - start_s, 1), each) for each in news]
            stamp_ns += STEP_NS
    return fired


# ---- how they are written


def test_a_rule_is_read_with_all_its_parts() -> None:
    line = (
        "name=cheer mood=sad person=ada duration=4 cooldown=90 "
        "effects=mask+deform deform.preset=cheery lasts=10"
    )
    assert parse_rule(line) == MoodRule(
        "cheer",
        MoodLabel.SAD,
        duration_s=4.0,
        cooldown_s=90.0,
        person="ada",
        effects=("mask", "deform"),
        parameters={"deform.preset": "cheery"},
        lasts_s=10.0,
    )
    assert parse_rule(line).action == "effect:mask,deform deform.preset=cheery"


def test_what_is_left_out_has_a_default() -> None:
    assert parse_rule("name=a mood=happy") == MoodRule("a", MoodLabel.HAPPY, 3.0, 60.0)
    assert parse_rule("name=a mood=happy").action == ""


def test_values_with_spaces_stand_in_quotation_marks() -> None:
    rule = parse_rule("name=a mood=happy effects=mask mask.texture='my own mask'")
    assert rule.parameters == {"mask.texture": "my own mask"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("mood=sad", "no name="),
        ("name=a", "no mood="),
        ("name=a mood=gloomy", "allowed are angry, disgust"),
        ("name='a b' mood=sad", "letters, digits"),
        ("name=a mood=sad duration=soon", "0.5 … 3600"),
        ("name=a mood=sad duration=0.1", "0.5 … 3600"),
        ("name=a mood=sad cooldown=-1", "0 … 86400"),
        ("name=a mood=sad colour=red", "'colour=red' is no key=value"),
        ("name=a mood=sad effects", "'effects' is no key=value"),
        ("name=a mood=sad mood=happy", "mood stands there twice"),
        ("name=a mood=sad lasts=5", "needs effects="),
        ("name=a mood=sad effects=mask+mask", "each effect may stand once"),
        ("name=a mood=sad person='ada", "quotation mark"),
    ],
)
def test_what_is_no_rule_is_refused_with_what_is_allowed(line: str, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        parse_rule(line)


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(ParameterError, match="called a"):
        parse_rules(["name=a mood=sad", "", "name=a mood=happy"])


# ---- when they fire


def test_a_mood_that_lasts_fires_once_and_then_rests() -> None:
    engine = RuleEngine([parse_rule("name=a mood=sad duration=2 cooldown=10")])
    fired = play(engine, (1.0, [mood("neutral")]), (20.0, [mood("sad")]))
    assert [at for at, _ in fired] == [3.0, 13.0]
    assert fired[0][1].duration_s == pytest.approx(2.0, abs=0.01)
    assert fired[1][1].duration_s == pytest.approx(10.0, abs=0.2)  # since it fired


def test_a_scripted_afternoon() -> None:
    engine = RuleEngine(
        parse_rules(
            [
                "name=cheer mood=sad duration=2 cooldown=30",
                "name=party mood=happy duration=1 cooldown=5 person=known",
            ]
        )
    )
    fired = play(
        engine,
        (3.0, [mood("neutral", person="ada")]),
        (1.5, [mood("sad", person="ada")]),  # too short
        (2.0, [mood("happy", person="ada")]),  # party at 5.5
        (
            3.0,
            [mood("sad", person="ada"), mood("happy", track_id=2)],
        ),  # cheer at 8.5; a stranger's joy is none
        (
            7.0,
            [mood("sad", person="ada"), mood("happy", track_id=2, person="ben")],
        ),  # ben's party at 10.5, 15.5
    )
    assert [(at, each.rule.name, each.mood.person) for at, each in fired] == [
        (5.5, "party", "ada"),
        (8.5, "cheer", "ada"),
        (10.5, "party", "ben"),
        (15.5, "party", "ben"),
    ]


def test_a_short_gap_does_not_end_a_mood_and_a_longer_one_does() -> None:
    rule = parse_rule("name=a mood=sad duration=2 cooldown=60")
    short = play(RuleEngine([rule]), (1.0, [mood("sad")]), (0.5, [mood("happy")]), (3.0, [mood("sad")]))
    assert [at for at, _ in short] == [2.0]
    longer = play(RuleEngine([rule]), (1.0, [mood("sad")]), (1.0, [mood("happy")]), (3.0, [mood("sad")]))
    assert [at for at, _ in longer] == [4.0]


def test_what_the_mirror_is_unsure_of_never_fires() -> None:
    engine = RuleEngine([parse_rule("name=a mood=sad duration=1")])
    assert play(engine, (10.0, [mood("sad", unsure=True)])) == []


def test_a_rule_for_one_person_leaves_all_others_alone() -> None:
    engine = RuleEngine([parse_rule("name=a mood=sad duration=1 person=ada")])
    assert play(engine, (3.0, [mood("sad", person="ben"), mood("sad", track_id=2)])) == []
    assert len(play(engine, (3.0, [mood("sad", track_id=3, person="ada")]), start_s=200.0)) == 1


def test_a_known_person_keeps_the_cooldown_with_another_track_id() -> None:
    engine = RuleEngine([parse_rule("name=a mood=sad duration=1 cooldown=60")])
    scenes = (3.0, [mood("sad", 1, "ada")]), (3.0, []), (3.0, [mood("sad", 2, "ada")])
    assert [at for at, _ in play(engine, *scenes)] == [1.0]


def test_everything_begins_anew_when_stamps_jump_back() -> None:
    engine = RuleEngine([parse_rule("name=a mood=sad duration=1 cooldown=1000")])
    assert len(play(engine, (2.0, [mood("sad")]), start_s=500.0)) == 1
    assert [at for at, _ in play(engine, (2.0, [mood("sad")]), start_s=100.0)] == [1.0]


def test_nothing_is_kept_of_people_who_are_gone() -> None:
    engine = RuleEngine([parse_rule("name=a mood=sad duration=5 cooldown=1")])
    for number in range(200):
        play(engine, (0.2, [mood("sad", number)]), start_s=100.0 + number)
    assert len(engine._watches) < 20
    assert not engine._rests_until
