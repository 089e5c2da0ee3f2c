"""`mirror faces`: what it stores, lists and says, without a mirror; and which way it takes with one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

pytest.importorskip("ament_index_python", reason="ROS 2 is not installed")

from mirror import faces_access
from mirror.command import app
from mirror.faces_access import MirrorAccess, StoreAccess
from mirror.faces_ring import capture_view, ring
from mirror.faces_words import consent_of, found, kept, said
from mirror_core.errors import UsageError
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.gallery import ListedFace
from mirror_gallery.point_fit import NAMED_POINTS
from mirror_gallery.store import Entry, FaceStore
from mirror_gallery.testing import posed_face

runner = CliRunner()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaceStore]:
    """The store that the command works on, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIRROR_GALLERY_DATABASE", str(tmp_path / "faces.sqlite"))
    monkeypatch.setenv("MIRROR_GALLERY_PICTURES", str(tmp_path / "pictures"))
    with FaceStore(str(tmp_path / "faces.sqlite"), str(tmp_path / "pictures")) as store:
        yield store


def faces(*words: str, **arguments: Any) -> Any:
    """`mirror faces --offline …`; a person's mistake is raised."""
    return runner.invoke(app, ["faces", "--offline", *words], catch_exceptions=False, **arguments)


def drawing(folder: Path) -> tuple[str, str]:
    """A drawing, and a file with points on it."""
    face = posed_face(centre=(200, 190), height=220)
    picture = np.full((400, 400, 3), 230, np.uint8)
    assert cv2.imwrite(str(folder / "Drawn.png"), picture)
    lines = [f"{name},{face.landmarks[i, 0]},{face.landmarks[i, 1]}" for name, i in NAMED_POINTS.items()]
    (folder / "points.csv").write_text("point,x,y\n" + "\n".join(lines))
    return "Drawn.png", "points.csv"


# ---- without a mirror


def test_a_face_is_added_listed_renamed_exported_imported_and_erased(
    store: FaceStore, tmp_path: Path
) -> None:
    photo, points = drawing(tmp_path)
    result = faces("add", photo, "--points", points, "--others")
    assert result.exit_code == 0, result.output
    assert "Drawn is stored (" in result.output
    assert "Kept until erased; others may wear it; the mirror does not recognise you." in result.output
    (entry,), _ = store.entries()
    assert (entry.name, entry.consent) == ("Drawn", Consent(Scope.UNTIL_REVOKED, others_may_wear=True))

    assert faces("rename", "drawn", "Ada").output.endswith("Drawn is now Ada.\n")
    assert faces("export", "ada").output.endswith("Ada is written to Ada.mirrorface.\n")
    with pytest.raises(UsageError, match=r"Ada\.mirrorface exists already"):
        faces("export", "ada")
    result = faces("import", "Ada.mirrorface", "--name", "Bo", "--until", "2999-01-01", "--recognise")
    assert "Kept until 2999-01-01 00:00; nobody else may wear it (--others)" in result.output
    listed = faces("list").output
    assert "Ada" in listed
    assert "Bo" in listed
    assert entry.id[:8] in listed
    assert "Bo" not in faces("list", "ad").output

    with pytest.raises(UsageError, match="Erasing Bo cannot be undone; say --yes"):
        faces("erase", "Bo")
    assert faces("erase", "Bo", "--yes").output.endswith(
        "Bo is erased: 1 picture, 1 thumbnail, name and consent.\n"
    )
    assert [entry.name for entry in store.entries()[0]] == ["Ada"]


def test_it_says_what_it_works_on(store: FaceStore, tmp_path: Path) -> None:
    result = faces("list")
    assert f"Working on the store ({tmp_path / 'faces.sqlite'}, pictures in {tmp_path}" in result.output
    assert "no mirror is running" in result.output


def test_a_visit_needs_a_mirror_that_sees_it_end(store: FaceStore, tmp_path: Path) -> None:
    photo, points = drawing(tmp_path)
    with pytest.raises(UsageError, match="--this-visit needs a running mirror"):
        faces("add", photo, "--points", points, "--this-visit")
    assert store.entries()[1] == 0


def test_mistakes_are_told(store: FaceStore, tmp_path: Path) -> None:
    photo, _ = drawing(tmp_path)
    for words, sentence in (
        (["add", "none.jpg"], r"none\.jpg cannot be read: No such file"),
        (["add", photo, "--points", "none.csv"], r"points file none\.csv cannot be read"),
        (["import", photo], r"Drawn\.png is no face file; a photograph is stored with `mirror faces add`"),
        (["add", photo, "--until", "soon"], "--until soon is refused: a day such as 2027-01-01"),
        (["add", photo, "--until", "2000-01-01"], "has passed; choose a later date"),
        (["add", photo, "--this-visit", "--until-revoked"], "Give one of --until, --this-visit"),
        (["erase", "Ada", "-y"], "There is no stored face 'Ada'; see `mirror faces list`"),
        (["wear"], "Give a stored face to wear, or --off"),
        (["wear", "Ada", "--off"], "Give a stored face to wear, or --off"),
        (["wear", "Ada", "--face", "3", "--everybody"], "Give --face or --everybody, not both"),
        (["check-in"], "Give the stored person who is there, or --out"),
    ):
        with pytest.raises(UsageError, match=sentence):
            faces(*words)


# ---- with a mirror


class FakeMirror:
    """A running mirror that notes what is asked of it."""

    place = "a fake mirror"

    def __init__(self, outcome: tuple[bool, str] = (True, "Ada is stored with 3 views.")) -> None:
        self.asked: list[Any] = []
        self.outcome = outcome
        self.in_view = [7, 3]

    def listed(self, name_contains: str = "") -> list[ListedFace]:
        return [listed("abcd1234", "Ada"), ListedFace("preset:average", "Average", 1, None)]

    def faces_in_view(self) -> list[int]:
        return self.in_view

    def wear(self, *asked: Any) -> str:
        self.asked.append(asked)
        return "Worn."

    def check_in(self, *asked: Any) -> str:
        self.asked.append(asked)
        return "Checked."

    def capture(self, track: int | None, name: str, consent: Consent, show: Callable[[Any], None]) -> Any:
        self.asked.append((track, name, consent))
        quality = dict.fromkeys(("pose", "light", "sharpness", "size", "stability"), 0.5)
        for share, hint in ((0.0, "Hold still."), (0.1, "Hold still."), (0.6, "Turn your head.")):
            show(SimpleNamespace(progress=share, hint=hint, **quality))
        if self.outcome[1] == "interrupted":
            raise KeyboardInterrupt
        return self.outcome

    def close(self) -> None:
        self.asked.append("closed")


def listed(face_id: str, name: str) -> ListedFace:
    consent = Consent(Scope.UNTIL_REVOKED)
    return ListedFace(face_id, name, 1, Entry(face_id, name, datetime.now(UTC), consent, 1, ""))


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> FakeMirror:
    fake = FakeMirror()
    monkeypatch.setattr(faces_access, "connected", lambda namespace, needs_mirror: fake)
    return fake


def online(*words: str) -> Any:
    return runner.invoke(app, ["faces", *words], catch_exceptions=False)


def test_a_running_mirror_is_asked_rather_than_the_store(mirror: FakeMirror) -> None:
    output = online("list").output
    assert "Working on a fake mirror." in output
    assert "Average" in output
    assert mirror.asked == ["closed"]


def test_capture_shows_the_hints_and_says_what_was_agreed_to(mirror: FakeMirror) -> None:
    result = online("capture", "Ada", "--face", "3", "--this-visit")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "  0% Hold still.",
        " 60% Turn your head.",
        "Ada is stored with 3 views.",
        "Kept for this visit; nobody else may wear it (--others); the mirror does not recognise you.",
    ]
    assert mirror.asked[0] == (3, "Ada", Consent(Scope.THIS_VISIT))


def test_a_failed_or_cancelled_capture_has_its_exit_status(mirror: FakeMirror) -> None:
    mirror.outcome = (False, "It was too dark.")
    result = online("capture", "Ada")
    assert (result.exit_code, result.output.splitlines()[-1]) == (1, "It was too dark.")
    assert mirror.asked[0][0] is None
    mirror.outcome = (False, "interrupted")
    result = online("capture", "Ada")
    assert result.exit_code == 130
    assert result.output.splitlines()[-1] == "The capture was cancelled; nothing was kept."


def test_wear_and_check_in_mean_the_largest_face_unless_told_otherwise(mirror: FakeMirror) -> None:
    for words in (
        ["wear", "ada"],
        ["wear", "abcd", "--face", "3"],
        ["wear", "Average", "--everybody"],
        ["wear", "--off"],
        ["check-in", "Ada"],
        ["check-in", "--out", "--face", "3"],
    ):
        assert online(*words).exit_code == 0
    assert [asked for asked in mirror.asked if asked != "closed"] == [
        (7, "abcd1234"),
        (3, "abcd1234"),
        (2**32 - 1, "preset:average"),
        (7, ""),
        (7, "abcd1234"),
        (3, ""),
    ]
    mirror.in_view = []
    with pytest.raises(UsageError, match=r"Nobody is in front of the mirror\."):
        online("wear", "ada")


def test_where_no_mirror_runs_capture_and_wear_say_so(monkeypatch: pytest.MonkeyPatch, ros: Any) -> None:
    monkeypatch.setattr(faces_access, "FIND_S", 0.1)
    monkeypatch.setattr(faces_access, "ANSWER_S", 0.6)
    for words in (["capture", "Ada"], ["wear", "Ada"], ["check-in", "Ada"]):
        with pytest.raises(UsageError, match="No mirror is running here; start it with `mirror run`"):
            online(*words)
    assert faces_access.connected("mirror", needs_mirror=False) is None


def test_both_ways_to_the_faces_offer_the_same() -> None:
    for name in ("listed", "face_file", "add", "rename", "erase", "close"):
        assert callable(getattr(StoreAccess, name))
        assert callable(getattr(MirrorAccess, name))


# ---- words


def test_a_face_is_meant_by_id_name_or_the_beginning_of_an_id() -> None:
    some = [listed("aaaa1111", "Ada"), listed("aaaa2222", "Bo"), listed("bbbb3333", "ada")]
    assert found(some, "aaaa1111").name == "Ada"
    assert found(some, "BO").id == "aaaa2222"
    assert found(some, "bbbb").id == "bbbb3333"
    with pytest.raises(UsageError, match=r"'Ada' could be any of aaaa1111 \(Ada\), bbbb3333 \(ada\); give"):
        found(some, "Ada")
    with pytest.raises(UsageError, match="'aaaa' could be any of"):
        found(some, "aaaa")
    with pytest.raises(UsageError, match="no stored face 'bbb'"):
        found(some, "bbb")


def test_consents_in_words() -> None:
    assert consent_of("", False, False, False, False) == Consent(Scope.UNTIL_REVOKED)
    day = consent_of("2999-12-31", False, False, True, True)
    assert day.until == datetime(2999, 12, 31).astimezone()
    assert said(day) == "Kept until 2999-12-31 00:00; others may wear it; the mirror may recognise you."
    assert kept(Consent(Scope.THIS_VISIT)) == "for this visit"
    soon = Consent(Scope.UNTIL_DATE, datetime.now(UTC) + timedelta(days=1))
    assert kept(soon).startswith("until 20")


# ---- the ring


@pytest.mark.parametrize(("progress", "filled"), [(0.0, 0), (0.25, 8), (0.5, 16), (1.0, 32)])
def test_the_ring_fills_clockwise_from_the_top(progress: float, filled: int) -> None:
    text = ring(progress).plain
    dots = text.count("●")
    assert dots == pytest.approx(filled, abs=filled // 8)  # some cells hold two segments
    assert f"{progress:.0%}" in text
    if progress == 0.25:
        left = [line[:9] for line in text.splitlines()]
        assert not any("●" in part for part in left)


def test_the_view_of_a_capture_has_ring_hint_and_qualities() -> None:
    console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(capture_view(0.5, "Hold still.", {"pose": 1.0, "light": 0.1}))
    text = console.export_text()
    assert "Hold still." in text
    assert "50%" in text
    assert "pose      ━━━━━━━━━━━━" in text
