"""Association: the right face gets the right id, and what cannot be is not made so."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_tracking.association import Candidate, assign, association_costs, distinct

RED, BLUE = np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)


def test_each_face_takes_the_observation_at_its_predicted_place():
    known = [Candidate(100, 100, 80), Candidate(300, 100, 80)]
    seen = [Candidate(305, 102, 82), Candidate(98, 101, 79)]
    assert sorted(assign(association_costs(known, seen))) == [(0, 1), (1, 0)]


def test_where_places_are_equal_appearance_decides():
    known = [Candidate(100, 100, 80, RED), Candidate(110, 100, 80, BLUE)]
    seen = [Candidate(101, 100, 80, BLUE), Candidate(109, 100, 80, RED)]
    assert sorted(assign(association_costs(known, seen))) == [(0, 1), (1, 0)]


@pytest.mark.parametrize(
    ("known", "seen"),
    [
        (Candidate(100, 100, 80), Candidate(200, 100, 80)),  # more than a face away within one frame
        (Candidate(100, 100, 80), Candidate(100, 100, 140)),  # suddenly much larger
        (Candidate(100, 100, 80, RED), Candidate(100, 100, 80, BLUE)),  # somebody else at the same place
    ],
)
def test_what_cannot_be_the_same_face_costs_infinitely(known, seen):
    assert association_costs([known], [seen])[0, 0] == np.inf
    assert assign(association_costs([known], [seen])) == []


def test_a_face_unseen_for_a_while_may_have_moved_farther():
    seen = Candidate(190, 100, 80)
    assert np.isinf(association_costs([Candidate(100, 100, 80)], [seen])[0, 0])
    assert np.isfinite(association_costs([Candidate(100, 100, 80, unseen_s=0.8)], [seen])[0, 0])


matrices = st.integers(1, 4).flatmap(
    lambda rows: st.integers(1, 4).flatmap(
        lambda columns: st.lists(
            st.lists(st.one_of(st.floats(0, 10), st.just(np.inf)), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        )
    )
)


@given(matrices)
def test_the_assignment_makes_the_most_pairs_at_the_lowest_cost(rows):
    costs = np.array(rows)
    pairs = assign(costs)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert all(np.isfinite(costs[i, j]) for i, j in pairs)
    tall = costs if costs.shape[0] <= costs.shape[1] else costs.T
    best = min(
        (-len(chosen), sum(chosen))
        for columns in itertools.permutations(range(tall.shape[1]), tall.shape[0])
        for chosen in [[tall[i, j] for i, j in enumerate(columns) if np.isfinite(tall[i, j])]]
    )
    assert -len(pairs) == best[0]
    assert sum(costs[i, j] for i, j in pairs) == pytest.approx(best[1])


def test_nobody_known_or_nobody_seen_gives_no_pairs():
    assert assign(association_costs([], [Candidate(0, 0, 10)])) == []
    assert assign(association_costs([Candidate(0, 0, 10)], [])) == []


def test_observations_of_one_face_are_merged_and_neighbours_are_not():
    seen = [
        Candidate(100, 100, 80),
        Candidate(110, 104, 84),  # the same face
        Candidate(170, 100, 80),  # cheek to cheek with it
        Candidate(104, 100, 200),  # a near face in front of a far one
    ]
    assert distinct(seen) == [0, 2, 3]
