"""Who is there, from looks that may err: agreement, hysteresis, nobody twice, and people's own word first."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest

from mirror_gallery.embeddings import Match
from mirror_gallery.recognition_policy import PolicySettings, RecognitionPolicy

ADA, BEN = "ada", "ben"
STEP_S = 0.5
SETTINGS = PolicySettings(
    looks=4, over_s=1.0, within_s=10.0, doubts=3, settled_s=2.0, in_vain=5, stranger_s=3.0, absence_s=3.0
)


def match(person: str, distance: float = 0.3, confidence: float = 0.8) -> Match:
    return Match(person, distance, confidence)


class Mirror:
    """A policy and a clock; every step shows some tracks and looks at some."""

    def __init__(self, settings: PolicySettings = SETTINGS) -> None:
        self.policy = RecognitionPolicy(settings)
        self.stamp_ns = 1_000_000_000
        self.known: Collection[str] = {ADA, BEN}

    def step(
        self,
        looks: Mapping[int, Match | None],
        *,
        also: Collection[int] = (),
        themselves: Mapping[int, str] | None = None,
        step_s: float = STEP_S,
    ) -> None:
        """Time passes; the tracks of `looks` and `also` are in view, those of `looks` are looked at."""
        self.stamp_ns += round(step_s * 1e9)
        self.policy.see([*looks, *also], self.stamp_ns, themselves or {}, self.known)
        for track, found in looks.items():
            self.policy.look(track, found, self.stamp_ns)

    @property
    def names(self) -> dict[int, str]:
        return {track: who.id for track, who in self.policy.present.items()}


@pytest.fixture
def mirror() -> Mirror:
    return Mirror()


def known_as(mirror: Mirror, track: int, person: str) -> None:
    for _ in range(SETTINGS.looks):
        mirror.step({track: match(person)})
    assert mirror.names == {track: person}


def test_a_track_gets_a_name_only_after_enough_looks_that_agree(mirror: Mirror) -> None:
    for _ in range(3):
        mirror.step({1: match(ADA)})
        assert mirror.names == {}
    mirror.step({1: match(ADA)})
    assert mirror.names == {1: ADA}


def test_the_confidence_is_the_mean_over_the_looks(mirror: Mirror) -> None:
    for confidence in (0.6, 0.7, 0.8, 0.9):
        mirror.step({1: match(ADA, confidence=confidence)})
    assert mirror.policy.present[1].confidence == pytest.approx(0.75)


def test_looks_of_one_moment_do_not_suffice(mirror: Mirror) -> None:
    for _ in range(10):
        mirror.step({1: match(ADA)}, step_s=0.05)  # half a second in all
    assert mirror.names == {}
    mirror.step({1: match(ADA)}, step_s=0.6)
    assert mirror.names == {1: ADA}


def test_looks_that_lie_far_apart_do_not_count_together(mirror: Mirror) -> None:
    for _ in range(12):
        mirror.step({1: match(ADA)}, step_s=2.9)  # never more than four within ten seconds …
    assert mirror.names == {1: ADA}
    other = Mirror(PolicySettings(looks=4, within_s=8.0))
    for _ in range(12):
        other.step({1: match(ADA)}, step_s=2.9)  # … and three within eight
    assert other.names == {}


def test_a_look_at_somebody_else_begins_anew(mirror: Mirror) -> None:
    for _ in range(3):
        mirror.step({1: match(ADA)})
    mirror.step({1: match(BEN)})
    for _ in range(3):
        mirror.step({1: match(ADA)})
    assert mirror.names == {}
    mirror.step({1: match(ADA)})
    assert mirror.names == {1: ADA}


def test_a_look_without_an_answer_takes_one_agreement_back(mirror: Mirror) -> None:
    for found in (match(ADA), match(ADA), None, match(ADA), match(ADA)):
        mirror.step({1: found})
    assert mirror.names == {}
    mirror.step({1: match(ADA)})
    assert mirror.names == {1: ADA}


def test_half_of_the_looks_is_not_enough(mirror: Mirror) -> None:
    for _ in range(30):
        mirror.step({1: match(ADA)})
        mirror.step({1: None})
    assert mirror.names == {}


@pytest.mark.parametrize("doubt", [None, match(BEN)])
def test_a_name_stays_through_a_few_doubts_and_goes_after_many(mirror: Mirror, doubt: Match | None) -> None:
    known_as(mirror, 1, ADA)
    for _ in range(2):
        mirror.step({1: doubt})
        mirror.step({1: doubt})
        mirror.step({1: match(ADA)})  # one good look takes the doubts back
        assert mirror.names == {1: ADA}
    for _ in range(3):
        assert mirror.names == {1: ADA}
        mirror.step({1: doubt})
    assert mirror.names == {}


def test_a_lost_name_must_be_earned_again(mirror: Mirror) -> None:
    known_as(mirror, 1, ADA)
    for _ in range(3):
        mirror.step({1: None})
    mirror.step({1: match(ADA)})
    assert mirror.names == {}


def test_a_name_survives_a_short_loss_and_ends_with_the_track(mirror: Mirror) -> None:
    known_as(mirror, 1, ADA)
    mirror.step({}, step_s=2.9)
    assert mirror.names == {1: ADA}
    mirror.step({}, step_s=0.2)
    assert mirror.names == {}
    mirror.step({1: match(ADA)})  # the same id again: nothing is remembered
    assert mirror.names == {}


def test_two_tracks_are_never_one_person(mirror: Mirror) -> None:
    known_as(mirror, 1, ADA)
    for _ in range(10):
        mirror.step({1: match(ADA, 0.30), 2: match(ADA, 0.30)})
        assert mirror.names == {1: ADA}


def test_of_two_candidates_at_once_the_first_to_have_enough_looks_gets_the_name(mirror: Mirror) -> None:
    mirror.step({1: match(ADA)})
    for _ in range(6):
        mirror.step({1: match(ADA), 2: match(ADA)})
    assert mirror.names == {1: ADA}


def test_a_track_that_is_much_nearer_takes_the_name_over(mirror: Mirror) -> None:
    for _ in range(4):
        mirror.step({1: match(ADA, 0.36)})
    for _ in range(3):
        mirror.step({1: match(ADA, 0.36), 2: match(ADA, 0.25)})
        assert mirror.names == {1: ADA}
    mirror.step({1: match(ADA, 0.36), 2: match(ADA, 0.25)})
    assert mirror.names == {2: ADA}


def test_who_comes_back_under_another_id_takes_the_name_along(mirror: Mirror) -> None:
    known_as(mirror, 1, ADA)
    for _ in range(4):  # two seconds: track 1 is not forgotten yet
        mirror.step({7: match(ADA)})
    assert mirror.names == {7: ADA}


def test_two_people_are_known_side_by_side(mirror: Mirror) -> None:
    for _ in range(4):
        mirror.step({1: match(ADA), 2: match(BEN)})
    assert mirror.names == {1: ADA, 2: BEN}


def test_who_said_who_they_are_is_neither_looked_at_nor_changed(mirror: Mirror) -> None:
    for _ in range(6):
        mirror.step({1: match(ADA)}, themselves={1: BEN})
        assert mirror.policy.due([1], mirror.stamp_ns) == []
        assert mirror.names == {}
    assert not mirror.policy.is_busy


def test_a_persons_own_word_ends_what_the_mirror_thought_of_that_track(mirror: Mirror) -> None:
    known_as(mirror, 1, ADA)
    mirror.step({}, also=[1], themselves={1: BEN})
    assert mirror.names == {}


def test_nobody_else_is_taken_for_a_person_who_checked_in(mirror: Mirror) -> None:
    known_as(mirror, 1, ADA)
    mirror.step({}, also=[1, 2], themselves={2: ADA})
    assert mirror.names == {}
    for _ in range(6):
        mirror.step({1: match(ADA)}, also=[2], themselves={2: ADA})
        assert mirror.names == {}


def test_who_checks_out_is_not_recognised_again(mirror: Mirror) -> None:
    known_as(mirror, 1, ADA)
    mirror.policy.refuse(1)
    assert mirror.names == {}
    for step_s in (0.5, 0.5, 0.5, 0.5, 5.0, 0.5, 0.5, 0.5, 0.5):  # nor after an absence
        mirror.step({1: match(ADA)}, step_s=step_s)
        assert mirror.names == {}
        assert mirror.policy.due([1], mirror.stamp_ns) == []


def test_a_name_that_may_not_be_recognised_any_more_goes_at_once(mirror: Mirror) -> None:
    known_as(mirror, 1, ADA)
    mirror.known = {BEN}
    mirror.step({}, also=[1], step_s=0.03)
    assert mirror.names == {}


def test_looks_from_before_time_went_backwards_do_not_count(mirror: Mirror) -> None:
    known_as(mirror, 1, ADA)
    mirror.step({}, also=[1], step_s=-60.0)
    assert mirror.names == {}
    for _ in range(3):
        mirror.step({1: match(ADA)})
    assert mirror.names == {}


def test_a_result_of_a_track_that_has_gone_is_ignored(mirror: Mirror) -> None:
    mirror.step({})
    mirror.policy.look(9, match(ADA), mirror.stamp_ns)
    assert mirror.names == {}
    assert mirror.policy.due([9], mirror.stamp_ns) == []


def test_the_known_are_looked_at_seldom_but_at_once_when_in_doubt(mirror: Mirror) -> None:
    known_as(mirror, 1, ADA)

    def is_due(after_s: float) -> bool:
        return mirror.policy.due([1], mirror.stamp_ns + round(after_s * 1e9)) == [1]

    assert not is_due(1.9)
    assert is_due(2.0)
    mirror.step({1: None})
    assert is_due(0.0)


def test_strangers_are_looked_at_seldom_until_they_resemble_somebody(mirror: Mirror) -> None:
    for _ in range(5):
        mirror.step({}, also=[1])
        assert mirror.policy.due([1], mirror.stamp_ns) == [1]
        mirror.step({1: None})
    assert mirror.policy.due([1], mirror.stamp_ns + 2_900_000_000) == []
    assert mirror.policy.due([1], mirror.stamp_ns + 3_000_000_000) == [1]
    mirror.step({1: match(ADA)}, step_s=3.0)
    assert mirror.policy.due([1], mirror.stamp_ns) == [1]


def test_who_has_waited_longest_is_looked_at_first(mirror: Mirror) -> None:
    mirror.step({1: None}, also=[2, 3])
    mirror.step({3: None}, also=[1, 2])
    assert mirror.policy.due([1, 2, 3], mirror.stamp_ns) == [2, 1, 3]
