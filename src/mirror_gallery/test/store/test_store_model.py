"""The store beside a model: whatever two mirrors do, in whatever order, both always show the same faces."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from mirror_core.errors import UsageError
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.face_names import folded
from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.store import LONGEST_VISIT, FaceStore

NAMES = st.sampled_from(["Ada", "ada", "Grace", "Gräfin", "Émile", "王芳", "100 %"])
KINDS = st.sampled_from(["embedding", "neutral baseline"])
HOURS = st.integers(1, 40)
SCOPES = st.sampled_from(Scope)
MIRRORS = ("hall", "kitchen")
SETTINGS = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],  # of a busy machine
}


@dataclass
class Known:
    """What the model knows of one face."""

    name: str
    consent: Consent
    expires: datetime | None
    mirror: str
    landmarks: np.ndarray
    derived: dict[str, bytes] = field(default_factory=dict)


class StoreMachine(RuleBasedStateMachine):
    """Two stores at one database, and a dictionary."""

    faces = Bundle("faces")

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.model: dict[str, Known] = {}
        self.seed = 0
        self.folder = Path(tempfile.mkdtemp(prefix="mirror-model-"))
        self.mirrors: dict[str, FaceStore] = {}

    def urls(self) -> tuple[str, str]:
        """Database and pictures of this run."""
        return f"{self.folder}/faces.sqlite", f"{self.folder}/pictures"

    @initialize()
    def open(self) -> None:
        self.place = self.urls()
        for mirror in MIRRORS:
            self.mirrors[mirror] = FaceStore(*self.place, mirror=mirror, clock=lambda: self.now)

    def teardown(self) -> None:
        for store in self.mirrors.values():
            store.close()
        shutil.rmtree(self.folder)

    def consent(self, scope: Scope, hours: int, recognise: bool) -> Consent:
        until = self.now + timedelta(hours=hours) if scope is Scope.UNTIL_DATE else None
        return Consent(scope, until, recognise=recognise)

    def expiry(self, consent: Consent) -> datetime | None:
        return self.now + LONGEST_VISIT if consent.scope is Scope.THIS_VISIT else consent.until

    def new_portrait(self, name: str) -> Portrait:
        self.seed += 1
        view = FaceView(
            np.full((6, 6, 3), self.seed % 256, np.uint8),
            np.full((6, 6), 255, np.uint8),
            np.full((468, 3), self.seed, np.float32),
        )
        return Portrait("x", name, (view,))

    @rule(
        target=faces,
        at=st.sampled_from(MIRRORS),
        name=NAMES,
        scope=SCOPES,
        hours=HOURS,
        recognise=st.booleans(),
    )
    def add(self, at: str, name: str, scope: Scope, hours: int, recognise: bool) -> str:
        consent, portrait = self.consent(scope, hours, recognise), self.new_portrait(name)
        face_id = self.mirrors[at].add(portrait, consent)
        assert face_id not in self.model
        self.model[face_id] = Known(name, consent, self.expiry(consent), at, portrait.views[0].landmarks)
        return face_id

    @rule(target=faces, at=st.sampled_from(MIRRORS), face_id=faces, scope=SCOPES, hours=HOURS)
    def copy(self, at: str, face_id: str, scope: Scope, hours: int) -> Any:
        store = self.mirrors[at]
        if face_id not in self.model:
            with pytest.raises(UsageError):
                store.export(face_id)
            return multiple()
        consent = self.consent(scope, hours, False)
        copy = store.import_(store.export(face_id), consent)
        known = self.model[face_id]
        self.model[copy] = Known(known.name, consent, self.expiry(consent), at, known.landmarks)
        return copy

    @rule(at=st.sampled_from(MIRRORS), face_id=faces, name=NAMES)
    def rename(self, at: str, face_id: str, name: str) -> None:
        if face_id in self.model:
            self.mirrors[at].rename(face_id, name)
            self.model[face_id].name = name
        else:
            with pytest.raises(UsageError):
                self.mirrors[at].rename(face_id, name)

    @rule(at=st.sampled_from(MIRRORS), face_id=faces, scope=SCOPES, hours=HOURS, recognise=st.booleans())
    def change_consent(self, at: str, face_id: str, scope: Scope, hours: int, recognise: bool) -> None:
        if face_id not in self.model:
            return
        consent, known = self.consent(scope, hours, recognise), self.model[face_id]
        purged = self.mirrors[at].change_consent(face_id, consent)
        expected = () if recognise else tuple(f"1 {kind}" for kind in sorted(known.derived))
        assert purged == expected
        known.consent, known.expires = consent, self.expiry(consent)
        if not recognise:
            known.derived.clear()

    @rule(at=st.sampled_from(MIRRORS), face_id=faces, kind=KINDS, data=st.binary(max_size=8))
    def derive(self, at: str, face_id: str, kind: str, data: bytes) -> None:
        known = self.model.get(face_id)
        if known is not None and known.consent.recognise:
            self.mirrors[at].put_derived(face_id, kind, data)
            known.derived[kind] = data
        else:
            with pytest.raises(UsageError):
                self.mirrors[at].put_derived(face_id, kind, data)

    @rule(at=st.sampled_from(MIRRORS), face_id=consumes(faces))
    def erase(self, at: str, face_id: str) -> None:
        known = self.model.pop(face_id, None)
        if known is None:
            with pytest.raises(UsageError):
                self.mirrors[at].erase(face_id)
        else:
            assert self.mirrors[at].erase(face_id) == self.purged(known)

    @rule(at=st.sampled_from(MIRRORS), face_ids=st.lists(faces, max_size=4))
    def end_visits(self, at: str, face_ids: list[str]) -> None:
        ended = {i for i in face_ids if i in self.model and self.model[i].consent.scope is Scope.THIS_VISIT}
        expected = {face_id: self.purged(self.model.pop(face_id)) for face_id in ended}
        assert self.mirrors[at].end_visits(face_ids) == expected

    @rule(at=st.sampled_from(MIRRORS), hours=HOURS)
    def let_time_pass(self, at: str, hours: int) -> None:
        self.now += timedelta(hours=hours)
        gone = {
            i for i, known in self.model.items() if known.expires is not None and known.expires <= self.now
        }
        expected = {face_id: self.purged(self.model.pop(face_id)) for face_id in gone}
        assert self.mirrors[at].erase_expired() == expected

    @rule(at=st.sampled_from(MIRRORS))
    def restart(self, at: str) -> None:
        self.mirrors[at].close()
        self.mirrors[at] = FaceStore(*self.place, mirror=at, clock=lambda: self.now)

    def purged(self, known: Known) -> tuple[str, ...]:
        derived = [f"1 {kind}" for kind in sorted(known.derived)]
        return ("1 picture", "1 thumbnail", *derived, "name and consent")

    @rule(
        part=st.sampled_from(["", "a", "G", "%", "芳", "x"]),
        offset=st.integers(0, 3),
        limit=st.integers(0, 3),
    )
    def search(self, part: str, offset: int, limit: int) -> None:
        found = sorted(
            (folded(known.name), face_id)
            for face_id, known in self.model.items()
            if folded(part) in folded(known.name)
        )
        page, total = self.mirrors["hall"].entries(part, offset, limit)
        assert total == len(found)
        assert [entry.id for entry in page] == [i for _, i in found[offset:][: limit or None]]

    @rule(face_id=faces)
    def look(self, face_id: str) -> None:
        if face_id in self.model:
            face = self.mirrors["kitchen"].get(face_id)
            assert face.name == self.model[face_id].name
            assert np.array_equal(face.views[0].landmarks, self.model[face_id].landmarks)
        else:
            with pytest.raises(UsageError):
                self.mirrors["kitchen"].get(face_id)

    @invariant()
    def both_show_what_the_model_knows(self) -> None:
        for mirror, store in self.mirrors.items():
            entries, total = store.entries()
            assert total == len(self.model)
            assert {e.id: (e.name, e.consent, e.mirror) for e in entries} == {
                i: (known.name, known.consent, known.mirror) for i, known in self.model.items()
            }
            assert sorted(store.visits()) == sorted(
                i
                for i, known in self.model.items()
                if known.consent.scope is Scope.THIS_VISIT and known.mirror == mirror
            )
            for kind in ("embedding", "neutral baseline"):
                assert store.derived_of_kind(kind) == {
                    i: known.derived[kind] for i, known in self.model.items() if kind in known.derived
                }

    @invariant()
    def only_their_pictures_are_kept(self) -> None:
        kept = {path.name for path in (self.folder / "pictures").glob("*")}
        if self.mirrors and self.place[1].startswith("/"):
            assert kept == {f"{face_id}.mirrorface" for face_id in self.model}


def test_sqlite_with_a_folder() -> None:
    run_state_machine_as_test(
        StoreMachine, settings=settings(max_examples=8, stateful_step_count=20, **SETTINGS)
    )


def test_postgresql_with_s3(postgres_url: str, s3_url: str, s3_keys: Callable[[str], list[str]]) -> None:
    import psycopg

    class Machine(StoreMachine):
        def urls(self) -> tuple[str, str]:
            with psycopg.connect(postgres_url) as connection:
                connection.execute("DROP SCHEMA public CASCADE")
                connection.execute("CREATE SCHEMA public")
            return postgres_url, s3_url.replace("some/prefix", uuid4().hex)

        def teardown(self) -> None:
            if self.mirrors:
                prefix = self.place[1].removeprefix("s3://").partition("/")[2].partition("?")[0]
                kept = {key for key in s3_keys(s3_url) if key.startswith(prefix)}
                assert kept == {f"{prefix}/{face_id}.mirrorface" for face_id in self.model}
            super().teardown()

    run_state_machine_as_test(Machine, settings=settings(max_examples=3, stateful_step_count=15, **SETTINGS))
