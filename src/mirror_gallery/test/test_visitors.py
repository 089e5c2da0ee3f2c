"""Who is there, who wears what, and when a visit is over."""

from __future__ import annotations

from typing import Any

import pytest

from mirror_core.errors import UsageError
from mirror_gallery.visitors import AWAY_S, EVERYBODY, Present, Visitors


@pytest.fixture
def visitors() -> Visitors:
    return Visitors()


def wear(visitors: Visitors, track: int, face_id: str, now_s: float = 0.0, **more: Any) -> bool:
    return visitors.wear(track, face_id, name="Ada", now_s=now_s, **{"by_owner_only": False, **more})


def ids(visitors: Visitors) -> dict[int, str]:
    return {track: who.id for track, who in visitors.present.items()}


# ---- who is there


def test_a_person_checks_in_and_out(visitors: Visitors) -> None:
    assert visitors.check_in(3, "ada", 0.0)
    assert visitors.present == {3: Present("ada", recognised=False, confidence=1.0)}
    assert not visitors.check_in(3, "ada", 1.0)  # nothing new
    assert visitors.check_out(3)
    assert visitors.present == {}
    assert not visitors.check_out(3)


def test_nobody_is_in_two_places_and_nobody_is_two_people(visitors: Visitors) -> None:
    visitors.check_in(3, "ada", 0.0)
    visitors.check_in(5, "ada", 1.0)
    assert ids(visitors) == {5: "ada"}
    visitors.check_in(5, "bo", 2.0)
    assert ids(visitors) == {5: "bo"}


def test_what_people_say_counts_more_than_what_the_mirror_thinks(visitors: Visitors) -> None:
    visitors.see([3, 5, 7], 0.0)
    visitors.check_in(3, "ada", 0.0)
    assert visitors.recognise({3: Present("bo", True, 0.9), 5: Present("ada", True, 0.9)}) is False
    assert ids(visitors) == {3: "ada"}
    assert visitors.recognise({7: Present("bo", True, 0.8)})
    assert visitors.present[7] == Present("bo", True, 0.8)
    assert not visitors.recognise({7: Present("bo", True, 0.7)})  # the same people
    assert visitors.recognise({})
    assert ids(visitors) == {3: "ada"}


def test_who_leaves_for_good_is_forgotten_and_who_is_seen_again_is_not(visitors: Visitors) -> None:
    visitors.check_in(3, "ada", 0.0)
    visitors.check_in(5, "bo", 0.0)
    wear(visitors, 3, "clown")
    wear(visitors, EVERYBODY, "cat")
    visitors.see([5], AWAY_S - 1)
    assert not visitors.forget_gone(AWAY_S - 0.5)
    assert visitors.forget_gone(AWAY_S + 0.5)
    assert ids(visitors) == {5: "bo"}
    assert visitors.worn == {EVERYBODY: "cat"}
    assert not visitors.forget_gone(AWAY_S + 0.6)


def test_somebody_is_watched_as_long_as_they_could_leave(visitors: Visitors) -> None:
    assert not visitors.is_anybody_watched
    wear(visitors, EVERYBODY, "cat")
    assert not visitors.is_anybody_watched
    visitors.check_in(3, "ada", 0.0)
    assert visitors.is_anybody_watched
    visitors.forget_gone(AWAY_S + 1)
    assert not visitors.is_anybody_watched
    visitors.begin_visit("bo", 0.0)
    assert visitors.is_anybody_watched


def test_who_is_in_view_is_known_for_a_moment(visitors: Visitors) -> None:
    visitors.see([3], 10.0)
    assert visitors.in_view(10.5) == {3}
    assert visitors.in_view(12.0) == frozenset()


# ---- who wears what


def test_different_people_wear_different_faces(visitors: Visitors) -> None:
    assert wear(visitors, 3, "ada")
    assert wear(visitors, 5, "bo")
    assert wear(visitors, EVERYBODY, "cat")
    assert not wear(visitors, 5, "bo")
    assert visitors.worn == {3: "ada", 5: "bo", EVERYBODY: "cat"}
    assert visitors.take_off(5)
    assert not visitors.take_off(5)
    assert visitors.worn == {3: "ada", EVERYBODY: "cat"}


def test_a_private_face_is_worn_by_its_owner_alone(visitors: Visitors) -> None:
    with pytest.raises(
        UsageError, match=r"^Ada may be worn by Ada alone, and this person has not checked in"
    ):
        wear(visitors, 3, "ada", by_owner_only=True)
    with pytest.raises(UsageError, match=r"^Ada may be worn by Ada alone, not by everybody\.$"):
        wear(visitors, EVERYBODY, "ada", by_owner_only=True)
    visitors.check_in(3, "ada", 0.0)
    with pytest.raises(UsageError, match="not by everybody"):
        wear(visitors, EVERYBODY, "ada", by_owner_only=True)
    assert wear(visitors, 3, "ada", by_owner_only=True)
    assert visitors.worn == {3: "ada"}


@pytest.mark.parametrize(
    "leave",
    [
        lambda v: v.check_out(3),
        lambda v: v.check_in(3, "bo", 1.0),
        lambda v: v.check_in(8, "ada", 1.0),
    ],
)
def test_a_private_face_comes_off_when_its_owner_is_no_longer_there(visitors: Visitors, leave: Any) -> None:
    visitors.check_in(3, "ada", 0.0)
    wear(visitors, 3, "ada", by_owner_only=True)
    wear(visitors, 5, "cat")
    assert leave(visitors)
    assert visitors.worn == {5: "cat"}


def test_an_erased_face_is_off_everybody_and_nobody_is_it(visitors: Visitors) -> None:
    visitors.check_in(3, "ada", 0.0)
    visitors.check_in(5, "bo", 0.0)
    wear(visitors, 3, "ada")
    wear(visitors, 5, "ada")
    wear(visitors, EVERYBODY, "ada")
    wear(visitors, 7, "cat")
    visitors.begin_visit("ada", 0.0)
    assert visitors.forget_faces(["ada"])
    assert visitors.worn == {7: "cat"}
    assert ids(visitors) == {5: "bo"}
    assert visitors.visits == []
    assert not visitors.forget_faces(["ada"])


# ---- visits


def test_a_visit_lasts_as_long_as_its_person_is_seen(visitors: Visitors) -> None:
    visitors.begin_visit("ada", 0.0)
    visitors.check_in(3, "ada", 0.0)
    for now_s in range(1, 500):
        visitors.see([3, 4], float(now_s))
        assert visitors.visits_over(now_s, 60.0) == []
    for now_s in range(500, 559):
        visitors.see([4], float(now_s))
        visitors.forget_gone(now_s)
    assert visitors.visits_over(559.0, 60.0) == []
    assert visitors.visits_over(560.0, 60.0) == ["ada"]


def test_another_wearer_does_not_prolong_a_persons_visit(visitors: Visitors) -> None:
    visitors.begin_visit("ada", 0.0)
    visitors.check_in(3, "ada", 0.0)
    wear(visitors, 4, "ada")
    visitors.see([4], 100.0)
    assert visitors.visits_over(100.0, 60.0) == ["ada"]


def test_the_visit_of_a_photograph_lasts_as_long_as_somebody_wears_it(visitors: Visitors) -> None:
    visitors.begin_visit("photo", 0.0)
    wear(visitors, 4, "photo")
    visitors.see([4], 100.0)
    assert visitors.visits_over(150.0, 60.0) == []
    visitors.see([5], 200.0)
    assert visitors.visits_over(200.0, 60.0) == ["photo"]
    wear(visitors, EVERYBODY, "photo")
    visitors.see([5], 210.0)
    assert visitors.visits_over(210.0, 60.0) == []
    visitors.see([], 300.0)
    assert visitors.visits_over(300.0, 60.0) == ["photo"]


def test_who_checks_in_again_goes_on_with_their_visit(visitors: Visitors) -> None:
    visitors.begin_visit("ada", 0.0)
    visitors.check_in(3, "ada", 0.0)
    visitors.check_in(9, "ada", 50.0)  # they turned away, and were tracked anew
    visitors.see([9], 100.0)
    assert visitors.visits_over(150.0, 60.0) == []
