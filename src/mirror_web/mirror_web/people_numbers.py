"""Small numbers for the people in view, the same on all pages for as long as a person stays."""

from __future__ import annotations

from mirror_core.faces import FaceSet
from mirror_web.faces_control import PersonInView

__all__ = ["PeopleNumbers"]

KEEP_S = 1.5  # a face that is lost for less keeps its number, and stays on the page


class PeopleNumbers:
    """Turns face sets into people with numbers: the smallest free one for who comes."""

    def __init__(self) -> None:
        self._people: dict[int, tuple[float, PersonInView]] = {}

    def update(self, faces: FaceSet, now_s: float) -> None:
        """Take the newest faces.

        Args:
            faces: in one picture.
            now_s: monotonic seconds.
        """
        here = {face.track_id for face in faces.faces}
        self._people = {
            track: entry
            for track, entry in self._people.items()
            if track in here or now_s - entry[0] <= KEEP_S
        }
        for face in faces.faces:
            known = self._people.get(face.track_id)
            number = known[1].number if known is not None else self._free_number()
            box = (face.roi.x, face.roi.y, face.roi.width, face.roi.height)
            self._people[face.track_id] = (now_s, PersonInView(face.track_id, number, box, face.person))

    def forget(self, now_s: float) -> None:
        """Let those go who have not been seen for a while."""
        self._people = {track: entry for track, entry in self._people.items() if now_s - entry[0] <= KEEP_S}

    @property
    def people(self) -> tuple[PersonInView, ...]:
        """Who is there, by number."""
        return tuple(sorted((person for _, person in self._people.values()), key=lambda p: p.number))

    def _free_number(self) -> int:
        taken = {person.number for _, person in self._people.values()}
        return next(n for n in range(1, len(taken) + 2) if n not in taken)
