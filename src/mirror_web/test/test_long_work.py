"""The two kinds of long work: importing faces, making scenes; and how their files arrive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from mirror_core.errors import UsageError
from mirror_gallery.consent import Consent, Scope
from mirror_web.faces_testing import FakeFaces
from mirror_web.film_scenes import FilmScenes
from mirror_web.film_testing import write_drawn_film
from mirror_web.job_uploads import JobUploads, Tray, clean_name
from mirror_web.jobs import Jobs
from mirror_web.jobs_faces import FILES, consent_json, consent_of_json, faces_kind, unpacked
from mirror_web.jobs_record import Job, JobState, new_job
from mirror_web.jobs_running import ThreadKind
from mirror_web.jobs_scene import CLIP, scene_command, scene_kind, scene_name, taken_clip
from mirror_web.jobs_words import percent, remaining_words, standing_words

JPEG, ZIP = b"\xff\xd8\xff", b"PK\x03\x04"  # how their files begin
AGREED = Consent(Scope.UNTIL_DATE, datetime(2099, 1, 1, tzinfo=UTC), others_may_wear=True)


class Import:
    """An import of faces into a gallery of its own."""

    def __init__(self, root: Path, eventually: Callable[..., Any]) -> None:
        self.faces, self.eventually = FakeFaces(), eventually
        self.jobs = Jobs({"faces": faces_kind(self.faces)}, root)
        self.jobs.start()

    def begin(self, files: dict[str, bytes]) -> Job:
        order = {"consent": consent_json(AGREED), "language": "en"}
        job = self.jobs.add("faces", "photos", order, receiving=True)
        folder = self.jobs.folder(job.id) / FILES
        folder.mkdir()
        for number, (name, data) in enumerate(files.items()):
            (folder / f"{number:04d} {name}").write_bytes(data)
        self.jobs.received(job.id)
        return job

    def until(self, job: Job, state: JobState) -> Job:
        self.eventually(lambda: self.jobs.job(job.id).state is state, f"the job {state}")
        return self.jobs.job(job.id)

    def left(self, job: Job) -> list[str]:
        return sorted(file.name for file in (self.jobs.folder(job.id) / FILES).iterdir())


@pytest.fixture
def importing(tmp_path: Path, eventually: Callable[..., Any]) -> Iterator[Import]:
    importing = Import(tmp_path / "jobs", eventually)
    yield importing
    importing.jobs.close()


def archive(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return held.getvalue()


def test_photos_and_archives_become_faces_under_their_files_names(importing: Import) -> None:
    packed = archive(**{"trip/Grace_Hopper.png": JPEG, "__MACOSX/._x.jpg": b"x", "notes.txt": b"x"})
    job = importing.begin({"Ada  Lovelace.jpg": JPEG, "mask.mirrorface": ZIP, "trip.zip": packed})
    job = importing.until(job, JobState.DONE)
    assert [(data, name) for data, name, *_ in importing.faces.added] == [
        (JPEG, "Ada Lovelace"),
        (ZIP, ""),  # it has a name
        (JPEG, "Grace Hopper"),
    ]
    assert {consent for _, _, consent, _ in importing.faces.added} == {AGREED}
    assert (job.done, job.total, job.outcome) == (3, 3, {"stored": 3, "problems": []})
    assert importing.left(job) == []  # no photograph stays beside the gallery


def test_what_cannot_be_stored_is_told_and_the_rest_goes_on(importing: Import) -> None:
    importing.faces.finds_faces = False
    job = importing.begin({"cat.jpg": JPEG, "broken.zip": b"PK", "page.png": b"<svg>"})
    job = importing.until(job, JobState.DONE)
    assert job.outcome["stored"] == 0
    assert {name: sentence[:30] for name, sentence in job.outcome["problems"]} == {
        "broken.zip": "broken.zip cannot be read as a",
        "cat.jpg": "The mirror finds no face; add ",
        "page.png": "This is no JPEG, PNG or WebP p",
    }


def test_a_silent_gallery_loses_no_photograph(importing: Import) -> None:
    importing.faces.is_available = False
    job = importing.begin({"Ada.jpg": JPEG, "Grace.jpg": JPEG})
    job = importing.until(job, JobState.FAILED)
    assert "gallery does not answer" in job.error
    assert importing.left(job) == ["0000 Ada.jpg", "0001 Grace.jpg"]
    importing.faces.is_available = True
    importing.jobs.go_on(job.id)
    assert importing.until(job, JobState.DONE).outcome["stored"] == 2


def test_an_import_that_was_cut_off_stores_nothing_twice(importing: Import) -> None:
    job = importing.begin({"Ada.jpg": JPEG, "Grace.jpg": JPEG, "Joan.jpg": JPEG})
    importing.until(job, JobState.DONE)
    (importing.jobs.folder(job.id) / FILES / "0002 Joan.jpg").write_bytes(JPEG)  # as if it had not come to it
    kind = faces_kind(importing.faces)
    told: list[tuple[int, int]] = []

    class Teller:
        is_asked_to_end = False

        def tell(self, done: int, total: int, outcome: Any) -> None:
            told.append((done, total))

    left = new_job("faces", "photos", job.order)
    left = Job.from_json({**left.to_json(), "outcome": {"stored": 2, "problems": []}})
    assert isinstance(kind, ThreadKind)
    kind.work(left, importing.jobs.folder(job.id), Teller())
    assert [name for _, name, *_ in importing.faces.added] == ["Ada", "Grace", "Joan", "Joan"]
    assert told == [(2, 3), (3, 3)]


def test_an_archive_cannot_write_elsewhere_nor_fill_the_disc(tmp_path: Path) -> None:
    file = tmp_path / "0000 bad.zip"
    file.write_bytes(archive(**{"../../evil.jpg": b"1", "trip\\odd.png": b"2", ".hidden.png": b"3"}))
    assert [each.name for each in unpacked(file)] == ["0000-0000 evil.jpg", "0000-0001 odd.png"]
    assert not file.exists()
    file.write_bytes(archive(**{"large.jpg": b"\0" * 20_000_001}))
    with pytest.raises(UsageError, match=r"large\.jpg in the archive has more than 20 MB"):
        unpacked(file)


def test_consent_is_kept_as_json() -> None:
    assert consent_of_json(consent_json(AGREED)) == AGREED
    always = Consent(Scope.UNTIL_REVOKED)
    assert consent_of_json(consent_json(always)) == always


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Der Walzer im Grünen", "der_walzer_im_grunen"),
        ("Straße", "strasse"),
        ("12 Uhr", "scene_12_uhr"),
        ("🎬", "scene"),
        ("noir", "noir_2"),  # taken
        ("A very long title of a scene about dancing", "a_very_long_title_of_a_scene_abo"),
    ],
)
def test_a_scene_gets_a_name_of_its_title(title: str, name: str) -> None:
    from mirror_effects.film.scene import checked_name

    assert checked_name(scene_name(title, {"noir"})) == name


def test_the_command_says_all_that_was_ordered(tmp_path: Path) -> None:
    order = {
        "name": "noir",
        "title": "--help",
        "licence": "CC0",
        "consent": "I agree.",
        "crop": "auto",
        "size": "fast",
        "minutes": 30,
        "only_report": False,
    }
    job = new_job("scene", "noir", order)
    with pytest.raises(UsageError, match="The clip of this scene is gone"):
        scene_command(job, tmp_path, tmp_path / "scenes")
    (tmp_path / CLIP).mkdir()
    clip = tmp_path / CLIP / "dance.mp4"
    clip.write_bytes(b"")
    words = scene_command(job, tmp_path, tmp_path / "scenes")
    assert words[1:6] == ["-m", "mirror.command", "film", "make", str(clip)]
    assert {"--name=noir", "--title=--help", "--minutes=30", "--progress=json"} < set(words)
    assert "--only-report" not in words
    kind = scene_kind(FilmScenes(lambda: tmp_path / "scenes"))
    work = tmp_path / "film_work" / "noir"
    work.mkdir(parents=True)
    kind.done(new_job("scene", "noir", {**order, "only_report": True}), tmp_path)
    assert clip.exists()  # a scene may still be made of it
    assert work.exists()
    kind.done(job, tmp_path)
    assert not clip.exists()
    assert not work.exists()


def test_a_file_that_is_no_film_is_refused_by_its_own_name(tmp_path: Path) -> None:
    file = tmp_path / "0000 dance.mp4"
    for content in (b"#EXTM3U\nhttp://192.168.0.1/", b"\0\0\0\x18ftypmp42 but no more than that"):
        file.write_bytes(content)
        with pytest.raises(UsageError) as refusal:
            taken_clip(file)
        assert "dance.mp4" in str(refusal.value)
        assert str(tmp_path) not in str(refusal.value)
        assert list(tmp_path.iterdir()) == []
    write_drawn_film(file, 1.0)
    taken_clip(file)
    assert [each.name for each in tmp_path.iterdir()] == ["dance.mp4"]


def test_a_job_is_told_in_words() -> None:
    job = new_job("scene", "noir", {}, JobState.WAITING, now_s=1000.0)
    assert standing_words(job, 2, 1000.0) == "Waiting; before it: 2."
    values = {
        "state": "running",
        "step": "poses",
        "step_s": 1000.0,
        "done": 25,
        "total": 100,
        "done_s": 1100.0,
    }
    running = Job.from_json({**job.to_json(), **values})
    assert percent(running) == 25
    assert standing_words(running, 0, 1100.0) == "Step 3 of 6: finding poses · 25 % · about 5 minutes left"
    assert remaining_words(7300) == "about 2 hours left"
    stored = Job.from_json({**job.to_json(), "kind": "faces", "state": "done", "outcome": {"stored": 3}})
    assert standing_words(stored, 0, 0.0) == "Done. Faces stored: 3."


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("dance.mp4", "dance.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\dance.MP4", "dance.MP4"),
        ("\u202egnp.exe", "gnp.exe"),
        ("", "file"),
        ("ä" * 200 + ".jpg", "ä" * 48 + ".jpg"),
    ],
)
def test_names_of_files_lead_nowhere(name: str, clean: str) -> None:
    assert clean_name(name) == clean


def post(port: int, address: str, body: bytes) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", address, body)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_files_arrive_on_disc_within_their_limits(served: Any, tmp_path: Path) -> None:
    uploads: JobUploads = served.server.context.job_uploads
    came: list[str] = []

    def put(file: Path) -> None:
        if file.read_bytes() == b"bad":
            raise UsageError("This is no film.")
        came.append(file.name)

    folder = tmp_path / "tray"
    ticket = uploads.open(Tray(folder, frozenset({".mp4"}), 1, 2, put))
    port = served.server.port
    assert post(port, f"/jobs/{ticket}/0?name=dance.MP4", b"film") == (200, '{"error":null}')
    assert (folder / "0000 dance.MP4").read_bytes() == b"film"
    for address, body, status, sentence in (
        (f"/jobs/{ticket}/1?name=dance.exe", b"x", 400, "allowed are .mp4"),
        (f"/jobs/{ticket}/2?name=dance.mp4", b"x", 400, "At most 2 files"),
        (f"/jobs/{ticket}/1?name=dance.mp4", b"", 400, "is empty"),
        (f"/jobs/{ticket}/1?name=dance.mp4", b"bad", 400, "This is no film."),
        (f"/jobs/{ticket}/1?name=dance.mp4", b"\0" * 1_000_001, 400, "1 MB is the most"),
        ("/jobs/unknown/1?name=dance.mp4", b"x", 404, "not awaited"),
    ):
        answer = post(port, address, body)
        assert answer[0] == status, answer
        assert sentence in answer[1]
    assert came == ["0000 dance.MP4"]
    assert [file.name for file in folder.iterdir()] == came  # nothing of what was refused stays
    uploads.close(ticket)
    assert post(port, f"/jobs/{ticket}/0?name=dance.mp4", b"film")[0] == 404
