"""What the gallery does, the same on SQLite with a folder and on PostgreSQL with S3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror_core.errors import StoreError, UsageError
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.portrait import Portrait
from mirror_gallery.portrait_file import decode, encode
from mirror_gallery.store import LONGEST_VISIT, FaceStore

FOREVER = Consent(Scope.UNTIL_REVOKED)
KNOWN = Consent(Scope.UNTIL_REVOKED, recognise=True)
VISIT = Consent(Scope.THIS_VISIT)
UNKNOWN_ID = "0" * 32

Make = Callable[..., Portrait]
Open = Callable[..., FaceStore]


@pytest.fixture(params=["sqlite+folder", "postgresql+s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Arguments for `open_store`: both kinds of database and of picture store."""
    if request.param == "sqlite+folder":
        return {"database": f"sqlite:///{tmp_path}/faces.sqlite", "pictures": f"{tmp_path}/pictures"}
    urls = {"database": "postgres_url", "pictures": "s3_url"}
    return {name: request.getfixturevalue(fixture) for name, fixture in urls.items()}


@pytest.fixture
def stored(place: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[], list[str]]:
    """`stored()`: the names of the objects in the picture store."""
    if place["pictures"].startswith("s3://"):
        keys = request.getfixturevalue("s3_keys")
        return lambda: sorted(key.removeprefix("some/prefix/") for key in keys(place["pictures"]))
    return lambda: sorted(path.name for path in (tmp_path / "pictures").glob("*"))


@pytest.fixture
def store(open_store: Open, place: dict[str, str]) -> Iterator[FaceStore]:
    """An empty store."""
    return open_store(**place)


def names(page: tuple[list[Any], int]) -> list[str]:
    return [entry.name for entry in page[0]]


# ---- storing and reading


def test_a_face_comes_back_with_exact_landmarks(store: FaceStore, portrait: Make, clock: Any) -> None:
    given = portrait(" Ada  Lovelace ", views=3)
    consent = Consent(Scope.UNTIL_DATE, clock.now + timedelta(days=9), others_may_wear=True, recognise=True)
    face_id = store.add(given, consent)
    found = store.get(face_id)
    assert (found.id, found.name, found.preset, len(found.views)) == (face_id, "Ada Lovelace", False, 3)
    for before, after in zip(given.views, found.views, strict=True):
        assert (after.landmarks == before.landmarks).all()
        assert (after.opacity == before.opacity).all()
        assert after.yaw == before.yaw
    entry = store.entry(face_id)
    assert (entry.id, entry.name, entry.views, entry.mirror) == (face_id, "Ada Lovelace", 3, "here")
    assert entry.created == clock.now
    assert entry.consent == consent
    assert store.thumbnail(face_id).startswith(b"\xff\xd8")
    assert store.entries() == ([entry], 1)


def test_everything_is_still_there_after_a_restart(
    open_store: Open, place: dict[str, str], portrait: Make
) -> None:
    first = open_store(**place)
    face_id = first.add(portrait("Ada"), KNOWN)
    first.put_derived(face_id, "embedding", b"\0\1\2")
    before = (
        first.entry(face_id),
        first.thumbnail(face_id),
        first.revision(),
        first.get(face_id).views[0].image,
    )
    first.close()
    again = open_store(**place)
    after = (
        again.entry(face_id),
        again.thumbnail(face_id),
        again.revision(),
        again.get(face_id).views[0].image,
    )
    assert after[:3] == before[:3]
    assert np.array_equal(after[3], before[3])
    assert again.get_derived(face_id, "embedding") == b"\0\1\2"


def test_an_expired_consent_stores_nothing(
    store: FaceStore, portrait: Make, clock: Any, stored: Callable[[], list[str]]
) -> None:
    with pytest.raises(UsageError, match="has passed"):
        store.add(portrait(), Consent(Scope.UNTIL_DATE, clock.now))
    assert store.entries() == ([], 0)
    assert stored() == []


def test_unknown_faces_are_an_error_that_names_them(store: FaceStore) -> None:
    for face_id in (UNKNOWN_ID, "", "../x", "a\0b", "\ud800", "x" * 1000):
        for use in (
            store.get,
            store.entry,
            store.export,
            store.thumbnail,
            lambda i: store.rename(i, "x"),
            lambda i: store.change_consent(i, FOREVER),
            lambda i: store.put_derived(i, "embedding", b""),
            store.erase,
        ):
            with pytest.raises(UsageError, match="There is no stored face with the id"):
                use(face_id)
        assert store.get_derived(face_id, "embedding") is None
        assert store.thumbnails([face_id]) == {}
        assert store.end_visits([face_id]) == {}


# ---- listing


def test_lists_are_sorted_paged_and_searched(store: FaceStore, portrait: Make) -> None:
    for name in ("Zoë", "ada", "Björn", "ADA 2", "100 % Eva", "under_score", "underxscore", "Émile"):
        store.add(portrait(name, views=1), FOREVER)
    everybody = ["100 % Eva", "ada", "ADA 2", "Björn", "under_score", "underxscore", "Zoë", "Émile"]
    assert names(store.entries()) == everybody
    assert names(store.entries(offset=2, limit=3)) == everybody[2:5]
    assert store.entries(offset=2, limit=3)[1] == 8  # in all
    assert names(store.entries(offset=7, limit=3)) == everybody[7:]
    assert store.entries(offset=2**32) == ([], 8)
    assert names(store.entries("ADA")) == ["ada", "ADA 2"]
    assert names(store.entries("BJÖRN")) == ["Björn"]
    assert names(store.entries("zoe\u0308")) == ["Zoë"]  # composed differently
    assert names(store.entries("%")) == ["100 % Eva"]  # no wildcards
    assert names(store.entries("r_s")) == ["under_score"]
    assert store.entries("ada", offset=1, limit=1)[1] == 2
    for nobody in ("nobody", "\\", "'", "\0", "\ud800"):
        assert store.entries(nobody) == ([], 0)


def test_a_page_cannot_be_negative(store: FaceStore) -> None:
    for page in ({"offset": -1}, {"limit": -1}):
        with pytest.raises(UsageError, match="A page starts at 0 or later"):
            store.entries(**page)


def test_thumbnails_come_for_a_whole_page(store: FaceStore, portrait: Make) -> None:
    ids = [store.add(portrait(str(i), seed=i), FOREVER) for i in range(3)]
    found = store.thumbnails([*ids, UNKNOWN_ID])
    assert sorted(found) == sorted(ids)
    assert len(set(found.values())) == 3
    assert found[ids[1]] == store.thumbnail(ids[1])


# ---- changing


def test_renaming_changes_the_name_everywhere(store: FaceStore, portrait: Make) -> None:
    face_id = store.add(portrait("Ada"), FOREVER)
    store.rename(face_id, "  Grace\tHopper ")
    assert store.entry(face_id).name == "Grace Hopper"
    assert store.get(face_id).name == "Grace Hopper"
    assert decode(store.export(face_id)).portrait.name == "Grace Hopper"
    assert (store.entries("ada")[1], store.entries("hopper")[1]) == (0, 1)


def test_a_name_that_is_refused_changes_nothing(store: FaceStore, portrait: Make) -> None:
    face_id = store.add(portrait("Ada"), FOREVER)
    with pytest.raises(UsageError, match="control characters"):
        store.rename(face_id, "A\0")
    assert store.entry(face_id).name == "Ada"


def test_the_revision_grows_with_every_change_and_only_then(
    open_store: Open, place: dict[str, str], portrait: Make
) -> None:
    one, other = open_store(**place), open_store(**place)
    seen = [one.revision()]
    face_id = other.add(portrait(), FOREVER)
    seen.append(one.revision())
    one.get(face_id)
    one.entries()
    assert one.revision() == seen[-1]
    other.rename(face_id, "x")
    seen.append(one.revision())
    other.change_consent(face_id, VISIT)
    seen.append(one.revision())
    other.erase(face_id)
    seen.append(one.revision())
    assert seen == sorted(set(seen))
    with pytest.raises(UsageError):
        one.erase(face_id)
    assert one.revision() == seen[-1]


# ---- files


def test_an_exported_face_can_be_imported_again(store: FaceStore, portrait: Make, clock: Any) -> None:
    face_id = store.add(portrait("Ada", seed=5), Consent(Scope.UNTIL_REVOKED, others_may_wear=True))
    created = clock.now
    data = store.export(face_id)
    file = decode(data)
    assert (file.portrait.id, file.portrait.name, file.created) == (face_id, "Ada", created)
    assert file.consent == store.entry(face_id).consent
    clock.turn(days=3)
    copy = store.import_(data, VISIT)
    renamed = store.import_(data, FOREVER, "Grace")
    assert len({face_id, copy, renamed}) == 3
    assert (store.entry(copy).name, store.entry(renamed).name) == ("Ada", "Grace")
    assert store.entry(copy).created == created  # the face is as old as it was
    assert store.entry(copy).consent == VISIT  # what was agreed to here, not what the file says
    one, other = store.get(face_id).views[0], store.get(copy).views[0]
    assert np.array_equal(one.image, other.image)  # bit for bit, though WebP loses something each time
    assert np.array_equal(one.landmarks, other.landmarks)


def test_a_face_file_from_the_future_is_as_old_as_its_import(
    store: FaceStore, portrait: Make, clock: Any
) -> None:
    data = encode(Portrait("a", "Ada", portrait().views), clock.now + timedelta(days=1), None)
    assert store.entry(store.import_(data, FOREVER)).created == clock.now


def test_bad_files_and_expired_consents_import_nothing(
    store: FaceStore, portrait: Make, clock: Any, stored: Callable[[], list[str]]
) -> None:
    good = encode(Portrait("a", "Ada", portrait().views), clock.now, None)
    with pytest.raises(UsageError, match="not a face file"):
        store.import_(good[:-9], FOREVER)
    with pytest.raises(UsageError, match="has passed"):
        store.import_(good, Consent(Scope.UNTIL_DATE, clock.now))
    with pytest.raises(UsageError, match="at most 80"):
        store.import_(good, FOREVER, "x" * 81)
    assert store.entries()[1] == 0
    assert stored() == []


def test_the_pictures_carry_no_name(store: FaceStore, portrait: Make, tmp_path: Path, clock: Any) -> None:
    data = encode(Portrait("secretid", "Secret Name", portrait().views), clock.now, KNOWN)
    ids = [store.add(portrait("Secret Name"), FOREVER), store.import_(data, FOREVER)]
    for face_id in ids:
        kept = store._pictures.read(f"{face_id}.mirrorface")
        assert kept is not None
        file = decode(kept)
        assert file.portrait.name == "face"
        assert file.consent is None
        assert b"secretid" not in kept


# ---- derived data


def test_derived_data_is_kept_by_kind_and_replaced(store: FaceStore, portrait: Make) -> None:
    ada, grace = (store.add(portrait(name), KNOWN) for name in ("Ada", "Grace"))
    store.put_derived(ada, "embedding", b"old")
    store.put_derived(ada, "embedding", b"new")
    store.put_derived(grace, "embedding", b"")
    store.put_derived(grace, "neutral baseline", bytes(range(256)))
    assert store.get_derived(ada, "embedding") == b"new"
    assert store.get_derived(ada, "neutral baseline") is None
    assert store.derived_of_kind("embedding") == {ada: b"new", grace: b""}
    assert store.derived_of_kind("neutral baseline") == {grace: bytes(range(256))}
    assert store.derived_of_kind("nothing") == {}


def test_nothing_is_derived_without_consent(store: FaceStore, portrait: Make) -> None:
    face_id = store.add(portrait("Ada"), FOREVER)
    with pytest.raises(UsageError, match="'Ada' has not agreed to be recognised"):
        store.put_derived(face_id, "embedding", b"x")
    assert store.derived_of_kind("embedding") == {}


@pytest.mark.parametrize("kind", ["", "Embedding", "a\0", "é", "x" * 65])
def test_kinds_are_lower_case_words(store: FaceStore, portrait: Make, kind: str) -> None:
    face_id = store.add(portrait(), KNOWN)
    with pytest.raises(UsageError, match="lower-case word"):
        store.put_derived(face_id, kind, b"x")
    assert store.get_derived(face_id, kind) is None
    assert store.derived_of_kind(kind) == {}


def test_withdrawing_recognition_purges_what_was_derived(store: FaceStore, portrait: Make) -> None:
    ada, grace = (store.add(portrait(name), KNOWN) for name in ("Ada", "Grace"))
    for face_id in (ada, grace):
        store.put_derived(face_id, "embedding", b"x")
    store.put_derived(ada, "neutral baseline", b"y")
    assert store.change_consent(ada, FOREVER) == ("1 embedding", "1 neutral baseline")
    assert store.derived_of_kind("embedding") == {grace: b"x"}
    assert store.derived_of_kind("neutral baseline") == {}
    assert store.entry(ada).consent == FOREVER
    assert store.get(ada).name == "Ada"  # the face stays
    assert store.change_consent(grace, KNOWN) == ()
    assert store.derived_of_kind("embedding") == {grace: b"x"}


# ---- erasing


def test_erasing_says_what_was_purged_and_leaves_nothing(
    store: FaceStore, portrait: Make, stored: Callable[[], list[str]]
) -> None:
    ada, grace = store.add(portrait("Ada", views=3), KNOWN), store.add(portrait("Grace", views=1), FOREVER)
    store.put_derived(ada, "embedding", b"x")
    store.put_derived(ada, "neutral baseline", b"y")
    assert stored() == sorted(f"{face_id}.mirrorface" for face_id in (ada, grace))
    purged = store.erase(ada)
    assert purged == ("3 pictures", "1 thumbnail", "1 embedding", "1 neutral baseline", "name and consent")
    assert stored() == [f"{grace}.mirrorface"]
    assert names(store.entries()) == ["Grace"]
    assert store.derived_of_kind("embedding") == {}
    assert store.erase(grace) == ("1 picture", "1 thumbnail", "name and consent")
    assert stored() == []
    with pytest.raises(UsageError, match="may have been erased"):
        store.erase(ada)


def test_expired_faces_are_erased_at_their_moment(
    store: FaceStore, portrait: Make, clock: Any, stored: Callable[[], list[str]]
) -> None:
    soon = store.add(portrait("soon", views=1), Consent(Scope.UNTIL_DATE, clock.now + timedelta(hours=1)))
    later = store.add(portrait("later"), Consent(Scope.UNTIL_DATE, clock.now + timedelta(hours=2)))
    store.add(portrait("never"), FOREVER)
    assert store.erase_expired() == {}
    assert store.erase_expired(clock.now + timedelta(minutes=59, seconds=59)) == {}
    assert store.erase_expired(clock.now + timedelta(hours=1)) == {
        soon: ("1 picture", "1 thumbnail", "name and consent")
    }
    clock.turn(hours=3)
    assert list(store.erase_expired()) == [later]
    assert names(store.entries()) == ["never"]
    assert len(stored()) == 1


def test_a_consent_that_was_renewed_does_not_expire(store: FaceStore, portrait: Make, clock: Any) -> None:
    face_id = store.add(portrait(), Consent(Scope.UNTIL_DATE, clock.now + timedelta(hours=1)))
    store.change_consent(face_id, Consent(Scope.UNTIL_DATE, clock.now + timedelta(hours=2)))
    clock.turn(hours=1)
    assert store.erase_expired() == {}
    with pytest.raises(UsageError, match="has passed"):
        store.change_consent(face_id, Consent(Scope.UNTIL_DATE, clock.now))
    store.change_consent(face_id, FOREVER)
    clock.turn(days=1000)
    assert store.erase_expired() == {}
    store.change_consent(face_id, VISIT)
    clock.turn(hours=24)
    assert list(store.erase_expired()) == [face_id]


def test_a_visit_ends_for_those_who_agreed_to_a_visit_only(store: FaceStore, portrait: Make) -> None:
    guest = store.add(portrait("guest"), VISIT)
    friend = store.add(portrait("friend"), FOREVER)
    other_guest = store.add(portrait("other guest"), VISIT)
    assert list(store.end_visits([guest, friend, UNKNOWN_ID])) == [guest]
    assert names(store.entries()) == ["friend", "other guest"]
    assert store.visits() == [other_guest]


def test_a_visit_that_nobody_ends_is_over_after_a_day(store: FaceStore, portrait: Make, clock: Any) -> None:
    guest = store.add(portrait(), VISIT)
    clock.turn(seconds=LONGEST_VISIT.total_seconds() - 1)
    assert store.erase_expired() == {}
    clock.turn(seconds=1)
    assert list(store.erase_expired()) == [guest]


def test_each_mirror_knows_its_own_visits(open_store: Open, place: dict[str, str], portrait: Make) -> None:
    hall, kitchen = open_store(**place, mirror="hall"), open_store(**place, mirror="kitchen")
    in_hall = hall.add(portrait(), VISIT)
    in_kitchen = kitchen.add(portrait(), VISIT)
    assert (hall.visits(), kitchen.visits()) == ([in_hall], [in_kitchen])
    assert hall.entries()[1] == 2  # what one stores the other shows


def test_missing_pictures_are_one_sentence(store: FaceStore, portrait: Make) -> None:
    face_id = store.add(portrait("Ada"), FOREVER)
    store._pictures.delete(f"{face_id}.mirrorface")
    for use in (store.get, store.export):
        with pytest.raises(StoreError, match=r"^The pictures of 'Ada' are missing from .*erase the face\.$"):
            use(face_id)
    assert store.erase(face_id)[-1] == "name and consent"


def test_damaged_pictures_are_one_sentence(store: FaceStore, portrait: Make) -> None:
    face_id = store.add(portrait("Ada"), FOREVER)
    store._pictures.write(f"{face_id}.mirrorface", b"PK\x03\x04 not really")
    for use in (store.get, store.export):
        with pytest.raises(StoreError, match=r"^The pictures of 'Ada' in .* are damaged"):
            use(face_id)
