"""The demo reel: endless, the same every time, and full of faces that trackers find."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_camera.choreography import REEL_DURATION_S, light_at, reel_schedule, stances_at
from mirror_camera.coarse_grid import CELL, CoarseGrid
from mirror_camera.portrait import load_portrait
from mirror_camera.reel import Reel
from mirror_camera.room import Room
from mirror_core.errors import ShapeError

FPS = 30.0


@pytest.fixture(scope="module")
def reel() -> Reel:
    return Reel(1280, 720)


@pytest.fixture(scope="module")
def small() -> Reel:
    return Reel(320, 180)


def _phase(name: str) -> tuple[float, float]:
    return next((phase.start_s, phase.end_s) for phase in reel_schedule() if name in phase.name)


def test_the_phases_fill_the_loop_without_gap() -> None:
    phases = reel_schedule()
    assert phases[0].start_s == 0
    assert phases[-1].end_s == REEL_DURATION_S
    assert all(a.end_s == b.start_s for a, b in itertools.pairwise(phases))
    assert {phase.people for phase in phases} == {0, 1, 2}


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 1e6))
def test_pictures_depend_on_the_time_alone(time_s: float) -> None:
    one, other = Reel(160, 90), Reel(160, 90)
    one.render(time_s + 17.0)
    assert np.array_equal(one.render(time_s), other.render(time_s))


def test_the_loop_closes_without_a_jump(small: Reel) -> None:
    end, begin = small.render(REEL_DURATION_S - 1 / FPS), small.render(REEL_DURATION_S)
    assert np.array_equal(begin, small.render(0.0))
    assert np.abs(end.astype(int) - begin).mean() < 1.0


def test_nothing_jumps_from_one_picture_to_the_next(small: Reel) -> None:
    before = small.render(0.0).astype(int)
    for number in range(1, int(REEL_DURATION_S * FPS)):
        now = small.render(number / FPS).astype(int)
        assert np.abs(now - before).mean() < 10, f"jump at {number / FPS} s"
        before = now


@pytest.mark.parametrize(
    "size", [(1, 1), (2, 2), (33, 17), (64, 48), (640, 480), (480, 854), (1920, 1080), (1600, 300)]
)
def test_any_size_is_filled(size: tuple[int, int]) -> None:
    reel = Reel(*size)
    for time_s in (1.0, 34.0, 57.0, 71.0, 73.0):
        assert reel.render(time_s).shape == (size[1], size[0], 3)


@pytest.mark.parametrize("size", [(640, 480), (480, 854), (1280, 720)])
def test_a_body_is_never_cut_off_above_the_lower_edge(size: tuple[int, int]) -> None:
    reel, room = Reel(*size), Room(*size)
    for time_s in np.arange(0.0, 48.0, 3.4):
        face = reel.truth(time_s)[0]
        column = slice(round(face.centre[0]) - 8, round(face.centre[0]) + 8)
        difference = np.abs(
            reel.render(time_s)[-4:, column].astype(int) - room.lit(light_at(time_s))[-4:, column]
        )
        assert difference.mean() > 3, f"wall below the body at {time_s} s"


def test_no_size_is_refused() -> None:
    with pytest.raises(ShapeError, match="not 0 × 720"):
        Reel(0, 720)


def test_for_two_seconds_there_is_nobody(reel: Reel) -> None:
    start, end = _phase("nobody")
    assert end - start >= 2
    for time_s in np.arange(start, end, 0.2):
        assert reel.truth(time_s) == ()
        assert np.array_equal(reel.render(time_s), Room(1280, 720).lit(light_at(time_s)))


def test_faces_have_the_promised_size_for_most_of_the_reel(reel: Reel) -> None:
    heights = [face.height for number in range(800) for face in reel.truth(number / 10)]
    assert np.mean([200 <= height <= 330 for height in heights]) > 0.95
    assert min(heights) > 180


def test_two_people_are_seen_side_by_side_and_one_hides_the_other_when_they_cross(reel: Reel) -> None:
    start, end = _phase("two people")
    counts = [len(reel.truth(time_s)) for time_s in np.arange(start, end, 0.1)]
    assert counts.count(2) > 60
    crossing = [number for number, count in enumerate(counts) if count == 1 and 2 in counts[:number]]
    assert crossing
    assert 2 in counts[crossing[-1] :]
    left_to_right = [face.person for face in sorted(reel.truth(start + 5), key=lambda face: face.centre)]
    assert left_to_right == [0, 1]
    assert [f.person for f in sorted(reel.truth(end - 1), key=lambda face: face.centre)] == [1, 0]


def test_the_head_turns_to_both_sides_up_and_down_and_tilts() -> None:
    stances = [stances_at(number / 20)[0] for number in range(20 * 47)]
    for angle, reach in (("yaw_deg", 25), ("pitch_deg", 10), ("roll_deg", 12)):
        values = [getattr(stance, angle) for stance in stances]
        assert max(values) >= reach
        assert min(values) <= -reach


def test_the_light_changes_side_level_and_colour(reel: Reel) -> None:
    start, end = _phase("light")
    pictures = [reel.render(time_s).astype(float) for time_s in np.arange(start, end, 0.25)]
    sides = [picture[:, :300].mean() / picture[:, -300:].mean() for picture in pictures]
    levels = [picture.mean() for picture in pictures]
    colours = [picture[:200, :, 2].mean() / picture[:200, :, 0].mean() for picture in pictures]
    assert max(sides) / min(sides) > 1.4
    assert max(levels) / min(levels) > 1.3
    assert max(colours) / min(colours) > 1.4


def test_the_second_person_is_another(reel: Reel) -> None:
    first, second = load_portrait(), load_portrait(second=True)
    chest = (slice(560, 600), slice(220, 260))
    assert first.texture[chest][..., 2].mean() > 2 * first.texture[chest][..., 0].mean()
    mirrored = second.texture[:, ::-1][chest]
    assert mirrored[..., 0].mean() > 2 * mirrored[..., 2].mean()


def test_the_cut_out_has_no_backdrop_at_its_border() -> None:
    texture = load_portrait().texture.astype(float)
    alpha = texture[..., 3]
    border = (alpha > 60) & (alpha < 200)
    border[300:] = False  # the head
    colours = texture[border][:, :3] / alpha[border][:, None] * 255
    assert np.median(colours.mean(axis=1)) < 150  # hair; the backdrop is about 200
    assert alpha[:20].max() == 0


@given(st.integers(1, 70), st.integers(1, 70))
@settings(deadline=None)
def test_the_coarse_grid_interpolates_coordinates_exactly(width: int, height: int) -> None:
    grid = CoarseGrid(np.zeros((height, width, 3), np.uint8))
    everywhere = np.ones(grid.x.shape, bool)
    coordinates = np.dstack([grid.x, grid.y])
    seen = np.concatenate([w.enlarged(coordinates).reshape(-1, 2) for w in grid.windows(everywhere)])
    expected = [(x, y) for y in range(height) for x in range(width)]
    assert sorted(map(tuple, np.round(seen, 3).tolist())) == sorted(expected)


def test_windows_cover_what_is_needed_and_little_more() -> None:
    picture = np.zeros((20 * CELL, 20 * CELL, 3), np.uint8)
    grid = CoarseGrid(picture)
    needed = np.zeros(grid.x.shape, bool)
    needed[10, 5] = True
    for window in grid.windows(needed):
        window.pixels[:] = 1
    y, x = round(float(grid.y[10, 5])), round(float(grid.x[10, 5]))
    assert picture[y - CELL : y + CELL, x - CELL : x + CELL].all()
    assert picture[..., 0].mean() < 0.06


def test_face_mesh_finds_every_face_that_truth_names(reel: Reel) -> None:
    mediapipe = pytest.importorskip("mediapipe")
    found = named = pairs = pairs_found = 0
    turns: list[tuple[float, float]] = []
    with mediapipe.solutions.face_mesh.FaceMesh(max_num_faces=2) as mesh:
        for number in range(int(REEL_DURATION_S * 8)):
            time_s = number / 8
            faces = reel.truth(time_s)
            picture = np.ascontiguousarray(reel.render(time_s)[..., ::-1])
            results = mesh.process(picture).multi_face_landmarks or []
            points = [np.array([(p.x * 1280, p.y * 720) for p in r.landmark]) for r in results]
            centres = [(p.min(axis=0) + p.max(axis=0)) / 2 for p in points]
            hits = sum(
                any(np.hypot(*(centre - face.centre)) < 0.35 * face.height for centre in centres)
                for face in faces
            )
            named, found = named + len(faces), found + hits
            if len(faces) == 2:
                pairs, pairs_found = pairs + 1, pairs_found + (hits == 2)
            if len(faces) == len(points) == 1:
                nose, left, right = points[0][1, 0], points[0][234, 0], points[0][454, 0]
                turns.append((faces[0].yaw_deg, (2 * nose - left - right) / (right - left)))
    assert named > 500
    assert found >= 0.95 * named
    assert pairs > 50
    assert pairs_found >= 0.9 * pairs
    assert np.corrcoef(np.array(turns).T)[0, 1] > 0.9  # the mesh turns as the reel says
