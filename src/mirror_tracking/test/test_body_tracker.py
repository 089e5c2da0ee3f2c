"""The body tracker with people made up, and with a real one: found, followed, told apart, given up."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
import pytest
from skimage import data

from mirror_core.bodies import BodySet
from mirror_core.body_points import BodyPoint
from mirror_core.errors import ModelError, ParameterError
from mirror_core.faces import Roi
from mirror_core.frame import Frame, Image
from mirror_core.parameters import specs_of, update
from mirror_core.testing import synthetic_body
from mirror_tracking.body_search import views_for_bodies
from mirror_tracking.body_shape import REACH_M
from mirror_tracking.body_tracker import BodyTracker, BodyTrackerParameters
from mirror_tracking.mesh import Region
from mirror_tracking.pose_detector import PersonDetection
from mirror_tracking.pose_landmarks import PoseResult

FRAME_NS = 40_000_000
WIDTH, HEIGHT = 1280, 720


@dataclass(frozen=True)
class Person:
    """Somebody who stands with their hips at (x, y)."""

    x: float
    y: float = 400.0
    metre: float = 180.0
    score: float = 0.9
    presence: float = 0.95
    seen: float = 0.9

    @property
    def shoulders(self) -> tuple[float, float]:
        return self.x, self.y - 0.5 * self.metre

    def detection(self) -> PersonDetection:
        y = (self.y, self.y - REACH_M * self.metre, self.y - 0.5 * self.metre, self.y - self.metre)
        return PersonDetection(self.score, np.array([(self.x, value) for value in y], np.float32))

    def pose(self, region: Region, segmentation: bool) -> PoseResult:
        body = synthetic_body((self.x, self.y), 1.61 * self.metre)
        assert body.world_landmarks is not None
        return PoseResult(
            landmarks=body.landmarks,
            visibility=np.full(33, self.seen, np.float32),
            world_landmarks=body.world_landmarks,
            presence=self.presence,
            hips=np.array((self.x, self.y), np.float32),
            rim=np.array((self.x, self.y - REACH_M * self.metre), np.float32),
            region=region,
            mask=np.ones((256, 256), np.float32) if segmentation else None,
        )


@dataclass
class Crowd:
    """Stands for both models: knows who is where, and notes where it was asked to look."""

    people: tuple[Person, ...] = ()
    views: list[Roi | None] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    is_broken: bool = False

    def detect(self, image: Image, view: Roi | None = None) -> list[PersonDetection]:
        self.views.append(view)
        assert view is not None
        return [
            person.detection()
            for person in self.people
            if view.x <= person.x <= view.x + view.width and (image[0, 0] == image[0, 0]).all()
        ]

    def pose(self, image: Image, region: Region, *, segmentation: bool = False) -> PoseResult:
        if self.is_broken:
            raise ModelError("The model is broken.")
        self.regions.append(region)
        near = [p for p in self.people if math.dist((p.x, p.y), (region.x, region.y)) < 0.5 * p.metre]
        if not near:
            return replace(Person(region.x, region.y).pose(region, segmentation), presence=0.02)
        nearest = min(near, key=lambda p: math.dist((p.x, p.y), (region.x, region.y)))
        return nearest.pose(region, segmentation)


class Show:
    """Shows frames at 25 Hz to a tracker that believes in a crowd."""

    def __init__(self, **settings: Any) -> None:
        self.crowd = Crowd()
        self.tracker = BodyTracker(BodyTrackerParameters(**settings), detector=self.crowd, model=self.crowd)
        self.image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        self.n = 0

    def __call__(self, *people: Person, times: int = 1, **arguments: Any) -> BodySet:
        for _ in range(times):
            self.n += 1
            self.crowd.people = people
            found = self.tracker.update(Frame(self.image, self.n * FRAME_NS), **arguments)
            self.tracker.look_around()
        return found


def ids(found: BodySet) -> list[int]:
    return [body.track_id for body in found.bodies]


def places(found: BodySet) -> dict[int, float]:
    return {body.track_id: float(body.landmarks[:, 0].mean()) for body in found.bodies}


def test_a_person_is_followed_from_the_first_frame_with_all_that_is_known() -> None:
    show = Show()
    found = show(Person(400.0))
    assert (found.stamp_ns, found.width, found.height) == (FRAME_NS, WIDTH, HEIGHT)
    (body,) = found.bodies
    expected = synthetic_body((400.0, 400.0), 1.61 * 180)
    assert body.track_id == 1
    assert np.allclose(body.landmarks, expected.landmarks)
    assert np.allclose(body.world_landmarks, expected.world_landmarks)
    assert body.visibility[0] == pytest.approx(0.9)
    assert body.confidence == pytest.approx(0.95)
    assert body.segmentation is None
    assert body.roi.x < 400 < body.roi.x + body.roi.width
    for step in range(20):
        assert places(show(Person(400.0 + 10 * step))) == {1: pytest.approx(400 + 10 * step, abs=12)}


def test_two_people_keep_their_places_by_id_and_a_third_is_left_out() -> None:
    show = Show()
    show(Person(300.0))
    found = show(Person(300.0), Person(900.0), times=10)
    assert places(found) == {1: pytest.approx(300.0), 2: pytest.approx(900.0)}
    found = show(Person(900.0), Person(300.0), Person(600.0), times=60)
    assert places(found) == {1: pytest.approx(300.0), 2: pytest.approx(900.0)}


def test_one_body_is_enough_where_one_is_asked_for() -> None:
    show = Show(max_bodies=1)
    assert ids(show(Person(300.0), Person(900.0, metre=200.0), times=30)) == [1]
    assert places(show(Person(300.0), Person(900.0, metre=200.0))) == {1: pytest.approx(900.0)}  # the larger


def test_somebody_much_larger_is_followed_instead() -> None:
    show = Show()
    show(Person(300.0), Person(600.0, metre=150.0), times=10)
    found = show(Person(300.0), Person(600.0, metre=150.0), Person(1000.0, metre=260.0), times=60)
    assert sorted(places(found).values()) == pytest.approx([300.0, 1000.0])


def test_people_who_cross_keep_their_ids() -> None:
    show = Show()
    for n in range(100):
        left, right = Person(300.0 + 6 * n), Person(900.0 - 6 * n, metre=200.0)
        # The far one is hidden while it is behind the near one.
        found = show(right) if abs(left.x - right.x) < 60 else show(left, right)
        if n == 20:
            (far, near) = (i for i, _ in sorted(places(found).items(), key=lambda item: item[1]))
    assert ids(found) == [1, 2]
    assert places(found)[far] > places(found)[near]


def test_who_goes_is_given_up_at_once_and_an_empty_room_stays_empty() -> None:
    show = Show()
    show(Person(300.0), times=5)
    assert show().bodies == ()
    assert all(show().bodies == () for _ in range(30))
    assert ids(show(Person(900.0), times=8)) == [2]


def test_a_body_gone_for_a_moment_keeps_its_id() -> None:
    show = Show()
    show(Person(300.0), times=5)
    show(times=20)
    assert ids(show(Person(310.0), times=8)) == [1]


@pytest.mark.parametrize(
    "person",
    [
        Person(400.0, presence=0.6),
        Person(400.0, score=0.4),
        Person(400.0, metre=70.0),
        Person(400.0, seen=0.3),
        Person(-400.0),
    ],
    ids=["the model is not sure", "the detector is not sure", "too small", "hidden", "outside"],
)
def test_what_may_be_nobody_begins_no_track(person: Person) -> None:
    show = Show()
    assert all(show(person).bodies == () for _ in range(20))


def test_a_body_that_the_two_models_see_in_different_places_is_none() -> None:
    show = Show()
    apart = Person(400.0)
    shifted = apart.detection().keypoints + np.array((0, 70), np.float32)
    show.crowd.detect = lambda image, view=None: [PersonDetection(0.9, shifted)]  # type: ignore[method-assign]
    assert all(show(apart).bodies == () for _ in range(20))


def test_a_doubtful_detection_needs_a_second_look() -> None:
    show = Show()
    assert show(Person(400.0, score=0.6)).bodies == ()
    assert ids(show(Person(400.0, score=0.6), times=4)) == [1]


def test_points_outside_the_picture_are_not_visible() -> None:
    (body,) = Show()(Person(400.0, 600.0, metre=300.0)).bodies
    assert body.landmarks[BodyPoint.LEFT_ANKLE, 1] > HEIGHT
    assert body.visibility[BodyPoint.LEFT_ANKLE] == 0.0
    assert body.visibility[BodyPoint.LEFT_HIP] == pytest.approx(0.9)
    assert body.roi.y + body.roi.height == HEIGHT


def test_new_people_are_looked_for_at_their_period_and_seldom_where_all_places_are_taken() -> None:
    show = Show(detection_period=0.2)
    show(Person(300.0), times=10)
    show.crowd.views.clear()
    show(Person(300.0), times=50)  # two seconds
    assert 9 <= len(show.crowd.views) <= 11
    assert {view for view in show.crowd.views if view is not None} == set(views_for_bodies(WIDTH, HEIGHT))
    show(Person(300.0), Person(900.0), times=25)
    show.crowd.views.clear()
    show(Person(300.0), Person(900.0), times=50)
    assert 4 <= len(show.crowd.views) <= 6


def test_known_people_are_hidden_from_the_search_and_from_each_others_crops() -> None:
    show = Show(detection_period=0.0)
    show(Person(300.0), times=3)
    show.image = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    seen: list[Image] = []
    show.crowd.detect = lambda image, view=None: seen.append(image) or []  # type: ignore[method-assign, func-returns-value]
    show(Person(300.0))
    assert seen[0][400, 300].tolist() == [120, 120, 120]
    assert seen[0][400, 800].tolist() == [200, 200, 200]
    assert (show.image == 200).all()

    pair = Show()
    pair(Person(500.0), Person(620.0), times=10)
    pair.image = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    crops: list[Image] = []
    real = pair.crowd.pose

    def pose(image: Image, region: Region, *, segmentation: bool = False) -> PoseResult:
        crops.append(image)
        return real(image, region, segmentation=segmentation)

    pair.crowd.pose = pose  # type: ignore[method-assign]
    pair(Person(500.0), Person(620.0))
    assert [crop[390, 500, 0] for crop in crops] == [200, 120]
    assert [crop[390, 620, 0] for crop in crops] == [120, 200]


def test_while_nobody_is_followed_the_search_is_not_left_for_later() -> None:
    show = Show()
    assert ids(show(Person(300.0), look_later=True)) == [1]
    show(Person(300.0), times=12, look_later=True)
    found = [ids(show(Person(300.0), Person(900.0), look_later=True)) for _ in range(12)]
    assert found[0] == [1]
    assert found[-1] == [1, 2]


def test_a_segmentation_fits_its_roi_and_is_made_only_when_asked_for() -> None:
    show = Show()
    assert show(Person(300.0)).bodies[0].segmentation is None
    (body,) = show(Person(300.0), segmentation=True).bodies
    assert body.segmentation is not None
    assert body.segmentation.shape == (body.roi.height, body.roi.width)
    assert body.segmentation[int(body.roi.height / 2), int(body.roi.width / 2)] == 255


def test_stamps_that_jump_back_and_other_picture_sizes_begin_anew() -> None:
    show = Show()
    show(Person(300.0), times=5)
    show.n = 0
    assert ids(show(Person(300.0), times=2)) == [2]
    show.image = np.zeros((480, 640, 3), np.uint8)
    assert ids(show(Person(300.0), times=2)) == [3]


def test_a_placeholder_and_a_tiny_picture_show_nobody_and_let_tracks_wait() -> None:
    show = Show()
    show(Person(300.0), times=5)
    show.n += 1
    frame = Frame(show.image, show.n * FRAME_NS, is_placeholder=True)
    assert show.tracker.update(frame).bodies == ()
    assert ids(show(Person(300.0), times=2)) == [1]
    tiny = show.tracker.update(Frame(np.zeros((4, 4, 3), np.uint8), (show.n + 1) * FRAME_NS))
    assert (tiny.bodies, tiny.width) == ((), 4)


def test_a_model_that_fails_leaves_the_tracks_as_they_were() -> None:
    show = Show()
    show(Person(300.0), times=5)
    show.crowd.is_broken = True
    with pytest.raises(ModelError, match="broken"):
        show(Person(300.0))
    show.crowd.is_broken = False
    assert ids(show(Person(300.0))) == [1]


def test_settings_change_while_people_are_followed() -> None:
    show = Show()
    show(Person(300.0), Person(900.0), times=10)
    show.tracker.configure(update(show.tracker.parameters, {"max_bodies": 1}))
    assert len(show(Person(300.0), Person(900.0), times=2).bodies) == 1
    with pytest.raises(ParameterError, match=r"max_bodies = 3 is refused: allowed is 1 … 2\."):
        update(BodyTrackerParameters(), {"max_bodies": 3})
    assert all(spec.description.endswith(".") for spec in specs_of(BodyTrackerParameters))


@pytest.mark.parametrize(
    ("width", "height", "count"),
    [(1280, 720, 3), (720, 1280, 3), (640, 480, 3), (500, 500, 1), (3000, 600, 6)],
)
def test_the_views_cover_the_picture_first_as_a_whole_then_in_squares(
    width: int, height: int, count: int
) -> None:
    whole, *squares = views_for_bodies(width, height)
    assert whole == Roi(0.0, 0.0, width, height)
    assert len(squares) == count - 1
    covered = np.zeros((height, width), bool)
    for square in squares:
        assert square.width == square.height == min(width, height)
        x, y = int(square.x), int(square.y)
        covered[y : y + int(square.height), x : x + int(square.width)] = True
    assert covered.all() or count == 1
    assert views_for_bodies(3, 3) == ()


# ---- a real person


@pytest.fixture(scope="module")
def portrait() -> Image:
    return np.asarray(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR), np.uint8)


@pytest.fixture(scope="module")
def real() -> BodyTracker:
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    return BodyTracker()


def canvas(portrait: Image, *places: int) -> Image:
    picture = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    for x in places:
        picture[208:, x : x + 512] = portrait
    return picture


def test_a_real_person_is_found_segmented_and_gone_when_they_go(real: BodyTracker, portrait: Image) -> None:
    real.reset()
    start = 10**12
    picture = canvas(portrait, 400)
    for n in range(3):
        found = real.update(Frame(picture, start + n * FRAME_NS), segmentation=True)
    (body,) = found.bodies
    assert body.confidence > 0.9
    assert body.landmarks[BodyPoint.NOSE, :2] == pytest.approx((400 + 222, 208 + 128), abs=12)
    assert body.visibility[BodyPoint.LEFT_ANKLE] == 0.0
    assert body.roi.y < 208 + 10  # the hair is in the box
    assert body.segmentation is not None
    x, y = int(body.roi.x), int(body.roi.y)
    assert body.segmentation[208 + 300 - y, 400 + 200 - x] > 200  # chest
    assert body.segmentation[208 + 60 - y, 400 + 340 - x] < 50  # the wall beside the head
    for n in range(3, 12):
        assert real.update(Frame(canvas(portrait), start + n * FRAME_NS)).bodies == ()


def test_two_real_people_are_followed_each_in_a_crop_of_their_own(real: BodyTracker, portrait: Image) -> None:
    real.reset()
    start = 2 * 10**12
    for n in range(6):
        picture = canvas(portrait, 40 + 4 * n, 740 - 4 * n)
        found = real.update(Frame(picture, start + n * FRAME_NS))
    left, right = sorted(found.bodies, key=lambda body: body.landmarks[BodyPoint.NOSE, 0])
    assert left.landmarks[BodyPoint.NOSE, 0] == pytest.approx(60 + 222, abs=15)
    assert right.landmarks[BodyPoint.NOSE, 0] == pytest.approx(720 + 222, abs=15)


@pytest.mark.parametrize("name", ["coffee", "chelsea", "rocket", "retina", "brick"])
def test_no_ghost_appears_where_nobody_is(real: BodyTracker, name: str) -> None:
    real.reset()
    picture = np.asarray(getattr(data, name)())
    picture = np.repeat(picture[..., None], 3, 2) if picture.ndim == 2 else picture
    picture = np.ascontiguousarray(picture[..., ::-1])
    rng = np.random.default_rng(0)
    for n in range(5):
        grain = rng.normal(0, 3, picture.shape)
        frame = Frame(np.clip(picture + grain, 0, 255).astype(np.uint8), 3 * 10**12 + n * 300_000_000)
        assert real.update(frame).bodies == ()
