"""What sizes, places and proportions a body has in a scene: the ground on which other people's poses are
fitted.

After the global pose normalisation of Chan, Ginosar, Zhou, Efros, "Everybody Dance Now", ICCV 2019: how
tall the body is, and where its ankles stand, between the farthest and the closest place it takes. Two
things differ. The height is not the distance from head to ankles in the picture, which shrinks when a
person bends and is unknown where the feet are not seen, but the sum of the bones between (`height_of`); and
instead of extremes, which one wrong frame decides, there are percentiles and robust lines.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_core.errors import ShapeError, UsageError
from mirror_effects.film.skeleton import (
    CHEST,
    STANDARD_PROPORTIONS,
    BoneKind,
    height_of,
    joints,
    kind_lengths,
)

__all__ = ["ENOUGH_SEEN", "Line", "PoseStatistics", "Range"]

Floats = NDArray[np.float64]

ENOUGH_SEEN = 0.12  # share of the evidence on the height that a pose must show: shoulders, neck and head
SURE = 0.5  # visibility from which a point or bone counts here
FEW, MANY = 2.0, 98.0  # percentiles that stand for the ends of a range
MOVES = 1.08  # closest over farthest height from which a scene counts as having depth
SMALLEST_GROUP = 8  # poses that a line or a proportion is made from, at least
LARGEST_GROUP = 300  # poses that a line's slope is the median of pairs of
LEAST_PROPORTION, LARGEST_PROPORTION = 0.5, 2.0  # of the usual one
_ANKLES: Final = [int(BodyPoint.LEFT_ANKLE), int(BodyPoint.RIGHT_ANKLE)]


@dataclass(frozen=True, slots=True)
class Range:
    """Low end, usual value and high end of something that varies; the ends are percentiles.

    Attributes:
        low, usual, high: rising.
    """

    low: float
    usual: float
    high: float

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.low, self.usual, self.high))):
            raise UsageError(f"A range needs finite numbers, not {self.low}, {self.usual}, {self.high}.")
        if not self.low <= self.usual <= self.high:
            raise UsageError(
                f"A range must rise from low over usual to high, not {self.low}, {self.usual}, {self.high}."
            )

    @classmethod
    def of(cls, values: Floats) -> Range:
        """From the 2nd percentile over the median to the 98th; values [n ≥ 1]."""
        low, usual, high = (float(value) for value in np.percentile(values, (FEW, 50.0, MANY)))
        return cls(low, usual, high)

    def limited(self, value: float, least: float = 0.0) -> float:
        """The value, softly held inside: unchanged near the usual one, never beyond the ends.

        Args:
            value: any.
            least: distance between the usual value and each end, if they are closer than that.
        """
        room = max(self.high - self.usual if value >= self.usual else self.usual - self.low, least)
        return self.usual + room * math.tanh((value - self.usual) / room) if room > 0 else self.usual


@dataclass(frozen=True, slots=True)
class Line:
    """A height in the picture that depends on how close somebody stands.

    Attributes:
        far, close: y in pixels for the scene's lowest and highest body height.
    """

    far: float
    close: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.far) and math.isfinite(self.close)):
            raise UsageError(f"A line needs finite numbers, not {self.far} and {self.close}.")

    def at(self, closeness: float) -> float:
        """y in pixels; closeness is 0 at the far end and 1 at the close one."""
        return self.far + closeness * (self.close - self.far)


@dataclass(frozen=True, slots=True)
class PoseStatistics:
    """Sizes, places and proportions of the body in a scene.

    Attributes:
        width, height: of the scene's picture in pixels.
        poses: how many poses this was made from.
        size: the body's height (ears to ankles, unfolded) in pixels.
        proportions: length of each `BoneKind` as a share of the height.
        across: x of the chest (middle of the shoulders) in pixels.
        chest: y of the chest.
        chest_rise: how far the chest is below that line, as a share of the height; below 0 where it rises.
        ankles: y of the lower ankle, where the body stands; None where the scene shows no feet.
        feet_seen: share of the poses that show an ankle, 0 … 1.
    """

    width: int
    height: int
    poses: int
    size: Range
    proportions: tuple[float, ...]
    across: Range
    chest: Line
    chest_rise: Range
    ankles: Line | None
    feet_seen: float

    def __post_init__(self) -> None:
        if not (self.width > 0 and self.height > 0 and self.poses > 0):
            raise UsageError(
                "Pose statistics need a width, a height and a number of poses above 0, "
                f"not {self.width}, {self.height} and {self.poses}."
            )
        if not self.size.low > 0:
            raise UsageError(f"Pose statistics need sizes above 0, not {self.size.low}.")
        if len(self.proportions) != len(BoneKind):
            raise UsageError(
                f"Pose statistics need {len(BoneKind)} proportions, not {len(self.proportions)}."
            )
        if not all(math.isfinite(share) and share > 0 for share in self.proportions):
            raise UsageError(f"Pose statistics need proportions above 0, not {list(self.proportions)}.")
        if not 0.0 <= self.feet_seen <= 1.0:
            raise UsageError(f"The share of poses with feet must be 0 … 1, not {self.feet_seen}.")

    @classmethod
    def of(cls, points: NDArray[Any], visibility: NDArray[Any], width: int, height: int) -> PoseStatistics:
        """The statistics of a clip's poses; those that show too little of a body are left out.

        Args:
            points: [n, 33, 3] in pixels.
            visibility: [n, 33], 0 … 1.
            width, height: of the clip's picture in pixels.

        Raises:
            ShapeError: if the arrays are not as stated.
            UsageError: if no pose shows enough.
        """
        points, seen = np.asarray(points, np.float64), np.asarray(visibility, np.float64)
        if points.ndim != 3 or points.shape[1:] != (33, 3) or seen.shape != points.shape[:2]:
            raise ShapeError(
                "Pose statistics need points [n, 33, 3] and visibility [n, 33], "
                f"not {list(points.shape)} and {list(seen.shape)}."
            )
        lengths, weights = kind_lengths(points, seen)
        sizes, evidence = height_of(lengths, weights)
        good = (evidence >= ENOUGH_SEEN) & (sizes > 0)
        if not good.any():
            raise UsageError(
                f"None of the {len(points)} poses shows a body well enough: "
                "shoulders and head are needed at least."
            )
        points, seen, lengths, weights = points[good], seen[good], lengths[good], weights[good]
        proportions = _proportions(lengths, weights, sizes[good])
        sizes, _ = height_of(lengths, weights, proportions)
        size = Range.of(sizes)
        chests = joints(points)[:, CHEST]
        shown = seen[:, _ANKLES] >= SURE
        stands = shown.any(axis=1)
        ground = np.where(shown, points[:, _ANKLES, 1], -np.inf).max(axis=1)
        chest = _line(sizes, chests[:, 1], size)
        closeness = _closeness(sizes, size)
        rise = (chests[:, 1] - (chest.far + closeness * (chest.close - chest.far))) / sizes
        enough = np.count_nonzero(stands) >= min(SMALLEST_GROUP, len(points))
        return cls(
            width=width,
            height=height,
            poses=len(points),
            size=size,
            proportions=tuple(float(share) for share in proportions),
            across=Range.of(chests[:, 0]),
            chest=chest,
            chest_rise=Range.of(rise),
            ankles=_line(sizes[stands], ground[stands], size) if enough else None,
            feet_seen=float(stands.mean()),
        )

    def closeness(self, size: float) -> float:
        """0 for the scene's farthest body, 1 for its closest one; 0.5 where all are alike."""
        return float(_closeness(np.array(size), self.size))

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Any) -> PoseStatistics:
        """From what `to_json` gave.

        Raises:
            UsageError: if something is missing, unknown or not allowed.
        """
        known = {each.name for each in fields(cls)}
        _check_names("Pose statistics", values, known)
        across = dict(values)
        for name in ("size", "across", "chest_rise"):
            _check_names(f"Pose statistics: {name}", values[name], {"low", "usual", "high"})
            across[name] = _numbers(f"Pose statistics: {name}", Range, values[name])
        for name in ("chest", "ankles"):
            if name == "ankles" and values[name] is None:
                continue
            _check_names(f"Pose statistics: {name}", values[name], {"far", "close"})
            across[name] = _numbers(f"Pose statistics: {name}", Line, values[name])
        try:
            across["proportions"] = tuple(float(share) for share in values["proportions"])
            for name in ("width", "height", "poses"):
                across[name] = int(values[name])
            across["feet_seen"] = float(values["feet_seen"])
        except (TypeError, ValueError, OverflowError) as error:
            raise UsageError(f"Pose statistics hold something that is no number: {error}.") from error
        return cls(**across)


def _check_names(where: str, values: Any, known: set[str]) -> None:
    if not isinstance(values, Mapping):
        raise UsageError(f"{where} must be names with values, not {type(values).__name__}.")
    for what, names in (("lack", known - set(values)), ("do not know", set(values) - known)):
        if names:
            raise UsageError(f"{where} {what} {', '.join(sorted(map(str, names)))}.")


def _numbers(where: str, kind: type[Any], values: Mapping[str, Any]) -> Any:
    try:
        return kind(**{name: float(value) for name, value in values.items()})
    except (TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"{where} must be numbers, not {dict(values)}.") from error


def _proportions(lengths: Floats, weights: Floats, sizes: Floats) -> Floats:
    """[kinds] median share of the height of each kind of bone; the usual one where too few poses show it."""
    result = STANDARD_PROPORTIONS.copy()
    shares = lengths / sizes[:, None]
    for kind in BoneKind:
        shown = weights[:, kind] >= SURE
        if np.count_nonzero(shown) >= min(SMALLEST_GROUP, len(sizes)):
            result[kind] = np.median(shares[shown, kind])
    limits = LEAST_PROPORTION * STANDARD_PROPORTIONS, LARGEST_PROPORTION * STANDARD_PROPORTIONS
    limited: Floats = np.clip(result, *limits)
    return limited


def _closeness(sizes: Floats, size: Range) -> Floats:
    if size.high <= size.low:
        return np.full_like(sizes, 0.5)
    share: Floats = np.clip((sizes - size.low) / (size.high - size.low), 0.0, 1.0)
    return share


def _line(sizes: Floats, y: Floats, size: Range) -> Line:
    """y over the sizes as a robust line (Theil–Sen: the median slope of pairs), at both ends of the range."""
    middle = float(np.median(y))
    if size.high < MOVES * size.low or len(sizes) < SMALLEST_GROUP:
        return Line(middle, middle)
    chosen = np.unique(np.linspace(0, len(sizes) - 1, min(len(sizes), LARGEST_GROUP)).round().astype(int))
    apart = sizes[chosen][:, None] - sizes[chosen]
    pairs = apart > 0.25 * (size.high - size.low)
    if not pairs.any():
        return Line(middle, middle)
    slope = float(np.median((y[chosen][:, None] - y[chosen])[pairs] / apart[pairs]))
    offset = float(np.median(y - slope * sizes))
    return Line(offset + slope * size.low, offset + slope * size.high)
