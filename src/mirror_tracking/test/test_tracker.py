"""The tracker on pictures of a real face: found, followed, told apart, and never thrown off."""

import math

import numpy as np
import pytest

from mirror_core.errors import ModelError, ParameterError
from mirror_core.frame import Frame
from mirror_core.geometry import CameraIntrinsics, matrix_from_quaternion
from mirror_core.parameters import specs_of, update
from mirror_tracking.shape_model import shared_shape_model
from mirror_tracking.tracker import FaceTracker, TrackerParameters

FRAME_NS = 33_333_333


class Show:
    """Shows pictures to a tracker at 30 Hz."""

    def __init__(self, detector, mesh, **settings):
        self.tracker = FaceTracker(TrackerParameters(**settings), detector=detector, mesh=mesh)
        self.n = 0

    def __call__(self, picture, **frame):
        self.n += 1
        return self.tracker.update(Frame(picture, self.n * FRAME_NS, **frame))


@pytest.fixture
def show(detector, mesh):
    return Show(detector, mesh)


def ids(faces):
    return sorted(face.track_id for face in faces.faces)


def nearest(faces, x, y):
    return min(faces.faces, key=lambda f: math.dist(f.roi.centre, (x, y)), default=None)


@pytest.mark.parametrize("height", [80, 140, 300])
def test_a_face_is_found_within_half_a_second_and_then_never_missed(paste, show, height):
    counts = [len(show(paste((500 + n, 300, height))).faces) for n in range(30)]
    first = counts.index(1)
    assert first <= 15
    assert counts[first:] == [1] * (30 - first)


def test_four_faces_of_several_sizes_are_followed_largest_first(paste, show):
    places = ((200, 200, 90), (1050, 180, 120), (300, 560, 150), (950, 520, 190))
    for _ in range(30):
        faces = show(paste(*places))
    assert ids(faces) == [1, 2, 3, 4]
    heights = [face.roi.height for face in faces.faces]
    assert heights == sorted(heights, reverse=True)
    for x, y, height in places:
        face = nearest(faces, x, y)
        assert math.dist(face.roi.centre, (x, y)) < 0.1 * height


def test_two_faces_that_pass_each_other_keep_their_ids(paste, show):
    """The nearer one hides the other for a while; both are copies of one picture."""
    for n in range(90):
        x_far, x_near = 330 + 7 * n, 960 - 7 * n
        faces = show(paste((x_far, 350, 150), (x_near, 370, 180)))
        if n == 15:
            far, near = nearest(faces, x_far, 350).track_id, nearest(faces, x_near, 370).track_id
    assert far != near
    assert nearest(faces, x_far, 350).track_id == far
    assert nearest(faces, x_near, 370).track_id == near
    assert ids(faces) == sorted((far, near))


def test_a_face_gone_for_less_than_a_second_keeps_its_id_and_one_gone_longer_does_not(paste, show):
    picture, empty = paste((600, 360, 200)), paste()
    first = ids(show(picture))
    for _ in range(20):
        assert show(empty).faces == ()
    assert show.tracker.lost_ids == tuple(first)
    assert ids(show(picture)) == first
    for _ in range(40):
        show(empty)
    assert show.tracker.lost_ids == ()
    again = ids(show(picture))
    assert again and again != first


def test_where_nobody_has_been_for_a_while_not_every_frame_is_searched(paste, show):
    empty, picture = paste(), paste((600, 360, 200))

    def searched(frames: int) -> int:
        return sum(bool(show(empty) and show.tracker.times.detections) for _ in range(frames))

    assert searched(60) == 60  # two seconds: somebody may be on the way
    searched(40)
    assert 9 <= searched(30) <= 11  # ten times a second
    assert any(show(picture).faces for _ in range(4))
    for _ in range(3):
        assert show(picture).faces
    assert searched(45) == 45  # who has just left may come back


def test_a_face_leaves_over_the_border_and_another_enters(paste, show):
    seen = [ids(show(paste((1000 + 12 * n, 360, 200)))) for n in range(40)]
    assert seen[0] == [1] and seen[18] == [1]  # still whole at x = 1216 but for its ear
    assert seen[-1] == []
    for _ in range(30):
        show(paste())
    seen = [ids(show(paste((-150 + 12 * n, 360, 200)))) for n in range(40)]
    assert seen[0] == [] and seen[-1] == [2]


def test_landmarks_of_a_face_cut_by_the_border_are_finite_and_go_on_beyond_it(paste, show):
    for n in range(20):
        faces = show(paste((1180 + 2 * n, 360, 240)))
    (face,) = faces.faces
    assert np.isfinite(face.landmarks).all()
    assert face.roi.x + face.roi.width > 1280


def test_broken_pictures_of_a_few_pixels_cost_nobody_the_id(paste, show):
    picture = paste((600, 360, 200))
    first = ids(show(picture))
    for odd in ((1, 1), (1, 500), (720, 1), (7, 7)):
        assert show(np.zeros((*odd, 3), np.uint8)).faces == ()
    assert ids(show(picture)) == first


def test_a_picture_of_another_size_begins_anew(paste, show):
    picture = paste((600, 360, 200))
    assert ids(show(picture)) == [1]
    assert show(np.zeros((33, 65, 3), np.uint8)).faces == ()
    assert ids(show(picture)) == [2]


def test_noise_black_and_a_plain_wall_show_nobody(paste, show):
    noise = np.random.default_rng(0).integers(0, 256, (720, 1280, 3)).astype(np.uint8)
    for _ in range(8):
        for picture in (np.zeros((720, 1280, 3), np.uint8), paste(), noise):
            assert show(picture).faces == ()


def test_a_placeholder_shows_nobody_even_with_a_face_on_it(paste, show):
    picture = paste((600, 360, 200))
    first = ids(show(picture))
    assert show(picture, is_placeholder=True).faces == ()
    assert ids(show(picture)) == first


def test_time_that_steps_back_begins_anew_without_using_ids_again(paste, show):
    picture = paste((600, 360, 200))
    assert ids(show(picture)) == [1]
    show.n = -1
    assert ids(show(picture)) == [2]


def test_stamp_frame_and_size_are_those_of_the_picture(paste, show):
    faces = show(paste((600, 360, 200)), frame_id="left_camera")
    assert (faces.stamp_ns, faces.frame_id, faces.image_size) == (FRAME_NS, "left_camera", (1280, 720))


class Failing:
    """A mesh that fails when told to."""

    def __init__(self, mesh):
        self.mesh, self.fails = mesh, False

    def landmarks(self, image, regions):
        if self.fails:
            raise ModelError("no more memory")
        return self.mesh.landmarks(image, regions)


def test_a_model_that_fails_once_costs_nobody_the_id(paste, detector, mesh):
    failing = Failing(mesh)
    show = Show(detector, failing)
    picture = paste((600, 360, 200))
    first = ids(show(picture))
    failing.fails = True
    with pytest.raises(ModelError, match="memory"):
        show(picture)
    failing.fails = False
    assert ids(show(picture)) == first


class Counting:
    """A detector that counts how often it is asked."""

    def __init__(self, detector):
        self.detector, self.calls = detector, 0

    def detect(self, image, view=None):
        self.calls += 1
        return self.detector.detect(image, view)


def test_the_detector_rests_while_faces_are_followed_and_works_when_one_is_lost(paste, detector, mesh):
    counting = Counting(detector)
    show = Show(counting, mesh, detection_period=10 * FRAME_NS * 1e-9)
    picture, empty = paste((600, 360, 200)), paste()
    for _ in range(20):
        show(picture)
    counting.calls = 0
    for _ in range(30):
        show(picture)
    assert counting.calls == 3
    counting.calls = 0
    for _ in range(5):
        show(empty)
    assert counting.calls >= 5


def test_settings_change_while_it_runs(paste, detector, mesh):
    show = Show(detector, mesh)
    places = ((300, 360, 150), (900, 360, 220))
    for _ in range(15):
        faces = show(paste(*places))
    assert len(faces.faces) == 2
    show.tracker.configure(TrackerParameters(max_faces=1, head_pose=False))
    (face,) = show(paste(*places)).faces
    assert face.roi.height > 200 and face.head_pose is None


def test_the_head_pose_follows_the_roll_and_the_distance(paste, show):
    upright = show(paste((640, 360, 200))).faces[0].head_pose
    show.tracker.reset()
    turned = show(paste((640, 360, 200), roll=math.radians(20))).faces[0].head_pose
    show.tracker.reset()
    near = show(paste((640, 360, 400))).faces[0].head_pose
    left = [matrix_from_quaternion(pose.quaternion)[:, 1] for pose in (upright, turned)]
    angles = [math.degrees(math.atan2(axis[1], axis[0])) for axis in left]
    assert angles[1] - angles[0] == pytest.approx(20, abs=3)
    assert upright.position_m[2] == pytest.approx(2 * near.position_m[2], rel=0.1)


def test_the_cameras_own_intrinsics_are_used_where_they_fit_the_picture(paste, detector, mesh):
    frame = Frame(paste((640, 360, 200)), 1)
    tele = CameraIntrinsics.from_field_of_view(1280, 720, 30)
    other_size = CameraIntrinsics.from_field_of_view(640, 480, 30)
    distances = []
    ratio = math.tan(math.radians(30)) / math.tan(math.radians(15))
    for camera in (None, tele, other_size):
        tracker = FaceTracker(detector=detector, mesh=mesh)
        distances.append(tracker.update(frame, camera).faces[0].head_pose.position_m[2])
    assert distances[1] == pytest.approx(distances[0] * ratio, rel=0.05)
    assert distances[2] == distances[0]


def test_a_resting_face_rests(paste, show):
    picture, rng = paste((640, 360, 200)).astype(np.int16), np.random.default_rng(0)
    points = []
    for _ in range(40):
        noisy = np.clip(picture + rng.integers(-8, 9, picture.shape), 0, 255).astype(np.uint8)
        points.append(show(noisy).faces[0].landmarks[:, :2])
    steps = np.linalg.norm(np.diff(points[15:], axis=0), axis=2)
    assert steps.mean() < 0.2  # pixels from frame to frame


def test_stage_times_say_what_was_done(paste, show):
    show(paste((640, 360, 200)))
    times = show.tracker.times
    assert times.detections >= 1 and times.meshes >= 1
    assert min(times.detect_s, times.mesh_s, times.associate_s, times.pose_s) > 0


def test_every_setting_is_described_and_checked():
    assert all(spec.description.endswith(".") for spec in specs_of(TrackerParameters))
    with pytest.raises(ParameterError, match="max_faces = 0 is refused"):
        update(TrackerParameters(), {"max_faces": 0})


def test_a_search_left_for_later_costs_the_update_nothing_and_finds_the_second_face(paste, detector, mesh):
    counting = Counting(detector)
    tracker = FaceTracker(TrackerParameters(detection_period=0.0), detector=counting, mesh=mesh)
    one, two = paste((400, 360, 300)), paste((400, 360, 300), (900, 360, 300))
    in_updates, in_searches, found = [], [], []
    for number, picture in enumerate([one] * 20 + [two] * 20):
        before = counting.calls
        faces = tracker.update(Frame(picture, (number + 1) * FRAME_NS), look_later=True)
        in_updates.append(counting.calls - before)
        tracker.look_around()
        in_searches.append(counting.calls - before - in_updates[-1])
        assert tracker.times.detections == in_updates[-1] + in_searches[-1]
        found.append(len(faces.faces))
    first = found.index(1)
    assert sum(in_updates[: first + 1]) > 0  # while nobody is followed nobody waits, either
    assert sum(in_updates[first + 1 :]) == 0
    assert sum(in_searches[first + 1 :]) > 20
    assert found[first:20] == [1] * (20 - first)
    assert found[-1] == 2


def test_each_face_has_its_shape_unless_that_is_switched_off(paste, detector, mesh):
    picture = paste((420, 360, 200), (900, 360, 160))
    show = Show(detector, mesh)
    for _ in range(20):
        faces = show(picture).faces
    assert len(faces) == 2
    for face in faces:
        assert face.shape_parameters.shape == (shared_shape_model().count,)
        assert 0.1 < np.abs(face.shape_parameters).mean() < 2
        apart = np.linalg.norm(face.shape_reconstruction[:, :2] - face.landmarks[:, :2], axis=1)
        assert 0 < apart.mean() < 0.01 * face.roi.height
    assert show.tracker.times.shape_s > 0
    show.tracker.configure(TrackerParameters(shape=False))
    for face in show(picture).faces:
        assert face.shape_parameters.shape == (0,)
        assert face.shape_reconstruction.shape == (0, 3)


def test_refined_landmarks_are_calmer_and_stay_where_the_face_is(paste, detector, mesh):
    rng = np.random.default_rng(3)
    picture = paste((640, 360, 300)).astype(np.int16)
    noisy = [np.clip(picture + rng.normal(0, 6, picture.shape), 0, 255).astype(np.uint8) for _ in range(24)]
    calm = {"smoothing_min_cutoff": 1000.0, "smoothing_beta": 1000.0}  # as good as none
    seen = {}
    for refine in (False, True):
        show = Show(detector, mesh, refine=refine, **calm)
        points = [show(frame).faces[0].landmarks[:468, :2] for frame in noisy]
        seen[refine] = np.stack(points[10:])
    shake = {refine: float(np.diff(points, axis=0).std()) for refine, points in seen.items()}
    assert shake[True] < 0.7 * shake[False]
    assert np.abs(seen[True].mean(axis=0) - seen[False].mean(axis=0)).max() < 1.5
