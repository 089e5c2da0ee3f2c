"""The film character's pictures: points lie on the body, near covers far, lamps light, the street stays."""

import numpy as np
import pytest

from mirror_core.body_points import BodyPoint
from mirror_core.errors import ShapeError, UsageError
from mirror_training.film_character import (
    BodyState,
    Choreography,
    RenderedFrame,
    Renderer,
    grain,
    render,
    strip,
)
from mirror_training.film_character.angles import SIDES
from mirror_training.film_character.arm_poses import POSES
from mirror_training.film_character.camera import Camera
from mirror_training.film_character.figure import REST
from mirror_training.film_character.film_look import vignette
from mirror_training.film_character.match import match_flame
from mirror_training.film_character.skeleton import forward

SIZE = 128
STILL = tuple(REST.position)


def pose(left="hanging", right="hanging", position=STILL, **angles):
    return BodyState.of(POSES[left]["left"] | POSES[right]["right"] | angles, position)


@pytest.fixture(scope="module")
def renderer():
    return Renderer(SIZE, swing=0.0)


@pytest.fixture(scope="module")
def standing(renderer):
    return renderer.render(pose(), 0.0)


def brightness(frame, rows=slice(None), columns=slice(None)):
    inside = frame.body[rows, columns] > 250
    return float(frame.image[rows, columns][inside].mean())


# ---- points and cover


def test_a_frame_has_the_stated_arrays(standing):
    assert standing.image.shape == (SIZE, SIZE, 3)
    assert standing.image.dtype == standing.alpha.dtype == standing.body.dtype == np.uint8
    assert standing.points.shape == (33, 3)
    assert standing.visibility.shape == (33,)
    assert standing.points.dtype == standing.visibility.dtype == np.float32


def test_the_character_fills_the_picture_as_a_person_would(standing):
    rows, columns = np.nonzero(standing.body > 128)
    assert 0.70 * SIZE < np.ptp(rows) < 0.90 * SIZE
    assert 0.20 * SIZE < np.ptp(columns) < 0.45 * SIZE
    assert rows.min() > 0.08 * SIZE  # room for raised hands
    assert standing.visibility[
        [BodyPoint.NOSE, BodyPoint.LEFT_WRIST, BodyPoint.RIGHT_ANKLE]
    ] == pytest.approx(1.0)


def test_visible_points_lie_on_the_drawn_body(renderer):
    part = Choreography(8, 40.0)
    on = []
    for moment in np.arange(0.0, 40.0, 2.5):
        frame = renderer.render(part.state(float(moment)), 0.0)
        shown = frame.visibility > 0.5
        column, row = np.clip(frame.points[shown, :2], 0, SIZE - 1).astype(int).T
        near = np.lib.stride_tricks.sliding_window_view(np.pad(frame.body, 1), (3, 3)).max(axis=(2, 3))
        on.append(near[row, column] > 0)
    assert np.concatenate(on).mean() > 0.995


def test_a_hand_before_the_trunk_covers_it_and_a_hand_behind_does_not(renderer, standing):
    before = renderer.render(pose(right="heart"), 0.0)
    behind = renderer.render(pose(right="behind"), 0.0)
    wrist = BodyPoint.RIGHT_INDEX
    assert before.visibility[wrist] > 0.9
    assert behind.visibility[wrist] < 0.1
    assert before.points[wrist, 2] < 0 < behind.points[wrist, 2]
    column, row = before.points[wrist, :2].astype(int)
    window = np.s_[row - 1 : row + 2, column - 1 : column + 2]
    changed = np.abs(before.image[window].astype(int) - standing.image[window]).mean()
    assert changed > 15.0
    blue, _, red = before.image[window].reshape(-1, 3).mean(axis=0)
    assert red > blue + 20.0  # skin


def test_who_turns_away_hides_an_ear_and_shows_the_other(renderer):
    ears = renderer.render(pose(turn=50.0, head_turn=20.0), 0.0).visibility[
        [BodyPoint.LEFT_EAR, BodyPoint.RIGHT_EAR]
    ]
    assert ears[0] < 0.3
    assert ears[1] > 0.7


def test_what_is_outside_of_the_picture_is_not_visible(renderer):
    frame = renderer.render(pose(position=(1.6, STILL[1], 0.0)), 0.0)
    assert frame.points[BodyPoint.NOSE, 0] > SIZE
    assert frame.visibility[BodyPoint.NOSE] == 0.0


# ---- the still background


def test_where_alpha_is_0_the_background_stays_byte_for_byte(renderer, standing):
    still = standing.alpha == 0
    assert still.mean() > 0.4
    assert np.array_equal(standing.image[still], renderer.background[still])
    assert (standing.alpha >= np.minimum(standing.body, 254)).all()


def test_the_picture_is_the_background_with_some_colour_over_it(renderer, standing):
    alpha = standing.alpha.astype(np.float64)[..., None] / 255.0
    left = standing.image - renderer.background * (1.0 - alpha)
    assert left.min() > -1.5  # a network that predicts colour and alpha can make it
    assert (left <= 255.0 * alpha + 1.5).all()


def test_a_picture_without_the_character_is_the_background(renderer):
    frame = renderer.render(pose(position=(9.0, STILL[1], 0.0)), 0.0)
    assert frame.body.max() == 0
    assert np.array_equal(frame.image, renderer.background)


def test_the_character_throws_a_shadow_away_from_the_lamp(renderer, standing):
    fallen = (standing.alpha > 25) & (standing.body == 0)
    fallen[: round(0.8 * SIZE)] = False
    _, columns = np.nonzero(fallen)
    assert np.median(columns) > 0.55 * SIZE  # the lamp hangs at the left
    assert standing.alpha[fallen].mean() < 200  # a shadow is thin
    grey = standing.image.astype(int).sum(axis=2) - renderer.background.astype(int).sum(axis=2)
    assert grey[fallen].mean() < -6.0


# ---- light


def test_the_same_state_and_time_give_the_same_picture(renderer, standing):
    again = renderer.render(pose(), 0.0)
    assert np.array_equal(again.image, standing.image)
    assert np.array_equal(again.points, standing.points)


def test_the_lamp_swings_only_if_it_may(renderer, standing):
    assert np.array_equal(renderer.render(pose(), 1.1).image, standing.image)
    swinging = Renderer(SIZE)
    there, back = (swinging.render(pose(), moment) for moment in (1.1, 3.3))
    body = there.body > 250
    difference = there.image.astype(int) - back.image
    assert np.abs(difference[body]).mean() > 2.0
    assert np.array_equal(swinging.background, renderer.background)


def test_the_side_towards_the_lamp_is_brighter(standing):
    rows = slice(round(0.35 * SIZE), round(0.7 * SIZE))
    middle = round(float(standing.points[[BodyPoint.LEFT_HIP, BodyPoint.RIGHT_HIP], 0].mean()))
    left, right = slice(middle - 12, middle - 3), slice(middle + 4, middle + 13)
    assert brightness(standing, rows, left) > brightness(standing, rows, right) + 5.0


def test_light_depends_on_where_the_character_stands(renderer, standing):
    aside = renderer.render(pose(position=(0.75, STILL[1], 0.2)), 0.0)
    assert brightness(aside) < 0.93 * brightness(standing)


def test_the_brim_shades_the_eyes(renderer):
    up, down = (renderer.render(pose(head_nod=nod), 0.0) for nod in (-15.0, 25.0))
    faces = []
    for frame in (up, down):
        x, y = frame.points[[BodyPoint.LEFT_EYE, BodyPoint.RIGHT_EYE], :2].mean(axis=0).astype(int)
        faces.append(frame.image[y - 1 : y + 2, x - 3 : x + 4].mean())
    assert faces[0] > 1.2 * faces[1]


def test_a_match_burns_while_both_hands_shelter_it(renderer):
    burning = pose("match", "match", head_nod=14.0)
    assert match_flame(forward(burning)) is not None
    for name in ("hanging", "hat", "wave", "collar", "crossed", "over_eyes", "surrender"):
        assert match_flame(forward(pose(name, name))) is None
    assert match_flame(forward(pose("match", "hanging", head_nod=14.0))) is None
    lit, dark = (renderer.render(each, 0.0) for each in (burning, pose("match", "hanging", head_nod=14.0)))
    x, y = lit.points[BodyPoint.NOSE, :2].astype(int)
    window = np.s_[y - 4 : y + 2, x - 4 : x + 5]
    assert lit.image[window][..., 2].mean() > dark.image[window][..., 2].mean() + 10.0


def test_clothes_have_texture(standing):
    """A flat silhouette would have few grey levels."""
    grey = standing.image[standing.body > 250].mean(axis=1)
    assert np.ptp(np.quantile(grey, [0.02, 0.98])) > 110.0
    assert len(np.unique(np.rint(grey))) > 100


def test_sizes_show_the_same(standing):
    small = render(pose(), SIZE // 2, 0.0, 0.0)
    assert standing.points == pytest.approx(2.0 * small.points, abs=0.01)
    halved = standing.image.reshape(SIZE // 2, 2, SIZE // 2, 2, 3).mean(axis=(1, 3))
    assert np.abs(halved - small.image).mean() < 6.0


def test_a_camera_that_sees_no_ground_and_no_lamplight_on_the_wall_can_look_too():
    close = Renderer(64, camera=Camera(bottom_m=1.45, top_m=2.05)).render(pose(), 0.0)
    assert (close.body > 250).mean() > 0.1
    assert close.visibility[BodyPoint.NOSE] == 1.0
    assert close.visibility[BodyPoint.LEFT_ANKLE] == 0.0


def test_frames_and_sizes_that_are_none_are_refused(standing):
    with pytest.raises(UsageError, match="64 to 1024"):
        Renderer(32)
    with pytest.raises(ShapeError, match="33, 3"):
        RenderedFrame(standing.image, standing.alpha, standing.body, standing.points[:5], standing.visibility)
    with pytest.raises(ShapeError, match="image, alpha and body"):
        RenderedFrame(standing.image, standing.alpha[:5], standing.body, standing.points, standing.visibility)


# ---- film


def test_grain_is_as_strong_as_stated_and_has_no_colour():
    picture = np.full((200, 200, 3), 128, np.uint8)
    grained = grain(picture, np.random.default_rng(1), 5.0).astype(np.float64)
    assert grained.mean() == pytest.approx(128.0, abs=0.3)
    assert grained[..., 0].std() == pytest.approx(5.0, rel=0.1)
    assert np.array_equal(grained[..., 0], grained[..., 2])
    assert np.array_equal(grain(picture, np.random.default_rng(1), 0.0), picture)


def test_the_vignette_is_1_in_the_middle_and_darkest_in_the_corners():
    falling = vignette(101, 0.5)
    assert falling[50, 50] == 1.0
    assert falling[0, 0] == falling.min() == pytest.approx(0.5, abs=0.05)
    assert (vignette(50, 0.0) == 1.0).all()


def test_the_strip_shows_different_stills():
    stills = strip(SIZE // 2, ((1, 2.0), (2, 8.0)))
    assert stills.shape == (SIZE // 2, SIZE, 3)
    left, right = stills[:, : SIZE // 2].astype(int), stills[:, SIZE // 2 :].astype(int)
    assert np.abs(left - right).max() > 60  # the character does something else
    assert np.abs(left[:8, :16] - right[:8, :16]).mean() < 12  # before the same street


def test_both_arms_up_leave_the_hands_in_the_picture_mostly(renderer):
    frame = renderer.render(pose("surrender", "surrender"), 0.0)
    for side in SIDES:
        assert frame.visibility[BodyPoint[f"{side.upper()}_WRIST"]] > 0.9
