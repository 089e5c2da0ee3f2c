"""Who stands in front of the mirror, what they wear, and whose visit is over."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from mirror_core.errors import UsageError

__all__ = ["AWAY_S", "EVERYBODY", "Present", "Visitors"]

EVERYBODY = 2**32 - 1  # mirror_msgs/Worn.EVERYBODY: those who wear nothing of their own
AWAY_S = 12.0  # a track unseen for so long never comes back: beyond the tracker's largest lost_after_s


@dataclass(frozen=True, slots=True)
class Present:
    """A stored person in front of the mirror.

    Attributes:
        id: gallery id.
        recognised: by the mirror, rather than by their own word.
        confidence: 0 … 1.
    """

    id: str
    recognised: bool = False
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class _Worn:
    id: str
    by_owner_only: bool


@dataclass(slots=True)
class _Visit:
    seen_s: float
    has_owner: bool


class Visitors:
    """Keeps track of people by the ids of their tracked faces. Times are seconds of one steady clock.

    Every method that changes who is there or who wears what says so by returning True.
    """

    def __init__(self) -> None:
        self._seen: dict[int, float] = {}  # track → when it was seen last, or spoken of
        self._present: dict[int, Present] = {}
        self._worn: dict[int, _Worn] = {}
        self._visits: dict[str, _Visit] = {}

    # ---- what is known

    @property
    def present(self) -> dict[int, Present]:
        """Who is there, by track id."""
        return dict(self._present)

    @property
    def worn(self) -> dict[int, str]:
        """Gallery id of what is worn, by track id or `EVERYBODY`."""
        return {track: worn.id for track, worn in self._worn.items()}

    @property
    def is_anybody_watched(self) -> bool:
        """Whether it must be known who is in view: somebody could leave."""
        return bool(self._present or self._visits or self._worn.keys() - {EVERYBODY})

    def in_view(self, now_s: float, within_s: float = 1.0) -> frozenset[int]:
        """The tracks seen within the last moments."""
        return frozenset(track for track, seen_s in self._seen.items() if now_s - seen_s <= within_s)

    # ---- who is there

    def see(self, tracks: Collection[int], now_s: float) -> None:
        """Take in who is in the picture."""
        for track in tracks:
            self._seen[track] = now_s
        for face_id, visit in self._visits.items():
            if self._keeps(face_id, visit, tracks):
                visit.seen_s = now_s

    def _keeps(self, face_id: str, visit: _Visit, tracks: Collection[int]) -> bool:
        """Whether somebody in the picture keeps a visit going: the person, or who wears an ownerless face."""
        if any(self._present[track].id == face_id for track in tracks if track in self._present):
            return True
        if visit.has_owner or not tracks:
            return False
        worn = [self._worn.get(track, self._worn.get(EVERYBODY)) for track in tracks]
        return any(what is not None and what.id == face_id for what in worn)

    def check_in(self, track: int, face_id: str, now_s: float) -> bool:
        """The person of this track is this stored one, by their own word; nobody is in two places."""
        self._seen.setdefault(track, now_s)
        visit = self._visits.get(face_id)
        if visit is not None:
            visit.seen_s, visit.has_owner = now_s, True
        changed = self._place(track, Present(face_id))
        return self._take_off_private() or changed

    def check_out(self, track: int) -> bool:
        """The person of this track does not want to be anybody here."""
        changed = self._present.pop(track, None) is not None
        return self._take_off_private() or changed

    def recognise(self, recognised: dict[int, Present]) -> bool:
        """Take over whom the mirror recognises now; what people said themselves counts more.

        Args:
            recognised: all of them, by track id.
        """
        said = {track: who for track, who in self._present.items() if not who.recognised}
        taken = {who.id for who in said.values()}
        before = self._present
        self._present = {
            **said,
            **{t: who for t, who in recognised.items() if t not in said and who.id not in taken},
        }
        changed = {t: w.id for t, w in self._present.items()} != {t: w.id for t, w in before.items()}
        for who in self._present.values():
            if who.recognised and who.id in self._visits:
                self._visits[who.id].has_owner = True
        return self._take_off_private() or changed

    def _place(self, track: int, who: Present) -> bool:
        if self._present.get(track) == who:
            return False
        for other in [other for other, there in self._present.items() if there.id == who.id]:
            del self._present[other]
        self._present[track] = who
        return True

    # ---- who wears what

    def wear(self, track: int, face_id: str, *, name: str, by_owner_only: bool, now_s: float) -> bool:
        """Let the person of this track, or everybody, wear a face.

        Args:
            track: id, or `EVERYBODY`.
            face_id: gallery id.
            name: of the face, for the sentence.
            by_owner_only: its owner does not want others to wear it.
            now_s: the present moment.

        Raises:
            UsageError: if they may not.
        """
        if by_owner_only and not self._is_owner(track, face_id):
            whom = "not by everybody" if track == EVERYBODY else "and this person has not checked in as them"
            raise UsageError(f"{name} may be worn by {name} alone, {whom}.")
        if track != EVERYBODY:
            self._seen.setdefault(track, now_s)
        worn = _Worn(face_id, by_owner_only)
        if self._worn.get(track) == worn:
            return False
        self._worn[track] = worn
        return True

    def take_off(self, track: int) -> bool:
        """Take off what this track, or everybody, wears."""
        return self._worn.pop(track, None) is not None

    def _is_owner(self, track: int, face_id: str) -> bool:
        who = self._present.get(track)
        return who is not None and who.id == face_id

    def _take_off_private(self) -> bool:
        """Nobody goes on wearing what is somebody else's alone."""
        taken = [t for t, worn in self._worn.items() if worn.by_owner_only and not self._is_owner(t, worn.id)]
        for track in taken:
            del self._worn[track]
        return bool(taken)

    # ---- visits and farewells

    def begin_visit(self, face_id: str, now_s: float) -> None:
        """A face was stored for this visit: from now on it is seen who leaves."""
        self._visits[face_id] = _Visit(now_s, has_owner=False)

    def visits_over(self, now_s: float, after_s: float) -> list[str]:
        """The faces of visits that have ended: nobody who keeps them going was seen for `after_s`."""
        return [face_id for face_id, visit in self._visits.items() if now_s - visit.seen_s > after_s]

    @property
    def visits(self) -> list[str]:
        """The faces of all visits."""
        return list(self._visits)

    def forget_gone(self, now_s: float) -> bool:
        """Forget the tracks that have gone for good."""
        gone = {track for track, seen_s in self._seen.items() if now_s - seen_s > AWAY_S}
        for track in gone:
            del self._seen[track]
        here = [track for track in gone if self._present.pop(track, None) is not None]
        worn = [track for track in gone if self._worn.pop(track, None) is not None]
        return bool(here or worn)

    def forget_faces(self, face_ids: Iterable[str]) -> bool:
        """These faces are erased: nobody is them and nobody wears them."""
        erased = set(face_ids)
        for face_id in erased:
            self._visits.pop(face_id, None)
        here = [track for track, who in self._present.items() if who.id in erased]
        worn = [track for track, what in self._worn.items() if what.id in erased]
        for track in here:
            del self._present[track]
        for track in worn:
            del self._worn[track]
        return bool(here or worn)
