"""Uploads: every row arrives exactly once, whatever network, server and power do."""

from __future__ import annotations

import importlib.util
import random
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from mirror_core.errors import StoreError, UsageError
from mirror_core.store.objects import Objects
from mirror_mood.log import spool as spool_module
from mirror_mood.log.erasure import erase
from mirror_mood.log.exporter import Exported, Exporter, open_target
from mirror_mood.log.ledger import Ledger, part_name
from mirror_mood.log.models import PartState
from mirror_mood.log.rows import MOODS, MoodRow
from mirror_mood.log.spool import Spool, clean_spools
from mirror_mood.log.store import MoodStore

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed (requirements/base.txt)")

Make = Callable[..., MoodRow]
Held = Callable[..., list[tuple[Any, ...]]]
NOON_S = 1_772_366_400  # 2026-03-01 12:00 UTC
DAY_S = 86400
FAULTS = ("refuse", "500", "cut_request", "cut_answer", "half_answer")


def load(name: str) -> Any:
    """A module beside this one."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data set"


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def data_set(folder: Path) -> list[dict[str, Any]]:
    """All rows of a data set, as any program reads it."""
    import pyarrow.dataset as ds

    partitions = ds.partitioning(pa.schema([("mirror", pa.string()), ("date", pa.string())]), flavor="hive")
    rows: list[dict[str, Any]] = ds.dataset(folder, partitioning=partitions).to_table().to_pylist()
    return sorted(rows, key=lambda row: row["number"])


def exporter(store: MoodStore, target: str | Path, spool: Path) -> Exporter:
    return Exporter(store.database, open_target(str(target)), spool)


# ---- what is uploaded


def test_the_data_set_has_every_column_by_its_name(
    store: MoodStore, row: Make, folder: Path, spool: Path
) -> None:
    by_name = {name: (index + 1) / 28 for index, name in enumerate(MOODS)}
    store.add([row(NOON_S, by_name=by_name, person="ada", visit=7, unsure=True), row(NOON_S + DAY_S)])
    assert exporter(store, folder, spool).run("hall") == Exported(parts=2, rows=2)
    first, second = data_set(folder)
    for name, probability in by_name.items():
        assert first[name] == pytest.approx(probability), name
    assert (first["number"], first["person"], first["visit"], first["unsure"]) == (1, "ada", 7, True)
    assert (first["mirror"], first["date"], first["dominant"]) == ("hall", "2026-03-01", "neutral")
    assert (first["valence"], first["arousal"]) == (0.25, -0.5)
    assert first["time"].timestamp() == NOON_S
    assert (second["date"], second["dominant"]) == ("2026-03-02", "happy")


def test_names_say_mirror_day_and_rows(store: MoodStore, row: Make, folder: Path, spool: Path) -> None:
    odd = "hall/é=1"
    store.add([row(NOON_S), row(NOON_S + DAY_S), row(NOON_S + 1), row(NOON_S, mirror=odd)])
    for mirror in ("hall", odd):
        exporter(store, folder, spool).run(mirror)
    assert files(folder) == [
        "mirror=hall%2F%C3%A9%3D1/date=2026-03-01/part-000000000004-000000000004.parquet",
        "mirror=hall/date=2026-03-01/part-000000000001-000000000003.parquet",
        "mirror=hall/date=2026-03-02/part-000000000002-000000000002.parquet",
    ]
    assert [row["mirror"] for row in data_set(folder)] == ["hall", "hall", "hall", odd]
    assert part_name("hall", "2026-03-01", 1, 3) in files(folder)


def test_only_what_is_new_is_uploaded_also_when_it_is_late(
    store: MoodStore, row: Make, folder: Path, spool: Path
) -> None:
    assert exporter(store, folder, spool).run("hall") == Exported()
    store.add([row(NOON_S + 5)])
    assert exporter(store, folder, spool).run("hall") == Exported(parts=1, rows=1)
    before = {name: (folder / name).stat().st_mtime_ns for name in files(folder)}
    assert exporter(store, folder, spool).run("hall") == Exported()
    store.add([row(NOON_S), row(NOON_S + 5), row(NOON_S, mirror="bath")])
    assert exporter(store, folder, spool).run("hall") == Exported(parts=1, rows=1)
    assert {name: (folder / name).stat().st_mtime_ns for name in before} == before
    assert [row["time"].timestamp() for row in data_set(folder)] == [NOON_S + 5, NOON_S]
    assert files(spool) == [files(spool)[0]]  # only its lock is left
    assert files(spool)[0].endswith("/lock")


def test_each_target_gets_everything(store: MoodStore, row: Make, tmp_path: Path, spool: Path) -> None:
    store.add([row(NOON_S)])
    for target in ("a", "b"):
        assert exporter(store, tmp_path / target, spool).run("hall") == Exported(parts=1, rows=1)
    assert files(tmp_path / "a") == files(tmp_path / "b") != []


def test_the_same_rows_give_the_same_bytes(store: MoodStore, row: Make, tmp_path: Path) -> None:
    store.add([row(NOON_S + second) for second in range(100)])
    for target in ("a", "b"):
        exporter(store, tmp_path / target, tmp_path / f"spool {target}").run("hall")
    (name,) = files(tmp_path / "a")
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


# ---- what goes wrong


class PowerCutError(Exception):
    """A power cut."""


def test_power_cuts_at_every_step_lose_and_double_nothing(
    file_store: MoodStore, row: Make, folder: Path, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program ends before or after each write of file, object and ledger, and is started again."""
    steps = {"count": 0, "cut": 0}

    def cut_around(owner: Any, name: str) -> None:
        work = getattr(owner, name)

        def step(*arguments: Any, **options: Any) -> Any:
            steps["count"] += 1
            if steps["count"] == steps["cut"]:
                raise PowerCutError
            done = work(*arguments, **options)
            steps["count"] += 1
            if steps["count"] == steps["cut"]:
                raise PowerCutError
            return done

        monkeypatch.setattr(owner, name, step)

    cut_around(Ledger, "cut")
    cut_around(Ledger, "note")
    cut_around(spool_module.FolderObjects, "write")
    cut_around(spool_module.FolderObjects, "delete")
    expected = 0
    for cut in range(1, 40):
        file_store.add([row(NOON_S + cut + second * 6000) for second in range(20)])
        expected += 20
        steps.update(count=0, cut=cut)
        try:
            exporter(file_store, folder, spool).run("hall")
            if steps["count"] < cut:
                break
        except PowerCutError:
            steps.update(cut=0)
            exporter(file_store, folder, spool).run("hall")
    else:
        pytest.fail("there was no last step")
    assert cut > 10
    assert [row["number"] for row in data_set(folder)] == list(range(1, expected + 1))


def test_rows_wait_in_the_spool_also_when_they_are_too_old_for_the_log(
    store: MoodStore, row: Make, folder: Path, spool: Path, held: Held
) -> None:
    folder.write_bytes(b"")  # a file in the way
    store.add([row(NOON_S), row(NOON_S + 1)])
    with pytest.raises(StoreError, match=r"^A part of the mood log cannot be written to .*data set: "):
        exporter(store, folder, spool).run("hall")
    store.prune(NOON_S + 10 * DAY_S, 1, 30)
    assert held(store, "SELECT count(*) FROM mood_seconds") == [(0,)]
    assert len([name for name in files(spool) if name.endswith(".parquet")]) == 1
    folder.unlink()
    assert exporter(store, folder, spool).run("hall") == Exported(parts=1, rows=2)
    assert len(data_set(folder)) == 2


def test_rows_that_were_too_old_before_the_disk_took_them_are_counted(
    file_store: MoodStore, row: Make, folder: Path, spool: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file_store.add([row(NOON_S), row(NOON_S + 5 * DAY_S)])
    Ledger(file_store.database, str(folder)).cut("hall")
    file_store.prune(NOON_S + 5 * DAY_S + 60, 1, 30)
    assert exporter(file_store, folder, spool).run("hall") == Exported(parts=1, rows=1, lost=1)
    assert "1 rows of mirror=hall/date=2026-03-01" in caplog.text
    assert exporter(file_store, folder, spool).run("hall") == Exported()


def test_a_spool_that_is_gone_is_made_anew_from_the_log(
    file_store: MoodStore, row: Make, folder: Path, spool: Path
) -> None:
    file_store.add([row(NOON_S)])
    waiting = Spool(file_store.database, str(folder), spool)
    with waiting.alone():
        waiting.fill("hall")
    shutil.rmtree(spool)
    assert exporter(file_store, folder, spool).run("hall") == Exported(parts=1, rows=1)


def test_two_programs_do_not_upload_from_one_spool_at_once(
    file_store: MoodStore, row: Make, folder: Path, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_store.add([row(NOON_S)])
    with Spool(file_store.database, str(folder), spool).alone():
        monkeypatch.setattr(Spool.alone.__wrapped__, "__defaults__", (0.05,))
        with pytest.raises(StoreError, match=r"Another program is uploading the mood log to .*data set"):
            exporter(file_store, folder, spool).run("hall")
    assert exporter(file_store, folder, spool).run("hall") == Exported(parts=1, rows=1)


def test_targets_that_are_none_are_refused() -> None:
    with pytest.raises(UsageError, match=r"The mood log's export URL must be s3://bucket/prefix\?option"):
        open_target("s3://me:hidden@bucket/x")
    with pytest.raises(UsageError, match="The mood log's export URL nowhere://… is not understood"):
        open_target("nowhere://x")


def test_without_pyarrow_the_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match="needs pyarrow"):
        open_target("/x")


# ---- S3


@pytest.fixture
def proxy(s3: Any) -> Iterator[Any]:
    proxy = load("faulty_proxy").FaultyProxy(s3.address)
    yield proxy
    proxy.close()


@pytest.fixture
def bucket(s3: Any, proxy: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """URL of an empty bucket behind the proxy."""
    monkeypatch.setattr("mirror_core.store.s3.ATTEMPTS", 1)
    monkeypatch.setattr("mirror_core.store.s3.READ_TIMEOUT_S", 10)
    name = f"moods-{uuid4().hex}"
    s3.make_bucket(name)
    options = f"endpoint={proxy.address}&region=us-east-1&access_key_id=testing&secret_access_key=hidden"
    return f"s3://{name}/log?{options}"


def download(url: str, s3: Any, s3_keys: Callable[[str], list[str]], folder: Path) -> None:
    """Everything of a bucket, fetched past the proxy."""
    direct = open_target(re.sub(r"endpoint=[^&]*", f"endpoint={s3.address}", url))
    for key in s3_keys(url):
        name = key.removeprefix("log/").replace("%25", "%")
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        data = direct.read(name)
        assert data is not None
        file.write_bytes(data)


@pytest.mark.timeout(300)
def test_a_network_that_does_its_worst_loses_and_doubles_nothing(
    store: MoodStore, row: Make, bucket: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    s3, s3_keys, proxy, eventually = (
        request.getfixturevalue(name) for name in ("s3", "s3_keys", "proxy", "eventually")
    )
    rng = random.Random(3)
    spool, expected, failed = tmp_path / "spool", 0, 0
    for round_ in range(12):
        store.add([row(NOON_S + 50 * round_ + second * 7000) for second in range(25)])
        expected += 25
        proxy.let_suffer(*rng.sample(FAULTS, 3), "ok", rng.choice(FAULTS))
        if round_ == 5:
            s3.stop()
        try:
            Exporter(store.database, open_target(bucket), spool).run("hall")
        except StoreError as error:
            failed += 1
            assert "hidden" not in str(error)
            assert re.match(r"^A part of the mood log cannot be written to s3://moods-\w+/log \(", str(error))
        if round_ == 7:
            assert failed >= 3
            s3.start()
    last: list[Exported] = []

    def all_is_there() -> bool:
        try:
            last.append(Exporter(store.database, open_target(bucket), spool).run("hall"))
        except StoreError:
            return False
        return last[-1].waiting == 0

    eventually(all_is_there, "everything to be uploaded", 120.0)
    assert set(FAULTS) <= set(proxy.suffered)
    download(bucket, s3, s3_keys, tmp_path / "there")
    numbers = [row["number"] for row in data_set(tmp_path / "there")]
    assert numbers == list(range(1, expected + 1))
    assert Exporter(store.database, open_target(bucket), spool).run("hall") == Exported()


def test_an_answer_that_is_lost_makes_no_second_object(
    file_store: MoodStore, row: Make, bucket: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    s3_keys, proxy = request.getfixturevalue("s3_keys"), request.getfixturevalue("proxy")
    file_store.add([row(NOON_S)])
    proxy.let_suffer(*["cut_answer"] * 10)
    target = open_target(bucket)
    with pytest.raises(StoreError, match="cannot be written to s3://"):
        Exporter(file_store.database, target, tmp_path / "spool").run("hall")
    keys = s3_keys(bucket)
    assert len(keys) == 1  # it had arrived
    proxy._faults.clear()
    assert Exporter(file_store.database, target, tmp_path / "spool").run("hall").parts == 1
    assert s3_keys(bucket) == keys


# ---- erasing


def people(folder: Path) -> Counter[str]:
    return Counter(row["person"] for row in data_set(folder))


def test_erased_moods_are_taken_out_of_what_is_uploaded(
    store: MoodStore, row: Make, folder: Path, spool: Path
) -> None:
    store.add([row(NOON_S + second, person=who) for second in range(3) for who in ("ada", "ben", "")])
    store.add([row(NOON_S + DAY_S, person="ada")])
    run = exporter(store, folder, spool).run
    assert run("hall") == Exported(parts=2, rows=10)
    names = files(folder)
    assert erase(store, "ada").parts == 2
    assert people(folder) == {"ada": 4, "ben": 3, "": 3}
    assert run("hall") == Exported(rewritten=2)
    assert people(folder) == {"ben": 3, "": 3}
    assert files(folder) == names[:1]
    assert run("hall") == Exported()
    store.add([row(NOON_S + 9, person="ben")])
    assert run("hall") == Exported(parts=1, rows=1)
    assert [row["number"] for row in data_set(folder)] == [2, 3, 5, 6, 8, 9, 11]


def test_a_target_that_cannot_be_reached_is_rewritten_later(
    file_store: MoodStore, row: Make, folder: Path, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_store.add([row(NOON_S, person="ada"), row(NOON_S + 1)])
    run = exporter(file_store, folder, spool).run
    run("hall")
    erase(file_store, "ada")

    def fail(*arguments: Any) -> bytes:
        raise StoreError("The network is down.")

    monkeypatch.setattr(spool_module.FolderObjects, "read", fail)
    with pytest.raises(StoreError, match="The network is down"):
        run("hall")
    monkeypatch.undo()
    assert exporter(file_store, folder, spool).waiting("hall") == 1
    assert people(folder) == {"ada": 1, "": 1}
    assert run("hall").rewritten == 1
    assert people(folder) == {"": 1}


def test_erased_moods_are_taken_out_of_the_spool_at_once(
    store: MoodStore, row: Make, folder: Path, spool: Path, held: Held
) -> None:
    store.add([row(NOON_S, person="ada"), row(NOON_S, person="ben"), row(NOON_S + DAY_S, person="ada")])
    waiting = Spool(store.database, str(folder), spool)
    with waiting.alone():
        waiting.fill("hall")
    assert len(list(spool.rglob("*.parquet"))) == 2
    store.prune(NOON_S + 30 * DAY_S, 1, 60)  # the spool alone has them now
    erase(store, "ada")
    clean_spools(store.database, spool)
    (part,) = spool.rglob("*.parquet")
    assert b"ada" not in part.read_bytes()
    assert held(store, "SELECT state, rows FROM mood_parts ORDER BY id") == [("spooled", 1), ("empty", 0)]
    assert exporter(store, folder, spool).run("hall") == Exported(parts=1, rows=1)
    assert people(folder) == {"ben": 1}


def test_an_erasure_between_cut_and_spool_is_no_loss(
    file_store: MoodStore, row: Make, folder: Path, spool: Path
) -> None:
    file_store.add([row(NOON_S, person="ada"), row(NOON_S, person="ben")])
    Ledger(file_store.database, str(folder)).cut("hall")
    erase(file_store, "ada")
    assert exporter(file_store, folder, spool).run("hall") == Exported(parts=1, rows=1)
    assert people(folder) == {"ben": 1}


def test_an_erasure_while_a_part_is_being_sent_reaches_it_too(
    file_store: MoodStore, row: Make, folder: Path, spool: Path
) -> None:
    file_store.add([row(NOON_S, person="ada"), row(NOON_S, person="ben")])
    target = open_target(str(folder))

    class Erasing:
        """A target before which somebody is erased."""

        name = target.name

        def __init__(self, below: Objects) -> None:
            self.read, self.delete = below.read, below.delete

        def write(self, key: str, data: bytes) -> None:
            target.write(key, data)
            erase(file_store, "ada")

    found = Exporter(file_store.database, Erasing(target), spool).run("hall")
    assert (found.parts, found.rewritten, found.waiting) == (1, 1, 0)
    assert people(folder) == {"ben": 1}


def test_a_part_that_somebody_removed_there_is_noted_as_empty(
    file_store: MoodStore, row: Make, folder: Path, spool: Path
) -> None:
    file_store.add([row(NOON_S, person="ada"), row(NOON_S)])
    run = exporter(file_store, folder, spool).run
    run("hall")
    shutil.rmtree(folder)
    erase(file_store, "ada")
    assert run("hall").rewritten == 1
    (part,) = Ledger(file_store.database, str(folder)).parts()
    assert part.state is PartState.EMPTY
