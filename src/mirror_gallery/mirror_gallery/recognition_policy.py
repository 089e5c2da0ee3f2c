"""When a track is said to be somebody: several looks must agree over some time, and nobody is there twice.

One look may err, and an error is worse than a few seconds of not knowing. So a track gets a name only after
looks that agree, keeps it through a few that do not, and loses it with the track. What people say themselves
always counts more than what the mirror thinks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from mirror_gallery.embeddings import Match

__all__ = ["PolicySettings", "Recognised", "RecognitionPolicy"]

SECOND_NS = 1_000_000_000
UNSEEN_NS = SECOND_NS // 2  # a face unseen for longer may be the one that has come back under another id
REFUSAL_NS = 60 * SECOND_NS  # for which a refusal outlives its track: no tracker brings one back so late


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """What it takes to be known.

    Attributes:
        looks: agreeing looks in a row before a track is somebody.
        over_s: seconds that they must span at least: looks of one moment share their errors.
        within_s: seconds after which a look no longer counts.
        doubts: looks in a row that see somebody else, or nobody known, before a name is taken back.
        settled_s: pause between the looks at a track that is somebody.
        in_vain: looks in a row without a match after which a track is taken for a stranger, and
        stranger_s: pause between the looks at one.
        absence_s: seconds that a track may be unseen; then it is forgotten.
        closer: how much smaller the mean distance of another track must be to take a name over.
    """

    looks: int = 4
    over_s: float = 1.0
    within_s: float = 10.0
    doubts: int = 6
    settled_s: float = 2.0
    in_vain: int = 12
    stranger_s: float = 3.0
    absence_s: float = 3.0
    closer: float = 0.05


@dataclass(frozen=True, slots=True)
class Recognised:
    """A track that is somebody.

    Attributes:
        id: gallery id.
        confidence: 0 … 1, mean over the looks.
    """

    id: str
    confidence: float


@dataclass(slots=True)
class _Track:
    seen_ns: int
    looked_ns: int = -(2**62)  # long ago
    agreeing: deque[tuple[int, Match]] = field(default_factory=deque)  # newest looks, all at one person
    name: str | None = None
    doubts: int = 0
    in_vain: int = 0

    @property
    def distance(self) -> float:
        """Mean distance of the agreeing looks, infinite without any."""
        if not self.agreeing:
            return float("inf")
        return sum(match.distance for _, match in self.agreeing) / len(self.agreeing)

    def forget_looks(self) -> None:
        self.doubts, self.in_vain = 0, 0
        self.agreeing.clear()


class RecognitionPolicy:
    """Turns looks at tracked faces into who is there.

    Call `see` with each set of faces, `look` with each result of the recogniser. `present` is the answer.
    All stamps are those of the pictures, in nanoseconds.
    """

    def __init__(self, settings: PolicySettings | None = None) -> None:
        self.settings = settings or PolicySettings()
        self._tracks: dict[int, _Track] = {}
        self._themselves: dict[int, str] = {}
        self._refused: dict[int, int] = {}  # track → when it was seen last
        self._now_ns = 0

    @property
    def present(self) -> dict[int, Recognised]:
        """Whom the mirror has recognised, by track id; without those who said themselves who they are."""
        return {
            track_id: Recognised(track.name, _mean_confidence(track))
            for track_id, track in self._tracks.items()
            if track.name is not None
        }

    def see(
        self, track_ids: Collection[int], stamp_ns: int, themselves: Mapping[int, str], known: Collection[str]
    ) -> None:
        """Take in who is in the picture.

        Args:
            track_ids: the tracks seen in this picture.
            stamp_ns: of this picture; when it goes backwards by more than a moment, all looks are forgotten.
            themselves: gallery ids by track of those who checked in by themselves; they are left alone, and
                nobody else is taken for them.
            known: gallery ids that may be recognised now; a name that is not among them is dropped at once.
        """
        if stamp_ns < self._now_ns - SECOND_NS:
            self._tracks.clear()
            self._refused.clear()
        self._now_ns = stamp_ns
        for track_id in track_ids:
            if track_id in self._refused:
                self._refused[track_id] = stamp_ns
            else:
                self._tracks.setdefault(track_id, _Track(stamp_ns)).seen_ns = stamp_ns
        gone = stamp_ns - round(self.settings.absence_s * SECOND_NS)
        self._tracks = {track_id: track for track_id, track in self._tracks.items() if track.seen_ns >= gone}
        gone = stamp_ns - REFUSAL_NS
        self._refused = {track_id: seen_ns for track_id, seen_ns in self._refused.items() if seen_ns >= gone}
        self._themselves = dict(themselves)
        taken = set(themselves.values())
        for track_id, track in self._tracks.items():
            is_barred = track.name is not None and (track.name in taken or track.name not in known)
            if track_id in themselves or is_barred:
                track.name = None
                track.forget_looks()

    @property
    def is_busy(self) -> bool:
        """Whether there is anybody who may be looked at, now or soon."""
        return any(track_id not in self._themselves for track_id in self._tracks)

    def due(self, track_ids: Collection[int], stamp_ns: int) -> list[int]:
        """Which of these tracks should be looked at now, those that have waited longest first.

        Never those who said who they are; seldom those who are known, or strangers.
        """
        return sorted(
            (track_id for track_id in track_ids if self._is_due(track_id, stamp_ns)),
            key=lambda track_id: self._tracks[track_id].looked_ns,
        )

    def _is_due(self, track_id: int, stamp_ns: int) -> bool:
        track = self._tracks.get(track_id)
        if track is None or track_id in self._themselves:
            return False
        pause_s = 0.0
        if track.name is not None and not track.doubts:
            pause_s = self.settings.settled_s
        elif track.name is None and track.in_vain >= self.settings.in_vain:
            pause_s = self.settings.stranger_s
        return stamp_ns - track.looked_ns >= pause_s * SECOND_NS

    def refuse(self, track_id: int) -> None:
        """The person of this track does not want to be anybody here; they are not looked at any more."""
        self._refused[track_id] = self._now_ns
        self._tracks.pop(track_id, None)

    def look(self, track_id: int, match: Match | None, stamp_ns: int) -> None:
        """Take in what the recogniser says of one track.

        Args:
            track_id: of the face; a track that is not seen any more is ignored.
            match: the person, None where the face is nobody known or could be two of them.
            stamp_ns: of the picture looked at.
        """
        track = self._tracks.get(track_id)
        if track is None or track_id in self._themselves:
            return
        track.looked_ns = stamp_ns
        if match is not None and match.id in self._themselves.values():
            match = None
        track.in_vain = track.in_vain + 1 if match is None else 0
        if track.name is not None:
            self._confirm(track, match, stamp_ns)
        elif match is None:
            if track.agreeing:
                track.agreeing.popleft()
        else:
            self._gather(track, match, stamp_ns)

    def _confirm(self, track: _Track, match: Match | None, stamp_ns: int) -> None:
        if match is not None and match.id == track.name:
            track.doubts = 0
            track.agreeing.append((stamp_ns, match))
            while len(track.agreeing) > self.settings.looks:
                track.agreeing.popleft()
            return
        track.doubts += 1
        if track.doubts >= self.settings.doubts:
            track.name = None
            track.forget_looks()

    def _gather(self, track: _Track, match: Match, stamp_ns: int) -> None:
        looks = track.agreeing
        if looks and (looks[-1][1].id != match.id or stamp_ns <= looks[-1][0]):
            looks.clear()
        looks.append((stamp_ns, match))
        while stamp_ns - looks[0][0] > self.settings.within_s * SECOND_NS:
            looks.popleft()
        if len(looks) < self.settings.looks or stamp_ns - looks[0][0] < self.settings.over_s * SECOND_NS:
            return
        for other in self._tracks.values():
            if other is track or other.name != match.id:
                continue
            is_there = self._now_ns - other.seen_ns <= UNSEEN_NS
            if is_there and track.distance > other.distance - self.settings.closer:
                return  # the name stays where it is: two tracks are never one person
            other.name = None
            other.forget_looks()
        track.name, track.doubts = match.id, 0


def _mean_confidence(track: _Track) -> float:
    values = [match.confidence for _, match in track.agreeing]
    return sum(values) / len(values) if values else 0.0
