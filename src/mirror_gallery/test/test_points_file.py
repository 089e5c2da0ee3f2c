"""Files with points placed by hand: their formats, and what is said about those that have another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mirror_core.errors import UsageError
from mirror_gallery.points_file import parse_points, read_points

SIZE = (200, 100)
NAMED = {"right_eye_outer": [10, 20], "chin": [30, 40.5], "7": [1, 2]}
POINTS = {33: (10.0, 20.0), 152: (30.0, 40.5), 7: (1.0, 2.0)}


@pytest.mark.parametrize(
    "content",
    [
        NAMED,
        {"points": NAMED},
        {"unit": "px", "points": NAMED},
        {"unit": "share", "points": {"33": [0.05, 0.2], "152": [0.15, 0.405], "7": [0.005, 0.02]}},
    ],
)
def test_json_by_name_or_number_in_pixels_or_shares(content: object) -> None:
    found = parse_points(json.dumps(content), False, SIZE)
    assert found.keys() == POINTS.keys()
    for index, point in POINTS.items():
        assert found[index] == pytest.approx(point)


@pytest.mark.parametrize("count", [468, 478])
def test_a_whole_mesh_as_json_or_csv(count: int) -> None:
    pairs = [[i, 2 * i] for i in range(count)]
    expected = {i: (float(i), 2.0 * i) for i in range(count)}
    assert parse_points(json.dumps(pairs), False, SIZE) == expected
    assert parse_points("x,y\n" + "\n".join(f"{x},{y}" for x, y in pairs), True, SIZE) == expected


def test_csv_with_names_comments_and_empty_lines() -> None:
    text = "# by hand\npoint, x, y\n\nright_eye_outer, 10, 20\nchin,30,40.5\n7,1,2\n"
    assert parse_points(text, True, SIZE) == POINTS


@pytest.mark.parametrize(
    ("text", "is_csv", "sentence"),
    [
        ("{", False, "this is no JSON"),
        ('"points"', False, "a list of points, or points by name or number"),
        ("[[1, 2], [3, 4]]", False, "468 or 478 points, not 2; give fewer by name or number"),
        ('{"ear": [1, 2]}', False, "ear is no point: allowed are 0 … 477 and right_eye_outer"),
        ('{"478": [1, 2]}', False, "478 is no point"),
        ('{"33": [1, 2], "right_eye_outer": [1, 2]}', False, "point right_eye_outer stands there twice"),
        ('{"33": [1]}', False, "point 33 must be two finite numbers"),
        ('{"33": [1, NaN]}', False, "point 33 must be two finite numbers"),
        ('{"33": [true, 2]}', False, "point 33 must be two finite numbers"),
        ('{"unit": "cm", "points": {}}', False, "the unit must be"),
        ("", True, "there are no points"),
        ("x,y\n", True, "there are no points"),
        ("33,1,2\n152,1\n", True, "line 2 must have 3 columns like the first, not 2"),
        ("1,2\n3,4\n", True, "468 or 478 points, not 2"),
        ("1,2,3,4\n", True, "line 1 must be x,y or point,x,y"),
        ("33,1,2\n152,a,2\n", True, "line 2 must be two finite numbers"),
    ],
)
def test_what_is_wrong_is_told_with_the_place(text: str, is_csv: bool, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        parse_points(text, is_csv, SIZE)


def test_a_file_is_told_by_its_name(tmp_path: Path) -> None:
    good = tmp_path / "points.JSON"
    good.write_text(json.dumps(NAMED), "utf-8-sig")  # as some editors write
    assert read_points(good, SIZE) == POINTS
    other = tmp_path / "points.txt"
    other.write_text("33,1,2")
    with pytest.raises(UsageError, match=r"points\.txt must end in \.json or \.csv\."):
        read_points(other, SIZE)
    with pytest.raises(UsageError, match=r"none\.csv cannot be read: No such file"):
        read_points(tmp_path / "none.csv", SIZE)
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(UsageError, match="is no text"):
        read_points(picture, SIZE)
    bad = tmp_path / "bad.csv"
    bad.write_text("ear,1,2\n")
    with pytest.raises(UsageError, match=r"bad\.csv: ear is no point"):
        read_points(bad, SIZE)
