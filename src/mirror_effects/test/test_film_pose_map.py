"""Pose maps: at each pixel the nearest part and the right place on it, and nothing invented."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.body_points import BodyPoint
from mirror_core.errors import ShapeError
from mirror_effects.film.body_parts import LIMBS, BodyPart, level_of, part_at
from mirror_effects.film.pose import Pose
from mirror_effects.film.pose_map import draw
from mirror_effects.film.pose_picture import colour_of, pose_picture
from mirror_effects.film.testing import bent_arm, hidden, spread, standing, tilted, turned

SIDE = 256
HEIGHT = 190.0  # ears to ankles
EARS = (128.0, 38.0)
FIRST_LINE = BodyPart.LEFT_EYE_LINE


def person() -> Pose:
    return spread(HEIGHT, EARS)


def parts(pose_map: np.ndarray) -> np.ndarray:
    return part_at(pose_map[..., 0])


def at(pose_map: np.ndarray, place: np.ndarray) -> tuple[BodyPart, float, float]:
    """Part, U and V at a place (x, y)."""
    pixel = pose_map[math.floor(place[1]), math.floor(place[0])]
    return BodyPart(int(part_at(pixel[0:1])[0])), float(pixel[1]) / 255, float(pixel[2]) / 255


def middle(pose: Pose, *points: BodyPoint) -> np.ndarray:
    return pose.points[list(points), :2].mean(axis=0)


def area(pose_map: np.ndarray, part: BodyPart) -> int:
    return int(np.count_nonzero(pose_map[..., 0] == level_of(part)))


@pytest.mark.parametrize("limb", LIMBS, ids=lambda limb: limb.part.name)
def test_the_middle_of_each_limb_is_that_limb_halfway_along_and_across(limb) -> None:
    pose = person()
    start, end = pose.points[list(limb.start), :2].mean(axis=0), pose.points[list(limb.end), :2].mean(axis=0)
    place = start + limb.reach * 0.5 * (end - start)
    part, u, v = at(draw(pose, SIDE, SIDE), place)
    if limb.part.name.endswith("HAND"):
        assert part in (limb.part, BodyPart[f"{limb.part.name}_LINES"])  # its lines may lie there
    elif limb.part.name.endswith("FOOT"):
        assert part == limb.part  # seen from the front it is short: one pixel is a large share of it
        return
    else:
        assert part == limb.part
    assert u == pytest.approx(0.5, abs=0.12 if limb.reach > 1 else 0.05)
    assert v == pytest.approx(0.5, abs=0.2)


def test_u_rises_from_the_shoulder_to_the_elbow_and_v_from_the_outer_to_the_inner_edge() -> None:
    pose = person()
    pose_map = draw(pose, SIDE, SIDE)
    for side, outwards in (("LEFT", 1.0), ("RIGHT", -1.0)):
        shoulder, elbow = (pose.points[BodyPoint[f"{side}_{name}"], :2] for name in ("SHOULDER", "ELBOW"))
        line = [at(pose_map, shoulder + share * (elbow - shoulder)) for share in np.linspace(0.35, 0.95, 9)]
        assert all(part == BodyPart[f"{side}_UPPER_ARM"] for part, _, _ in line)
        rises = np.diff([u for _, u, _ in line])
        assert (rises > 0).all()
        assert line[-1][1] - line[0][1] == pytest.approx(0.6, abs=0.08)
        way = (elbow - shoulder) / np.linalg.norm(elbow - shoulder)
        outer = np.array([way[1], -way[0]]) * outwards  # at right angles, away from the trunk
        spot = shoulder + 0.6 * (elbow - shoulder)
        across = [at(pose_map, spot + shift * outer)[2] for shift in (4.0, 2.0, 0.0, -2.0, -4.0)]
        assert (np.diff(across) > 0).all()
        assert across[0] < 0.3 and across[-1] > 0.7


def test_v_is_linear_in_the_angle_around_a_limb() -> None:
    pose = person().moved(4.0)
    pose_map = draw(pose, 4 * SIDE, 4 * SIDE)
    hip, knee = (pose.points[BodyPoint[f"LEFT_{name}"], :2].astype(float) for name in ("HIP", "KNEE"))
    way = (knee - hip) / np.linalg.norm(knee - hip)
    outer = np.array([way[1], -way[0]])
    radius = 0.049 * 4 * HEIGHT  # halfway between 0.058 and 0.040
    spot = hip + 0.5 * (knee - hip)
    for angle in (-60, -30, 0, 30, 60):
        _, _, v = at(pose_map, spot - math.sin(math.radians(angle)) * radius * outer)
        assert v == pytest.approx(0.5 + angle / 180, abs=0.03)


def test_all_parts_are_seen_once_and_left_and_right_are_of_equal_size() -> None:
    pose_map = draw(person(), SIDE, SIDE)
    numbers = parts(pose_map)
    front = set(BodyPart) - {BodyPart.NOTHING, BodyPart.TORSO_BACK, BodyPart.HEAD_BACK}
    assert set(np.unique(numbers)) == {int(part) for part in front | {BodyPart.NOTHING}}
    for part in BodyPart:
        if part.name.startswith("LEFT") and part < FIRST_LINE:
            assert area(pose_map, part) == pytest.approx(area(pose_map, part.mirrored), rel=0.06, abs=2)


def test_torso_and_head_have_u_upwards_and_v_from_the_persons_right_to_the_left() -> None:
    pose = person()
    pose_map = draw(pose, SIDE, SIDE)
    hips = middle(pose, BodyPoint.LEFT_HIP, BodyPoint.RIGHT_HIP)
    chest = middle(pose, BodyPoint.LEFT_SHOULDER, BodyPoint.RIGHT_SHOULDER)
    trunk = [at(pose_map, hips + share * (chest - hips)) for share in np.linspace(0.1, 0.9, 6)]
    assert all(part == BodyPart.TORSO for part, _, _ in trunk)
    assert (np.diff([u for _, u, _ in trunk]) > 0.05).all()
    assert [v for *_, v in trunk] == pytest.approx([0.5] * 6, abs=0.06)
    waist = hips + 0.5 * (chest - hips)
    right, left = at(pose_map, waist - np.array((12, 0))), at(pose_map, waist + np.array((12, 0)))
    assert right[0] == left[0] == BodyPart.TORSO
    assert right[2] < 0.3 and left[2] > 0.7  # who faces the camera has the right side at the picture's left
    mouth, crown = middle(pose, BodyPoint.MOUTH_LEFT, BodyPoint.MOUTH_RIGHT), np.array(EARS) - (0, 12)
    assert at(pose_map, crown)[0] == BodyPart.HEAD
    assert at(pose_map, crown)[1] > at(pose_map, mouth)[1] + 0.2


def test_who_turns_the_back_shows_other_parts_the_other_way_round_and_no_face() -> None:
    pose_map = draw(turned(person(), math.pi), SIDE, SIDE)
    seen = {BodyPart(int(number)) for number in np.unique(parts(pose_map))}
    assert BodyPart.TORSO_BACK in seen and BodyPart.HEAD_BACK in seen
    assert not seen & {BodyPart.TORSO, BodyPart.HEAD, BodyPart.MOUTH_LINE, BodyPart.NOSE_LINE}
    assert not seen & {BodyPart.LEFT_EYE_LINE, BodyPart.RIGHT_EYE_LINE}
    waist = np.array([EARS[0], EARS[1] + 0.28 * HEIGHT])
    left, right = at(pose_map, waist - np.array((12, 0))), at(pose_map, waist + np.array((12, 0)))
    assert left[0] == right[0] == BodyPart.TORSO_BACK
    assert left[2] > 0.7 and right[2] < 0.3


def test_from_the_side_the_trunk_is_narrower_and_half_front_half_back() -> None:
    facing, side = draw(standing(HEIGHT, EARS), SIDE, SIDE), turned(standing(HEIGHT, EARS), math.pi / 2)
    hands = [p for p in BodyPoint if p.name.endswith(("ELBOW", "WRIST", "PINKY", "INDEX", "THUMB"))]
    pose_map = draw(hidden(side, *hands), SIDE, SIDE)
    row = round(EARS[1] + 0.38 * HEIGHT)
    trunk = np.isin(parts(pose_map)[row], [BodyPart.TORSO, BodyPart.TORSO_BACK])
    before = np.isin(parts(facing)[row], [BodyPart.TORSO])
    assert trunk.sum() < 0.9 * before.sum()
    columns = np.flatnonzero(trunk)
    # Turned to the left by 90°, the person looks to the picture's right: there is the front.
    numbers = parts(pose_map)[row, columns]
    assert numbers[0] == BodyPart.TORSO_BACK and numbers[-1] == BodyPart.TORSO
    assert np.count_nonzero(np.diff(numbers.astype(int))) == 1
    assert np.mean(numbers == BodyPart.TORSO) == pytest.approx(0.5, abs=0.1)
    flank = pose_map[row, columns[len(columns) // 2], 2] / 255
    assert flank == pytest.approx(0.0, abs=0.06)  # the right flank is turned to the camera


@pytest.mark.parametrize("nearer", [True, False])
def test_an_arm_before_the_trunk_covers_it_and_one_behind_is_covered(nearer: bool) -> None:
    z = -40.0 if nearer else 40.0
    chest = (EARS[0], EARS[1] + 0.28 * HEIGHT)
    pose = bent_arm(person(), "LEFT", (EARS[0] + 34, chest[1] + 6, z / 2), (EARS[0] - 4, chest[1], z))
    part, _, _ = at(draw(pose, SIDE, SIDE), np.array([EARS[0] + 6, chest[1]]))
    assert part in ((BodyPart.LEFT_LOWER_ARM, BodyPart.LEFT_HAND) if nearer else (BodyPart.TORSO,))


def test_which_of_two_crossed_legs_is_seen_depends_on_depth_alone() -> None:
    pose = standing(HEIGHT, EARS)
    for near, far in (("LEFT", "RIGHT"), ("RIGHT", "LEFT")):
        points = pose.points.copy()
        for name in ("KNEE", "ANKLE", "HEEL", "FOOT_INDEX"):
            points[BodyPoint[f"{near}_{name}"], 2] -= 25
            points[BodyPoint[f"{near}_{name}"], 0] = points[BodyPoint[f"{far}_{name}"], 0]
        pose_map = draw(Pose.of(points, pose.visibility), SIDE, SIDE)
        shin = (points[BodyPoint[f"{far}_KNEE"], :2] + points[BodyPoint[f"{far}_ANKLE"], :2]) / 2
        assert at(pose_map, shin)[0] == BodyPart[f"{near}_SHIN"]
        assert area(pose_map, BodyPart[f"{far}_SHIN"]) < 0.2 * area(pose_map, BodyPart[f"{near}_SHIN"])


def test_lines_of_the_face_lie_where_its_points_are_and_leave_the_place_on_the_head_readable() -> None:
    pose = person().moved(3.0, (-250.0, -40.0))
    pose_map = draw(pose, SIDE, SIDE)
    for name, points in {
        "LEFT_EYE_LINE": (BodyPoint.LEFT_EYE,),
        "RIGHT_EYE_LINE": (BodyPoint.RIGHT_EYE,),
        "MOUTH_LINE": (BodyPoint.MOUTH_LEFT, BodyPoint.MOUTH_RIGHT),
        "NOSE_LINE": (BodyPoint.NOSE, BodyPoint.LEFT_EYE, BodyPoint.RIGHT_EYE, BodyPoint.NOSE),
    }.items():
        place = middle(pose, *points)
        assert at(pose_map, place)[0] == BodyPart[name]
        above = at(pose_map, place - (0.0, 6.0))
        assert at(pose_map, place)[1] < above[1]  # U goes on below the line
    covered = bent_arm(pose, "RIGHT", (60, 190, -100), tuple(float(v) for v in (*place, -200.0)))
    assert area(draw(covered, SIDE, SIDE), BodyPart.NOSE_LINE) < 0.5 * area(pose_map, BodyPart.NOSE_LINE)


def test_lines_of_the_hands_reach_to_the_fingers() -> None:
    pose = person().moved(4.0, (-700.0, -220.0))
    pose_map = draw(pose, SIDE, SIDE)
    for finger in (BodyPoint.LEFT_PINKY, BodyPoint.LEFT_INDEX):
        between = pose.points[[BodyPoint.LEFT_WRIST, finger], :2].mean(axis=0)
        assert at(pose_map, between)[0] == BodyPart.LEFT_HAND_LINES
    assert area(pose_map, BodyPart.RIGHT_HAND_LINES) == 0  # outside the picture


LOWER_RIGHT_ARM = [BodyPoint[f"RIGHT_{name}"] for name in ("ELBOW", "WRIST", "PINKY", "INDEX", "THUMB")]


def test_what_is_not_seen_is_left_out_and_nothing_else_changes() -> None:
    pose = person()
    whole = draw(pose, SIDE, SIDE)
    without = draw(hidden(pose, *LOWER_RIGHT_ARM), SIDE, SIDE)
    gone = [BodyPart.RIGHT_LOWER_ARM, BodyPart.RIGHT_HAND, BodyPart.RIGHT_HAND_LINES]
    assert all(area(without, part) == 0 < area(whole, part) for part in gone)
    numbers = parts(whole)
    others = ~np.isin(numbers, [0, *gone])
    same = (parts(without) == numbers)[others]
    assert same.mean() > 0.995


def test_a_limb_leads_to_a_hidden_joint_and_depth_hides_what_is_behind() -> None:
    pose = person()
    whole = draw(pose, SIDE, SIDE)
    for joints in ((BodyPoint.RIGHT_ELBOW,), (BodyPoint.LEFT_HIP, BodyPoint.LEFT_KNEE)):
        same = (draw(hidden(pose, *joints), SIDE, SIDE) == whole).all(axis=-1)
        assert same.mean() > 0.995  # those bones no longer tell of the size
    behind = bent_arm(
        pose, "LEFT", (EARS[0], EARS[1] + 0.3 * HEIGHT, 60.0), (EARS[0] + 60, EARS[1] + 60, 20.0)
    )
    pose_map = draw(hidden(behind, BodyPoint.LEFT_ELBOW), SIDE, SIDE)
    assert at(pose_map, behind.points[BodyPoint.LEFT_ELBOW, :2])[0] == BodyPart.TORSO
    assert at(pose_map, behind.points[BodyPoint.LEFT_WRIST, :2] - (4, 0))[0] == BodyPart.LEFT_LOWER_ARM


def test_a_part_fades_in_with_visibility_without_a_jump() -> None:
    pose = person().moved(2.0, (-200.0, -100.0))
    arm = [BodyPoint[name.name.replace("RIGHT", "LEFT")] for name in LOWER_RIGHT_ARM]
    levels = np.linspace(0.05, 0.6, 34)
    areas = [
        area(draw(hidden(pose, *arm, visibility=seen), SIDE, SIDE), BodyPart.LEFT_LOWER_ARM)
        for seen in levels
    ]
    assert areas[0] == 0 and areas[-1] == area(draw(pose, SIDE, SIDE), BodyPart.LEFT_LOWER_ARM) > 300
    steps = np.diff(areas)
    assert steps.min() > -0.03 * areas[-1]
    assert steps.max() < 0.15 * areas[-1]


def test_a_limb_that_leaves_the_picture_is_drawn_up_to_the_edge() -> None:
    outside = [p for p in BodyPoint if p.name.endswith(("ANKLE", "HEEL", "FOOT_INDEX"))]
    cut = standing(HEIGHT, (128.0, 90.0))
    assert cut.points[BodyPoint.LEFT_ANKLE, 1] > SIDE > cut.points[BodyPoint.LEFT_KNEE, 1]
    same = (draw(hidden(cut, *outside), SIDE, SIDE) == draw(cut, SIDE, SIDE)).all(axis=-1)
    assert same.mean() > 0.998  # the shins no longer tell of the size
    assert (parts(draw(hidden(cut, *outside), SIDE, SIDE))[-1] == BodyPart.LEFT_SHIN).any()


def test_the_torso_hangs_below_the_shoulders_where_the_hips_are_not_seen() -> None:
    pose = standing(HEIGHT, EARS)
    legs = [p for p in BodyPoint if p >= BodyPoint.LEFT_HIP]
    points = pose.points.copy()
    points[legs] = (400.0, -300.0, 0.0)  # an unseen point may lie anywhere
    pose_map = draw(hidden(Pose.of(points, pose.visibility), *legs), SIDE, SIDE)
    whole = draw(pose, SIDE, SIDE)
    torso, before = (parts(each) == BodyPart.TORSO for each in (pose_map, whole))
    assert np.count_nonzero(torso & before) / np.count_nonzero(before) > 0.9
    assert area(pose_map, BodyPart.LEFT_THIGH) == 0


def test_nobody_and_somebody_tiny_give_an_empty_map() -> None:
    nobody = Pose.of(person().points, np.zeros(33))
    assert not draw(nobody, SIDE, SIDE).any()
    assert not draw(standing(5.0, EARS), SIDE, SIDE).any()
    assert not draw(person().moved(1.0, (4000.0, 0.0)), SIDE, SIDE).any()
    assert not draw(Pose.of(np.zeros((33, 3)), np.ones(33)), SIDE, SIDE).any()


def test_a_map_depends_on_nothing_but_its_arguments() -> None:
    first = draw(person(), SIDE, SIDE)
    draw(turned(person(), 1.0), SIDE, SIDE)
    np.testing.assert_array_equal(draw(person(), SIDE, SIDE), first)


def test_background_is_0_in_all_channels_and_the_levels_are_the_parts() -> None:
    pose_map = draw(person(), SIDE, SIDE)
    assert not pose_map[pose_map[..., 0] == 0].any()
    assert set(np.unique(pose_map[..., 0])) <= {level_of(part) for part in BodyPart}
    np.testing.assert_array_equal(
        part_at(np.array([level_of(part) for part in BodyPart], np.uint8)), BodyPart
    )


def test_a_segmentation_cuts_the_map_and_its_rim_gets_the_nearest_part() -> None:
    pose = standing(HEIGHT, EARS)
    plain = draw(pose, SIDE, SIDE)
    body = (plain[..., 0] > 0).astype(np.uint8)
    grown = cv2.dilate(body, np.ones((11, 11), np.uint8)) * 255
    grown[:, :100] = 0
    pose_map = draw(pose, SIDE, SIDE, grown)
    assert not pose_map[:, :100].any()
    assert (pose_map[..., 0] > 0).sum() == (grown > 0).sum()
    hair = pose_map[round(EARS[1]) - 22, 128]
    assert plain[round(EARS[1]) - 22, 128, 0] == 0
    assert hair[0] == level_of(BodyPart.HEAD) and hair[1] > 200
    inside = (body > 0) & (grown > 0)
    np.testing.assert_array_equal(pose_map[inside], plain[inside])


def test_what_the_segmentation_shows_far_from_the_body_stays_empty() -> None:
    everything = np.full((SIDE, SIDE), 255, np.uint8)
    pose_map = draw(standing(100.0, (60.0, 60.0)), SIDE, SIDE, everything)
    assert not pose_map[:, 140:].any()


@pytest.mark.parametrize(("height", "width"), [(0, 10), (10, 0), (10, 9000)])
def test_a_map_of_no_size_is_refused(height: int, width: int) -> None:
    with pytest.raises(ShapeError, match="sides of 1"):
        draw(person(), height, width)


def test_a_segmentation_of_another_size_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"uint8 \[256, 256\]"):
        draw(person(), SIDE, SIDE, np.zeros((255, 256), np.uint8))


postures = st.builds(
    lambda arms, legs, yaw, tilt: tilted(turned(spread(110.0, (128.0, 80.0), arms, legs), yaw), tilt),
    st.floats(0.0, 2.5),
    st.floats(0.0, 0.5),
    st.floats(-1.2, 1.2),
    st.floats(-0.4, 0.4),
)


@settings(max_examples=40, deadline=None)
@given(pose=postures, dx=st.integers(-20, 20), dy=st.integers(-20, 20))
def test_a_shifted_pose_gives_the_shifted_map(pose: Pose, dx: int, dy: int) -> None:
    plain = draw(pose, SIDE, SIDE)
    shifted = draw(pose.moved(1.0, (dx, dy)), SIDE, SIDE)
    back = np.roll(shifted, (-dy, -dx), axis=(0, 1))
    inside = np.zeros((SIDE, SIDE), bool)
    inside[20:-20, 20:-20] = True
    body = inside & ((plain[..., 0] > 0) | (back[..., 0] > 0))
    assert (back == plain).all(axis=-1)[body].mean() > 0.99  # roundings move a pixel here and there


@settings(max_examples=40, deadline=None)
@given(pose=postures, factor=st.sampled_from([2, 3]))
def test_a_scaled_pose_gives_the_scaled_map(pose: Pose, factor: int) -> None:
    plain = draw(pose, SIDE, SIDE)
    large = draw(pose.moved(factor), factor * SIDE, factor * SIDE)
    small = large[factor // 2 :: factor, factor // 2 :: factor]
    # Away from the borders between parts, because factor 2 has no pixel in the middle of the small one's.
    numbers = parts(plain)
    numbers[numbers >= FIRST_LINE] = 0  # lines have a width in whole pixels
    calm = (cv2.dilate(numbers, np.ones((3, 3))) == cv2.erode(numbers, np.ones((3, 3)))) & (numbers > 0)
    same = parts(small)[calm] == numbers[calm]
    assert same.mean() > 0.97
    difference = np.abs(small[calm][same][:, 1:].astype(int) - plain[calm][same][:, 1:])
    assert np.median(difference) <= 16


@settings(max_examples=40, deadline=None)
@given(pose=postures)
def test_a_mirrored_pose_gives_the_mirrored_map_with_the_sides_exchanged(pose: Pose) -> None:
    plain = draw(pose, SIDE, SIDE)
    flipped = draw(pose.mirrored(SIDE), SIDE, SIDE)[:, ::-1]
    exchanged = np.array([part.mirrored for part in BodyPart], np.uint8)[parts(flipped)]
    body = (plain[..., 0] > 0) | (flipped[..., 0] > 0)
    same = (exchanged == parts(plain)) & body
    assert same.sum() / body.sum() > 0.98
    np.testing.assert_allclose(flipped[same][:, 1].astype(int), plain[same][:, 1], atol=24)
    trunk = same & np.isin(parts(plain), [BodyPart.TORSO, BodyPart.TORSO_BACK])
    assert np.median(np.abs(255 - flipped[trunk][:, 2].astype(int) - plain[trunk][:, 2])) <= 3
    limbs = same & (parts(plain) >= BodyPart.LEFT_UPPER_ARM) & (parts(plain) < FIRST_LINE)
    assert np.median(np.abs(flipped[limbs][:, 2].astype(int) - plain[limbs][:, 2])) <= 3


def test_the_picture_shows_each_part_in_its_colour_over_a_dark_ground_or_a_photo() -> None:
    pose = person()
    pose_map = draw(pose, SIDE, SIDE)
    picture = pose_picture(pose_map)
    assert tuple(picture[0, 0]) == colour_of(BodyPart.NOTHING)
    spot = pose.points[[BodyPoint.LEFT_HIP, BodyPoint.LEFT_KNEE], :2].mean(axis=0).astype(int)
    shown = cv2.cvtColor(picture[spot[1] : spot[1] + 1, spot[0] : spot[0] + 1], cv2.COLOR_BGR2HSV)[0, 0]
    wanted = cv2.cvtColor(np.uint8([[colour_of(BodyPart.LEFT_THIGH)]]), cv2.COLOR_BGR2HSV)[0, 0]
    assert abs(int(shown[0]) - int(wanted[0])) <= 2
    assert len({colour_of(part) for part in BodyPart if part < FIRST_LINE}) == FIRST_LINE
    photo = np.full_like(pose_map, 77)
    over = pose_picture(pose_map, photo)
    np.testing.assert_array_equal(over[pose_map[..., 0] == 0], 77)
    assert (over[pose_map[..., 0] > 0] != 77).any(axis=-1).mean() > 0.95
    with pytest.raises(ShapeError, match="as the map"):
        pose_picture(pose_map, photo[:-1])


def test_shoulders_and_hips_keep_their_own_level_where_the_trunk_leans() -> None:
    pose = standing(HEIGHT, EARS)
    points = pose.points.copy()
    upper = [p for p in BodyPoint if p < BodyPoint.LEFT_HIP]
    points[upper, 0] += 30.0  # leaning to the side with level shoulders and hips
    arms = [p for p in BodyPoint if p.name.endswith(("ELBOW", "WRIST"))]
    pose_map = draw(hidden(Pose.of(points, pose.visibility), *arms), SIDE, SIDE)
    for name, inner in (("SHOULDER", 0.8), ("HIP", 0.8)):
        left, right = (points[BodyPoint[f"{side}_{name}"], :2] for side in ("LEFT", "RIGHT"))
        centre = (left + right) / 2
        up = -6.0 if name == "HIP" else 0.0  # above the thighs
        levels = [at(pose_map, centre + inner * (end - centre) + np.array((0, up))) for end in (left, right)]
        assert levels[0][0] == levels[1][0] == BodyPart.TORSO
        assert levels[0][1] == pytest.approx(levels[1][1], abs=0.03)


@pytest.mark.parametrize("angle", [-0.5, 0.5])
def test_the_head_tilts_and_nods_with_the_face(angle: float) -> None:
    face = [p for p in BodyPoint if p <= BodyPoint.MOUTH_RIGHT]
    pose = person().moved(3.0, (-250.0, -30.0))
    ears = pose.points[[BodyPoint.LEFT_EAR, BodyPoint.RIGHT_EAR]].mean(axis=0)
    away = pose.points[face] - ears
    cosine, sine = math.cos(angle), math.sin(angle)
    tilted_face, nodding_face = pose.points.copy(), pose.points.copy()
    turn = np.stack(
        [cosine * away[:, 0] - sine * away[:, 1], sine * away[:, 0] + cosine * away[:, 1], away[:, 2]], 1
    )
    tilted_face[face] = ears + turn
    pose_map = draw(Pose.of(tilted_face, pose.visibility), SIDE, SIDE)
    up = np.array((sine, -cosine))
    assert at(pose_map, ears[:2] + 50.0 * up)[0] == BodyPart.HEAD
    assert at(pose_map, ears[:2] + 50.0 * up * (-1, 1))[0] == BodyPart.NOTHING
    nod = np.stack(
        [away[:, 0], cosine * away[:, 1] + sine * away[:, 2], cosine * away[:, 2] - sine * away[:, 1]], 1
    )
    nodding_face[face] = ears + nod
    nodding = draw(Pose.of(nodding_face, pose.visibility), SIDE, SIDE)
    # Who looks down shows the crown, who looks up the chin.
    change = at(nodding, ears[:2] - (0, 8))[1] - at(draw(pose, SIDE, SIDE), ears[:2] - (0, 8))[1]
    looks_down = nod[0, 1] > away[0, 1]
    assert change > 0.08 if looks_down else change < -0.08
