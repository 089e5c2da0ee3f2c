"""Measures how often the mirror takes somebody for another person, and how often it does not know a person.

Every picture is compared, as the mirror compares them, with every picture of everybody else (false accepts)
and with the others of the same person (false rejects), over thresholds. The same is done with several views
enrolled, for groups of pictures by brightness and by light from one side, and for whole galleries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_gallery.recognition import Recogniser
from mirror_training.named_faces import FacePicture

__all__ = [
    "Described",
    "Errors",
    "GalleryErrors",
    "Pairs",
    "closest_impostors",
    "describe",
    "enrolled_pairs",
    "errors",
    "errors_by_group",
    "false_accepts_per_person",
    "gallery_errors",
    "pairs",
    "threshold_for",
]

SEED = 20250

Embeddings = NDArray[np.float32]


# ---- embeddings


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """Pictures as the mirror sees them.

    Attributes:
        people: who is on each picture; n names.
        enrolled: float32 [n, 128], of each picture as one to enrol.
        looked: float32 [n, 128], of each picture as one that is looked at.
    """

    people: NDArray[np.str_]
    enrolled: Embeddings
    looked: Embeddings

    def pictures_of(self, least: int) -> dict[str, NDArray[np.intp]]:
        """Pictures by person, in order, of those who have `least` or more."""
        order = np.argsort(self.people, kind="stable")
        names, starts = np.unique(self.people[order], return_index=True)
        return {
            str(name): rows
            for name, rows in zip(names, np.split(order, starts[1:]), strict=True)
            if len(rows) >= least
        }


def describe(
    pictures: Sequence[FacePicture],
    recogniser: Recogniser,
    shown: Callable[[Sequence[FacePicture]], Iterable[FacePicture]] = iter,
) -> Described:
    """Let the network look at all pictures; those of people with a single one are not enrolled.

    Args:
        pictures: n pictures.
        recogniser: the real one.
        shown: gives the pictures back one by one, e.g. with a bar that shows how far it is.
    """
    count = Counter(picture.person for picture in pictures)
    enrolled, looked = [], []
    for picture in shown(pictures):
        looked.append(recogniser.embed(picture.image, picture.landmarks))
        several = count[picture.person] > 1
        enrolled.append(
            recogniser.embed_carefully(picture.image, picture.landmarks) if several else looked[-1]
        )
    return Described(np.array([p.person for p in pictures]), np.stack(enrolled), np.stack(looked))


def distances(a: Embeddings, b: Embeddings) -> NDArray[np.float32]:
    """Euclidean distances, float32 [len(a), len(b)], of embeddings of length 1."""
    return np.asarray(np.sqrt(np.maximum(2.0 - 2.0 * (a @ b.T), 0.0)), np.float32)


# ---- pairs of pictures


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Distances of compared faces.

    Attributes:
        genuine: float32 [n], of one person's faces.
        impostor: float32 [m], of two people's, ascending.
    """

    genuine: NDArray[np.float32]
    impostor: NDArray[np.float32]

    def __post_init__(self) -> None:
        self.impostor.sort()


@dataclass(frozen=True, slots=True)
class Errors:
    """Shares of wrong answers at one threshold.

    Attributes:
        false_accepts: of the comparisons of two people.
        false_rejects: of those of one person's pictures.
    """

    false_accepts: float
    false_rejects: float


def _compared(described: Described) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.bool_]]:
    """Enrolled rows, their distances to all looks, and where both are one person; the diagonal is NaN."""
    rows = np.sort(np.concatenate(list(described.pictures_of(2).values())))
    between = distances(described.enrolled[rows], described.looked)
    between[np.arange(len(rows)), rows] = np.nan
    return rows, between, described.people[rows][:, None] == described.people[None, :]


def pairs(described: Described) -> Pairs:
    """Each picture of people with several, enrolled alone, against each other picture."""
    _, between, same = _compared(described)
    own = between[same]
    return Pairs(own[np.isfinite(own)], between[~same])


def errors(measured: Pairs, threshold: float) -> Errors:
    """Shares of wrong answers when distances up to `threshold` are taken for one person's."""
    accepted = int(np.searchsorted(measured.impostor, np.float32(threshold), side="right"))
    return Errors(
        accepted / max(len(measured.impostor), 1), float(np.mean(measured.genuine > np.float32(threshold)))
    )


def threshold_for(measured: Pairs, false_accepts: float) -> float:
    """The largest threshold with at most this share of false accepts."""
    count = int(false_accepts * len(measured.impostor))
    return float(np.nextafter(measured.impostor[count], np.float32(0)))


def enrolled_pairs(described: Described, views: int, least: int) -> Pairs:
    """Faces against people of whom several views are enrolled: the nearest view counts.

    Args:
        described: the pictures.
        views: pictures of each person that are enrolled, their first ones.
        least: people with fewer pictures are not enrolled; the first `least - 1` pictures of the enrolled
            are never looked at, so that the same looks are judged whatever `views` is.
    """
    by_person = described.pictures_of(least)
    shown = np.ones(len(described.people), bool)
    for rows in by_person.values():
        shown[rows[: least - 1]] = False
    genuine, impostor = [], []
    for person, rows in by_person.items():
        nearest = distances(described.enrolled[rows[:views]], described.looked[shown]).min(axis=0)
        is_own = described.people[shown] == person
        genuine.append(nearest[is_own])
        impostor.append(nearest[~is_own])
    return Pairs(np.concatenate(genuine), np.concatenate(impostor))


def errors_by_group(described: Described, groups: NDArray[np.integer[Any]], threshold: float) -> list[Errors]:
    """Errors for groups of pictures: rejects of looks of a group, accepts where both pictures are of it.

    Args:
        described: the pictures.
        groups: the group of each picture, 0 … k−1.
        threshold: distance up to which two faces are one person's.
    """
    rows, between, same = _compared(described)
    found = []
    for group in range(int(groups.max()) + 1):
        looks = groups == group
        own = between[:, looks][same[:, looks]]
        others = between[np.ix_(groups[rows] == group, looks)]
        others = others[~same[np.ix_(groups[rows] == group, looks)]]
        found.append(errors(Pairs(own[np.isfinite(own)], others), threshold))
    return found


def false_accepts_per_person(described: Described, threshold: float) -> NDArray[np.float64]:
    """Share of false accepts of each person with several pictures, float64 [people], ascending."""
    rows, between, same = _compared(described)
    accepted = (between <= threshold) & ~same
    shares = accepted.sum(axis=1) / (~same).sum(axis=1)
    names = np.unique(described.people[rows], return_inverse=True)[1]
    return np.sort(np.bincount(names, shares) / np.bincount(names))


def closest_impostors(described: Described, count: int) -> list[tuple[float, int, int]]:
    """The nearest pairs of pictures under different names, (distance, index, index), nearest first."""
    between = distances(described.looked, described.looked)
    between[described.people[:, None] == described.people[None, :]] = np.inf
    between[np.tril_indices(len(between))] = np.inf
    flat = np.argpartition(between.ravel(), min(count, between.size - 1))[:count]
    flat = flat[np.argsort(between.ravel()[flat])]
    return [(float(between.ravel()[index]), *divmod(int(index), len(between))) for index in flat]


# ---- galleries


@dataclass(frozen=True, slots=True)
class GalleryErrors:
    """What one look does, in galleries of people drawn at random.

    Attributes:
        strangers_named: share of looks at strangers that give them anybody's name.
        misnamed: share of looks at enrolled people that give them somebody else's name.
        unnamed: share of looks at enrolled people that give no name.
        strangers_kept: share of strangers whose first four pictures all give them the same name.
    """

    strangers_named: float
    misnamed: float
    unnamed: float
    strangers_kept: float


def gallery_errors(
    described: Described,
    *,
    size: int,
    views: int,
    threshold: float,
    margin: float,
    least: int = 4,
    rounds: int = 20,
) -> GalleryErrors:
    """Draw galleries of `size` people, show them everybody, and count wrong names.

    Args:
        described: the pictures.
        size: people in a gallery.
        views, least: as for `enrolled_pairs`.
        threshold, margin: as `KnownPeople.match` takes them.
        rounds: galleries drawn.

    Raises:
        UsageError: if fewer than `size` people have enough pictures.
    """
    by_person = described.pictures_of(least)
    if len(by_person) < size:
        raise UsageError(f"Only {len(by_person)} people have {least} pictures; a gallery needs {size}.")
    draw = np.random.default_rng(SEED)
    answers: list[tuple[float, ...]] = []
    for _ in range(rounds):
        chosen = draw.permutation(sorted(by_person))[:size]
        nearest = np.stack(
            [
                distances(described.enrolled[by_person[person][:views]], described.looked).min(axis=0)
                for person in chosen
            ]
        )
        ordered = np.sort(nearest, axis=0)
        named = ordered[0] <= threshold
        if size > 1:
            named &= ordered[1] - ordered[0] >= margin
        says = np.where(named, chosen[nearest.argmin(axis=0)], "")
        shown = np.zeros(len(says), bool)
        shown[np.concatenate([by_person[person][least - 1 :] for person in chosen])] = True
        is_stranger = ~np.isin(described.people, chosen)
        kept = [
            says[rows[0]] != "" and bool((says[rows[:4]] == says[rows[0]]).all())
            for person, rows in by_person.items()
            if person not in chosen
        ]
        answers.append(
            (
                float(np.mean(says[is_stranger] != "")),
                float(np.mean((says[shown] != "") & (says[shown] != described.people[shown]))),
                float(np.mean(says[shown] == "")),
                float(np.mean(kept)) if kept else 0.0,
            )
        )
    return GalleryErrors(*(float(value) for value in np.mean(answers, axis=0)))
