"""Numbers of the people in view, and what the browser draws over the picture."""

from __future__ import annotations

import json

from mirror_core.testing import synthetic_face, synthetic_faces
from mirror_web.faces_control import Capture, CaptureState, FacesState, PersonInView
from mirror_web.faces_stage import overlay_of
from mirror_web.people_numbers import KEEP_S, PeopleNumbers


def seen(*track_ids: int):
    return synthetic_faces(0, *(synthetic_face((100.0 + 10 * t, 80.0), 60.0, track_id=t) for t in track_ids))


def numbers(people: PeopleNumbers) -> dict[int, int]:
    return {person.track_id: person.number for person in people.people}


def test_a_person_keeps_the_number_and_the_next_one_takes_the_smallest_free():
    people = PeopleNumbers()
    people.update(seen(40, 41), 0.0)
    assert numbers(people) == {40: 1, 41: 2}
    people.update(seen(41, 50), 0.1 + KEEP_S)
    assert numbers(people) == {41: 2, 50: 1}


def test_a_face_that_is_lost_for_a_moment_stays():
    people = PeopleNumbers()
    people.update(seen(40), 0.0)
    people.update(seen(), KEEP_S - 0.1)
    assert numbers(people) == {40: 1}
    people.forget(KEEP_S + 0.1)
    assert numbers(people) == {}


def test_the_box_is_the_newest_one():
    people = PeopleNumbers()
    people.update(seen(40), 0.0)
    later = synthetic_faces(0, synthetic_face((300.0, 200.0), 60.0, track_id=40))
    people.update(later, 0.1)
    roi = later.faces[0].roi
    assert people.people[0].box == (roi.x, roi.y, roi.width, roi.height)


def test_the_overlay_has_names_boxes_and_the_rings_of_captures_that_were_not_cancelled():
    people = (PersonInView(7, 1, (10.04, 20, 30, 40), "a"), PersonInView(9, 2, (50, 20, 30, 40)))
    captures = (
        Capture(7, "Ada", CaptureState.RUNNING, 0.1234),
        Capture(9, "Bob", CaptureState.CANCELLED, 0.5),
    )
    state = FacesState(image_size=(640, 360), people=people, names={"a": "Ada"}, captures=captures)
    overlay = overlay_of(state, mirrored=True)
    assert json.loads(json.dumps(overlay)) == {
        "size": [640, 360],
        "mirrored": True,
        "people": [
            {
                "id": 7,
                "number": 1,
                "name": "Ada",
                "worn": "",
                "box": [10.0, 20, 30, 40],
                "ring": {"progress": 0.123, "state": "running"},
            },
            {"id": 9, "number": 2, "name": "Person 2", "worn": "", "box": [50, 20, 30, 40], "ring": None},
        ],
    }
