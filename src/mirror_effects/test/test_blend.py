"""Seamless blending: no border, the target's light at once, no memory, right at edges and in holes."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.errors import ParameterError, ShapeError
from mirror_effects.blend import BlendSettings, Layer, blend, blend_layers
from mirror_effects.membrane import membrane, relief
from mirror_effects.seam import seam_visibility

PLAIN = BlendSettings(seamless=0.0, feather_px=0.0, erosion_px=0.0)


def noise(height: int, width: int, seed: int, sigma: float = 3.0, contrast: float = 25.0) -> np.ndarray:
    """Smooth noise about grey 128, float32 [h, w, 3]."""
    field = np.random.default_rng(seed).normal(size=(height, width, 3)).astype(np.float32)
    field = cv2.GaussianBlur(field, (0, 0), sigma)
    return 128 + field * (contrast / max(float(field.std()), 1e-6))


def picture(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def ellipse(height: int = 200, width: int = 160, share: float = 0.45) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    centre, axes = (width // 2, height // 2), (int(share * width), int(share * height))
    cv2.ellipse(mask, centre, axes, 0, 0, 360, 255, -1)
    return mask


def blended(
    target: np.ndarray, source: np.ndarray, mask: np.ndarray, at: tuple[int, int], how: BlendSettings
) -> np.ndarray:
    result = target.copy()
    blend(result, source, mask, *at, how)
    return result


def test_a_source_of_another_brightness_takes_on_the_targets() -> None:
    source = picture(noise(200, 160, 1, contrast=5) - 60)
    target = np.full((300, 300, 3), 170, np.uint8)
    result = blended(target, source, ellipse(), (70, 50), BlendSettings())
    core = result[120:180, 120:180].astype(float)
    assert core.mean() == pytest.approx(170, abs=4)
    texture = source[70:130, 50:110].astype(float)
    assert np.corrcoef(core.ravel(), texture.ravel())[0, 1] > 0.9, "the source's own details are kept"


def test_outside_the_mask_nothing_changes() -> None:
    target = picture(noise(300, 300, 2))
    mask = ellipse()
    result = blended(target, picture(noise(200, 160, 3)), mask, (70, 50), BlendSettings())
    outside = np.ones((300, 300), np.bool_)
    outside[50:250, 70:230] = mask < 128
    np.testing.assert_array_equal(result[outside], target[outside])
    assert (result[~outside] != target[~outside]).any()


def test_a_gradient_of_light_on_the_target_is_continued_through_the_source() -> None:
    ramp = np.tile(np.linspace(60, 200, 300)[None, :, None], (300, 1, 3))
    source = np.full((200, 160, 3), 90, np.uint8)
    result = blended(picture(ramp), source, ellipse(), (70, 50), BlendSettings())
    assert np.abs(result[60:240, 75:225].astype(float) - ramp[60:240, 75:225]).max() < 5


@pytest.mark.parametrize("light", [0.6, 1.4])
def test_a_step_of_light_is_followed_in_the_same_frame_while_the_face_moves(light: float) -> None:
    scene = noise(300, 400, 4, sigma=12, contrast=8) - 10
    source, mask = picture(noise(200, 160, 5, contrast=4)), ellipse()
    centres = []
    for step, gain in enumerate((1.0, 1.0, light, light)):
        at = (40 + 17 * step, 30 + 5 * step)
        result = blended(picture(scene * gain), source, mask, at, BlendSettings())
        face = result[at[1] + 60 : at[1] + 140, at[0] + 40 : at[0] + 120].astype(float)
        around = (scene * gain)[at[1] : at[1] + 200, at[0] : at[0] + 160]
        centres.append((face.mean(), around.mean()))
    for face, around in centres:
        assert face == pytest.approx(around, rel=0.06)
    assert centres[2][0] / centres[1][0] == pytest.approx(light, rel=0.08), "at once, not over some frames"


def test_a_still_input_gives_the_identical_picture() -> None:
    target, source, mask = picture(noise(300, 300, 6)), picture(noise(200, 160, 7)), ellipse()
    first = blended(target, source, mask, (70, 50), BlendSettings(mixed_gradients=0.5))
    blended(target[::-1].copy(), source, mask, (20, 10), BlendSettings())
    second = blended(target, source, mask, (70, 50), BlendSettings(mixed_gradients=0.5))
    np.testing.assert_array_equal(first, second)


def test_sensor_noise_of_one_grey_level_does_not_flicker() -> None:
    scene, source, mask = noise(300, 300, 8) + 0.0, picture(noise(200, 160, 9)), ellipse()
    random = np.random.default_rng(10)
    frames = [
        blended(picture(scene + random.uniform(-1, 1, scene.shape)), source, mask, (70, 50), BlendSettings())
        for _ in range(4)
    ]
    core = [frame[110:190, 110:190].astype(int) for frame in frames]
    assert max(np.abs(a - b).max() for a, b in pairwise(core)) <= 1


@pytest.mark.parametrize("shift", [(1, 0), (7, -4), (23, 12)])
def test_the_face_moves_with_its_input(shift: tuple[int, int]) -> None:
    target = np.full((300, 360, 3), 140, np.uint8)
    source, mask = picture(noise(200, 160, 11, sigma=5, contrast=30)), ellipse()
    before = blended(target, source, mask, (60, 40), BlendSettings())
    after = blended(target, source, mask, (60 + shift[0], 40 + shift[1]), BlendSettings())
    grey = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.float32) for frame in (before, after)]
    found, _ = cv2.phaseCorrelate(grey[0], grey[1])
    assert found == pytest.approx(shift, abs=0.1)
    window = (slice(80 + shift[1], 200 + shift[1]), slice(100 + shift[0], 180 + shift[0]))
    moved = after[window].astype(int) - before[80:200, 100:180].astype(int)
    assert np.abs(moved).max() <= 2


@pytest.mark.parametrize("at", [(-60, 50), (200, 50), (70, -90), (70, 180), (-60, -90), (200, 180)])
def test_at_the_pictures_edge_only_the_visible_border_gives_light(at: tuple[int, int]) -> None:
    ramp = np.tile(np.linspace(80, 180, 300)[None, :, None], (300, 1, 3))
    source, mask = np.full((200, 160, 3), 60, np.uint8), ellipse()
    result = blended(picture(ramp), source, mask, at, BlendSettings())
    x0, y0 = max(at[0], 0), max(at[1], 0)
    part = (slice(y0, min(at[1] + 200, 300)), slice(x0, min(at[0] + 160, 300)))
    deviation = np.abs(result[part].astype(float) - ramp[part])
    assert deviation.mean() < 8, "the light goes on to the edge; no dark rim of data from beyond it"
    shown = mask[y0 - at[1] : y0 - at[1] + deviation.shape[0], x0 - at[0] : x0 - at[0] + deviation.shape[1]]
    edge = [deviation[0], deviation[-1], deviation[:, 0], deviation[:, -1]]
    inner = [shown[0], shown[-1], shown[:, 0], shown[:, -1]]
    for line, inside in zip(edge, inner, strict=True):
        assert line[inside > 0].max(initial=0) < 40


def test_a_mask_over_the_whole_picture_shows_the_source() -> None:
    source = picture(noise(60, 80, 12))
    result = blended(np.zeros((60, 80, 3), np.uint8), source, np.full((60, 80), 255, np.uint8), (0, 0), PLAIN)
    np.testing.assert_array_equal(result, source)
    seamless = blended(result * 0, source, np.full((60, 80), 255, np.uint8), (0, 0), BlendSettings())
    np.testing.assert_array_equal(seamless, source)


def test_holes_keep_the_target_and_their_rim_has_its_light() -> None:
    target, source, mask = (
        np.full((200, 160, 3), 150, np.uint8),
        np.full((200, 160, 3), 40, np.uint8),
        ellipse(),
    )
    cv2.circle(mask, (60, 80), 14, 0, -1)
    target[74:86, 54:66] = picture(noise(12, 12, 13))
    result = blended(target, source, mask, (0, 0), BlendSettings(erosion_px=1, feather_px=4))
    np.testing.assert_array_equal(result[mask == 0], target[mask == 0])
    ring = cv2.dilate((mask == 0).astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    ring[:, :30] = ring[:, 100:] = False
    assert np.abs(result[ring & (mask > 0)].astype(int) - 150).max() < 30


def test_a_face_is_not_tinted_by_the_face_it_touches() -> None:
    target = np.full((260, 400, 3), 150, np.uint8)
    mask = ellipse()
    left = Layer(np.full((200, 160, 3), (30, 30, 230), np.uint8), mask, 30, 30)
    right = Layer(np.full((200, 160, 3), 90, np.uint8), mask, 145, 30)
    plain = BlendSettings(seamless=0.0)
    alone = target.copy()
    blend_layers(alone, [right], BlendSettings())
    both = target.copy()
    blend_layers(both, [left], plain)  # a red face stands there already …
    independent = both.copy()
    blend_layers(
        independent, [right], BlendSettings()
    )  # … which a blend that does not know takes its light from
    together = target.copy()
    blend_layers(together, [left, right], BlendSettings(seamless=1.0))
    core = (slice(80, 180), slice(175, 275))
    tint = np.abs(together[core].astype(int) - alone[core]).max()
    assert tint <= 6
    assert np.abs(independent[core].astype(int) - alone[core]).max() > 3 * tint


def test_a_face_wholly_inside_another_takes_its_light_from_it() -> None:
    target = np.full((260, 260, 3), 200, np.uint8)
    large = Layer(np.full((240, 200, 3), 60, np.uint8), ellipse(240, 200), 20, 10)
    small = Layer(np.full((80, 60, 3), 10, np.uint8), ellipse(80, 60), 90, 90)
    blend_layers(target, [large, small], BlendSettings())
    assert target[130, 120].mean() == pytest.approx(200, abs=6)


def test_strength_goes_from_the_target_to_the_source() -> None:
    target, source, mask = picture(noise(200, 160, 14)), picture(noise(200, 160, 15)), ellipse()
    none, half, full = (
        blended(target, source, mask, (0, 0), BlendSettings(strength=strength))
        for strength in (0.0, 0.5, 1.0)
    )
    np.testing.assert_array_equal(none, target)
    middle = (target.astype(float) + full.astype(float)) / 2
    assert np.abs(half - middle).max() <= 1.5
    assert np.abs(full.astype(int) - target).max() > 20


def test_opacity_of_the_mask_is_kept() -> None:
    target, source = np.full((100, 100, 3), 100, np.uint8), np.full((100, 100, 3), 200, np.uint8)
    mask = np.full((100, 100), 153, np.uint8)  # 60 %
    result = blended(target, source, mask, (0, 0), PLAIN)
    assert np.abs(result.astype(int) - 160).max() <= 1


@pytest.mark.parametrize(("erosion", "feather"), [(0.0, 0.0), (5.0, 0.0), (5.0, 20.0)])
def test_erosion_and_feather_are_widths_in_pixels(erosion: float, feather: float) -> None:
    target, source = np.zeros((200, 200, 3), np.uint8), np.full((200, 200, 3), 250, np.uint8)
    mask = np.zeros((200, 200), np.uint8)
    mask[:, 60:] = 255
    how = BlendSettings(seamless=0.0, erosion_px=erosion, feather_px=feather)
    row = blended(target, source, mask, (0, 0), how)[100, :, 0].astype(float) / 250
    assert not row[: 60 + int(erosion) - 2].any()
    assert (row[60 + int(erosion + feather) + 2 :] == 1).all()
    assert 200 - row.sum() == pytest.approx(60 + erosion + feather / 2, abs=1.5)


def test_mixed_gradients_keep_the_targets_lines_and_the_plain_blend_does_not() -> None:
    target = np.full((200, 160, 3), 150, np.uint8)
    target[98:101, 40:120] = 60  # a wrinkle
    source, mask = np.full((200, 160, 3), 100, np.uint8), ellipse()

    def depth_of_line(how: BlendSettings) -> float:
        result = blended(target, source, mask, (0, 0), how).astype(float)
        return float(result[90, 60:100].mean() - result[99, 60:100].mean())

    assert depth_of_line(BlendSettings()) < 3
    assert depth_of_line(BlendSettings(mixed_gradients=1.0)) > 45
    assert 15 < depth_of_line(BlendSettings(mixed_gradients=0.5)) < 45


def test_mixed_gradients_keep_the_sources_lines_too() -> None:
    source = np.full((200, 160, 3), 150, np.uint8)
    source[98:101, 40:120] = 60
    how = BlendSettings(mixed_gradients=1.0)
    result = blended(np.full_like(source, 170), source, ellipse(), (0, 0), how).astype(float)
    assert result[90, 60:100].mean() - result[99, 60:100].mean() > 70


def scenes() -> list[tuple[np.ndarray, np.ndarray]]:
    """Targets and sources of different texture, colour and light."""
    light = np.linspace(0.6, 1.4, 240)[None, :, None]
    return [
        (picture(noise(240, 240, 20, sigma=4) * light), picture(noise(240, 240, 21, sigma=4))),
        (picture(noise(240, 240, 22, sigma=10) * light), picture(noise(240, 240, 23, sigma=2) - 50)),
        (picture(noise(240, 240, 24, sigma=2, contrast=12)), picture(noise(240, 240, 25, sigma=8) + 40)),
        (
            picture(noise(240, 240, 26, sigma=6) * light[:, ::-1]),
            np.full((240, 240, 3), (40, 90, 170), np.uint8),
        ),
        (np.full((240, 240, 3), 180, np.uint8), picture(noise(240, 240, 27, sigma=6) - 30)),
    ]


def test_the_seam_is_no_more_visible_than_that_of_opencvs_seamless_clone() -> None:
    mask = ellipse(240, 240, 0.36)
    ours, theirs, pasted = [], [], []
    for target, source in scenes():
        ours.append(
            seam_visibility(blended(target, source, mask, (0, 0), BlendSettings()), target, source, mask)
        )
        left, top, width, height = cv2.boundingRect(mask)
        centre = (left + width // 2, top + height // 2)
        clone = cv2.seamlessClone(source, target, mask.copy(), centre, cv2.NORMAL_CLONE)
        theirs.append(seam_visibility(np.asarray(clone, np.uint8), target, source, mask))
        pasted.append(seam_visibility(blended(target, source, mask, (0, 0), PLAIN), target, source, mask))
    assert np.mean(pasted) > 5, "the measure sees a seam where there is one"
    assert np.mean(ours) <= max(np.mean(theirs), 0.02)
    assert max(np.subtract(ours, theirs)) < 0.25, "a quarter of a grey level per pixel"


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    layer=st.tuples(st.integers(1, 50), st.integers(1, 50)),
    at=st.tuples(st.integers(-60, 60), st.integers(-60, 60)),
    how=st.builds(
        BlendSettings,
        strength=st.floats(0, 1),
        feather_px=st.floats(0, 30),
        erosion_px=st.floats(0, 30),
        mixed_gradients=st.sampled_from([0.0, 1.0]),
        seamless=st.floats(0, 1),
    ),
    seed=st.integers(0, 9),
)
def test_any_sizes_and_places_are_blended_and_nothing_else_is_touched(
    size: tuple[int, int], layer: tuple[int, int], at: tuple[int, int], how: BlendSettings, seed: int
) -> None:
    random = np.random.default_rng(seed)
    target = random.integers(0, 256, (*size, 3), np.uint8)
    source = random.integers(0, 256, (*layer, 3), np.uint8)
    mask = (cv2.GaussianBlur(random.normal(size=layer), (0, 0), 3) > 0).astype(np.uint8) * 255
    result = blended(target, source, mask, at, how)
    covered = np.zeros(size, np.bool_)
    for row in range(layer[0]):
        for column in range(layer[1]):
            y, x = row + at[1], column + at[0]
            if 0 <= y < size[0] and 0 <= x < size[1]:
                covered[y, x] = mask[row, column] > 0
    np.testing.assert_array_equal(result[~covered], target[~covered])


@settings(max_examples=40, deadline=None)
@given(
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    seed=st.integers(0, 99),
    share=st.floats(0.01, 1.0),
)
def test_a_membrane_goes_through_its_values_and_not_beyond_them(
    size: tuple[int, int], seed: int, share: float
) -> None:
    random = np.random.default_rng(seed)
    values = random.uniform(-100, 100, (*size, 3)).astype(np.float32)
    given_at = random.random(size) < share
    given_at[0, 0] = True
    sheet = membrane(values, given_at)
    np.testing.assert_allclose(sheet[given_at], values[given_at], atol=1e-3)
    for channel in range(3):
        known = values[..., channel][given_at]
        assert known.min() - 0.01 <= sheet[..., channel].min()
        assert sheet[..., channel].max() <= known.max() + 0.01


def test_a_membrane_is_near_the_exact_solution_of_laplaces_equation() -> None:
    rows, columns = np.mgrid[-1:1:120j, -1:1:120j]
    harmonic = np.dstack([rows * columns, rows**2 - columns**2, columns]).astype(np.float32) * 100
    radius = np.hypot(rows, columns)
    sheet = membrane(harmonic, (radius > 0.9) & (radius < 0.95))
    inside = radius < 0.9
    assert np.sqrt(((sheet - harmonic)[inside] ** 2).mean()) < 4


def test_a_relief_has_the_divergence_that_was_asked_for() -> None:
    rows, columns = np.mgrid[:96, :96]
    wanted = np.exp(-((rows - 48.0) ** 2 + (columns - 40.0) ** 2) / 30).astype(np.float32) * 50
    reach = 24.0
    laplacian = cv2.filter2D(wanted, -1, np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float32))
    sheet = relief(laplacian - wanted / reach**2, reach)
    assert np.abs(sheet - wanted).max() < 8
    assert np.corrcoef(sheet.ravel(), wanted.ravel())[0, 1] > 0.995


@pytest.mark.parametrize(
    "values",
    [{"strength": 1.1}, {"feather_px": -1.0}, {"mixed_gradients": float("nan")}, {"erosion_px": 1e9}],
)
def test_settings_outside_their_range_are_refused_by_name(values: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match=next(iter(values))):
        BlendSettings(**values)


def test_wrong_shapes_are_refused() -> None:
    target = np.zeros((10, 10, 3), np.uint8)
    with pytest.raises(ShapeError, match="mask must be uint8"):
        blend(target, target, np.zeros((9, 10), np.uint8), 0, 0, BlendSettings())
    with pytest.raises(ShapeError, match="source must be"):
        blend(target, target[..., 0], np.zeros((10, 10), np.uint8), 0, 0, BlendSettings())
    target.flags.writeable = False
    with pytest.raises(ShapeError, match="writable"):
        blend(target, target.copy(), np.zeros((10, 10), np.uint8), 0, 0, BlendSettings())
