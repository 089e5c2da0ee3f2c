"""Long work: it is done in order, tells how far it is, is cancelled, survives, and is found again."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mirror_core.errors import MirrorError, UsageError
from mirror_web.jobs import RECEIVE_PATIENCE_S, Jobs
from mirror_web.jobs_process import LOG_FILE, JobProcess, mark_of
from mirror_web.jobs_progress import ProgressReader, advanced
from mirror_web.jobs_record import Job, JobFolders, JobState, new_job
from mirror_web.jobs_running import ProcessKind, Teller, ThreadKind

# What a film command does, as little of it as counts: it goes on where it was, tells how far it is on its
# standard output, has a child, and ends when it is told to.
SCRIPT = """
import json, os, pathlib, subprocess, sys, time
folder = pathlib.Path(sys.argv[1])
def tell(**words):
    print(json.dumps(words), flush=True)
place = folder / "place"
done = int(place.read_text()) if place.exists() else 0
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
(folder / "child").write_text(str(child.pid))
print("at work", file=sys.stderr, flush=True)
while done < 3:
    tell(event="step", step="poses", done=done, total=3, at=time.time())
    while not (folder / f"may {done}").exists():
        time.sleep(0.01)
    done += 1
    place.write_text(str(done))
child.kill()
child.wait()
if (folder / "fails").exists():
    tell(event="end", how="failed", words="The clip is too dark.")
    sys.exit(2)
tell(event="figures", figures={"ssim": 0.75})
tell(event="result", name="quality", value={"used": 160})
tell(event="end", how="done")
"""


def command(_job: Job, folder: Path) -> list[str]:
    return [sys.executable, "-c", SCRIPT, str(folder)]


class Bench:
    """Jobs in a folder, which can be left and taken up as by another process."""

    def __init__(self, root: Path, eventually: Callable[..., Any]) -> None:
        self.root, self.eventually = root, eventually
        self.now_s = 1_800_000_000.0
        self.told: list[str] = []
        self.worked: list[int] = []
        self.may_work = threading.Event()
        self.jobs = self.taken_up()

    def taken_up(self) -> Jobs:
        kinds = {
            "scene": ProcessKind(
                command, lambda job, _: self.told.append("done"), lambda job, _: self.told.append("removed")
            ),
            "faces": ThreadKind(self.work, "adding"),
            "missing": ProcessKind(lambda *_: ["/no/such/program"]),
        }
        jobs = Jobs(kinds, self.root, lambda: self.now_s)
        jobs.start()
        return jobs

    def work(self, job: Job, _: Path, teller: Teller) -> None:
        total = int(job.order["count"])
        for number in range(len(job.outcome), total):
            self.eventually(lambda: self.may_work.is_set() or teller.is_asked_to_end, "the word to go on")
            if teller.is_asked_to_end:
                return
            if job.order.get("fails") == number:
                raise MirrorError("There is no face.")
            self.worked.append(number)
            done = {str(each): "stored" for each in range(number + 1)}
            teller.tell(number + 1, total, done)

    def may(self, job: Job, *steps: int) -> None:
        for step in steps:
            (self.jobs.folder(job.id) / f"may {step}").touch()

    def until(self, job: Job, state: JobState) -> Job:
        self.eventually(lambda: self.jobs.job(job.id).state is state, f"{job.title} {state}")
        return self.jobs.job(job.id)

    def until_at(self, job: Job, done: int) -> Job:
        def is_there() -> bool:
            now = self.jobs.job(job.id)
            return now.state is JobState.RUNNING and (now.step, now.done) == ("poses", done)

        self.eventually(is_there, f"step {done}")
        return self.jobs.job(job.id)


@pytest.fixture
def bench(tmp_path: Path, eventually: Callable[..., Any]) -> Iterator[Bench]:
    bench = Bench(tmp_path / "jobs", eventually)
    yield bench
    for job in bench.jobs.jobs():
        bench.jobs.cancel(job.id)
    bench.jobs.close()


def child_of(bench: Bench, job: Job) -> int:
    return int((bench.jobs.folder(job.id) / "child").read_text())


def test_a_process_tells_how_far_it_is_and_what_came_of_it(bench: Bench) -> None:
    job = bench.jobs.add("scene", "  My   scene ", {})
    assert job.title == "My scene"
    now = bench.until_at(job, 0)
    assert (now.total, now.share, now.remaining_s(bench.now_s)) == (3, 0.0, None)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, now.pid) == min(own + 15, 19)
    assert os.getsid(now.pid) == now.pid  # it is not ended with the page's terminal
    bench.may(job, 0)
    now = bench.until_at(job, 1)
    assert bench.jobs.log(job.id) == "at work"
    bench.may(job, 1, 2)
    now = bench.until(job, JobState.DONE)
    assert (now.figures, now.outcome, now.pid) == ({"ssim": 0.75}, {"quality": {"used": 160}}, 0)
    assert bench.told == ["done"]
    assert [each.state for each in JobFolders(bench.root).read()] == [JobState.DONE]


def test_a_job_that_is_done_begins_again_with_another_order(bench: Bench) -> None:
    job = bench.jobs.add("faces", "photos", {"count": 1})
    bench.may_work.set()
    bench.until(job, JobState.DONE)
    bench.jobs.go_on(job.id, {"count": 2})
    bench.eventually(lambda: bench.jobs.job(job.id).done == 2, "the second")
    assert bench.until(job, JobState.DONE).order == {"count": 2}
    assert bench.worked == [0, 1]


def test_what_its_process_says_is_why_it_failed(bench: Bench) -> None:
    job = bench.jobs.add("scene", "noir", {})
    bench.until_at(job, 0)
    (bench.jobs.folder(job.id) / "fails").touch()
    bench.may(job, 0, 1, 2)
    assert bench.until(job, JobState.FAILED).error == "The clip is too dark."
    assert bench.told == []
    broken = bench.jobs.add("missing", "noir", {})
    bench.eventually(lambda: not bench.jobs.job(broken.id).state.is_open, "the end")
    assert bench.jobs.job(broken.id).state in (JobState.FAILED, JobState.INTERRUPTED)
    with pytest.raises(UsageError, match="no kind of job tea"):
        bench.jobs.add("tea", "Tea", {})


def test_a_cancelled_process_ends_with_its_children_and_goes_on_where_it_was(bench: Bench) -> None:
    job = bench.jobs.add("scene", "noir", {})
    bench.until_at(job, 0)
    bench.may(job, 0)
    pid, child = bench.until_at(job, 1).pid, child_of(bench, job)
    assert bench.jobs.cancel(job.id) is None
    assert bench.jobs.job(job.id).state is JobState.CANCELLED
    assert mark_of(pid) is None
    assert mark_of(child) is None
    assert bench.jobs.go_on(job.id) is None
    bench.until_at(job, 1)
    bench.may(job, 1, 2)
    bench.until(job, JobState.DONE)
    assert bench.jobs.go_on(job.id) is None  # what is done stays so
    assert bench.jobs.job(job.id).state is JobState.DONE


def test_a_killed_process_is_interrupted_and_leaves_no_child(bench: Bench) -> None:
    job = bench.jobs.add("scene", "noir", {})
    pid = bench.until_at(job, 0).pid
    child = child_of(bench, job)
    os.kill(pid, signal.SIGKILL)
    now = bench.until(job, JobState.INTERRUPTED)
    assert now.state.can_go_on
    bench.eventually(lambda: mark_of(child) is None, "the child's end")


def test_one_job_runs_at_a_time_in_the_order_of_their_coming(bench: Bench) -> None:
    first, second = (bench.jobs.add("scene", title, {}) for title in ("first", "second"))
    third = bench.jobs.add("faces", "third", {"count": 1})
    bench.may_work.set()
    bench.until_at(first, 0)
    assert [job.title for job in bench.jobs.jobs()] == ["first", "second", "third"]
    assert [job.state for job in bench.jobs.jobs()] == [
        JobState.RUNNING,
        JobState.WAITING,
        JobState.WAITING,
    ]
    bench.jobs.cancel(second.id)
    bench.may(first, 0, 1, 2)
    bench.until(third, JobState.DONE)
    assert bench.jobs.job(second.id).state is JobState.CANCELLED
    assert bench.jobs.job(first.id).state is JobState.DONE


def test_a_process_goes_on_without_the_page_and_is_found_again(bench: Bench) -> None:
    job = bench.jobs.add("scene", "noir", {})
    pid = bench.until_at(job, 0).pid
    bench.jobs.close()
    bench.may(job, 0)
    bench.jobs = bench.taken_up()
    now = bench.until_at(job, 1)
    assert now.pid == pid
    bench.may(job, 1, 2)
    bench.until(job, JobState.DONE)
    assert bench.told == ["done"]


def test_what_ended_while_no_page_was_there_is_known(bench: Bench) -> None:
    done, killed = (bench.jobs.add("scene", title, {}) for title in ("done", "killed"))
    pid = bench.until_at(done, 0).pid
    bench.jobs.close()
    bench.may(done, 0, 1, 2)
    bench.eventually(lambda: not JobProcess(pid, mark_of(pid) or "").is_alive, "its end")
    # The other one as a crash of the whole machine leaves it: it runs, says the file, but under another boot.
    folders = JobFolders(bench.root)
    left = next(job for job in folders.read() if job.id == killed.id)
    values = {**left.to_json(), "state": "running", "pid": os.getpid(), "pid_mark": "another boot:1"}
    folders.write(Job.from_json(values))
    bench.jobs = bench.taken_up()
    assert bench.jobs.job(done.id).state is JobState.DONE
    assert bench.jobs.job(done.id).outcome == {"quality": {"used": 160}}
    assert bench.jobs.job(killed.id).state is JobState.INTERRUPTED


def test_a_thread_does_piece_by_piece_and_loses_nothing(bench: Bench) -> None:
    job = bench.jobs.add("faces", "three photos", {"count": 3})
    bench.until(job, JobState.RUNNING)
    bench.jobs.close()
    assert [each.state for each in JobFolders(bench.root).read()] == [JobState.WAITING]
    bench.jobs = bench.taken_up()
    bench.until(job, JobState.RUNNING)
    assert bench.jobs.cancel(job.id) is None
    assert bench.jobs.job(job.id).state is JobState.CANCELLED
    bench.may_work.set()
    bench.jobs.go_on(job.id)
    now = bench.until(job, JobState.DONE)
    assert (now.done, now.total, bench.worked) == (3, 3, [0, 1, 2])
    failing = bench.jobs.add("faces", "two photos", {"count": 2, "fails": 1})
    now = bench.until(failing, JobState.FAILED)
    assert (now.error, now.outcome) == ("There is no face.", {"0": "stored"})


def test_a_job_waits_for_its_files_and_not_for_ever(bench: Bench) -> None:
    bench.may_work.set()
    job = bench.jobs.add("faces", "photos", {"count": 0}, receiving=True)
    gone = bench.jobs.add("faces", "photos", {"count": 0}, receiving=True)
    bench.jobs.received(job.id, {"count": 2})
    assert bench.until(job, JobState.DONE).done == 2
    assert bench.jobs.job(gone.id).state is JobState.RECEIVING
    bench.now_s += RECEIVE_PATIENCE_S + 1.0
    assert bench.until(gone, JobState.INTERRUPTED).done == 0


def test_a_removed_job_leaves_nothing(bench: Bench) -> None:
    job = bench.jobs.add("scene", "noir", {})
    pid = bench.until_at(job, 0).pid
    assert bench.jobs.remove(job.id) is None
    assert mark_of(pid) is None
    assert not bench.jobs.folder(job.id).exists()
    assert bench.told == ["removed"]
    assert bench.jobs.jobs() == ()
    assert bench.jobs.cancel(job.id)
    for title in ("one", "two"):
        bench.jobs.add("scene", title, {})
    assert bench.jobs.remove_all() == 2
    assert [entry.name for entry in bench.root.iterdir()] == [".lock"]


def test_two_pages_do_not_work_on_the_same_jobs(bench: Bench) -> None:
    other = Jobs({"faces": ThreadKind(bench.work, "adding")}, bench.root)
    other.start()
    assert not other.is_working
    with pytest.raises(UsageError, match="Another page"):
        other.add("faces", "photos", {"count": 1})
    other.close()
    assert bench.jobs.is_working


def test_half_a_line_is_read_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "progress.jsonl"
    reader = ProgressReader(file)
    assert reader.read() == []
    file.write_text('{"event": "step"}\nplain words\n[1]\n{"event":')
    assert reader.read() == [{"event": "step"}]
    with file.open("a") as opened:
        opened.write(' "end"}\n')
    assert reader.read() == [{"event": "end"}]


def test_the_time_left_follows_from_what_this_run_has_done() -> None:
    job = new_job("scene", "noir", {}, JobState.RUNNING, now_s=1000.0)
    for at_s, done in ((1000.0, 400), (1010.0, 500)):  # it goes on with 400 of 1000
        event = {"event": "step", "step": "poses", "done": done, "total": 1000, "at": at_s}
        job = advanced(job, event, 1010.0)
    assert job.remaining_s(1010.0) == pytest.approx(50.0)
    assert job.remaining_s(1015.0) == pytest.approx(45.0)  # also before the next word
    assert job.remaining_s(2000.0) == 0.0
    early = advanced(job, {"event": "step", "step": "figure", "done": 0, "total": 1000, "at": 1020.0}, 1020.0)
    early = advanced(
        early, {"event": "step", "step": "figure", "done": 20, "total": 1000, "at": 1030.0}, 1030.0
    )
    assert early.remaining_s(1030.0) is None  # too little to tell


def test_words_that_nobody_knows_change_nothing() -> None:
    job = new_job("scene", "noir", {}, JobState.RUNNING, now_s=1000.0)
    assert advanced(job, {"event": "tea"}, 1001.0) == job
    assert advanced(job, {"event": "step", "step": "poses", "done": "many", "total": None}, 1001.0).done == 0
    now = advanced(job, {"event": "step", "step": "poses", "done": 1, "total": 4, "at": 1002.0}, 1009.0)
    assert now.step_s == 1002.0
    later = advanced(now, {"event": "step", "step": "poses", "done": 2, "total": 4, "at": 1004.0}, 1009.0)
    assert (later.step_s, later.share) == (1002.0, 0.5)
    assert advanced(job, {"event": "figures", "figures": {"ssim": float("nan")}}, 1.0).figures == {}


def test_a_damaged_job_is_left_out(tmp_path: Path) -> None:
    folders = JobFolders(tmp_path)
    folders.write(new_job("scene", "noir", {}, now_s=1000.0))
    broken = tmp_path / "20260101-000000-abcdefgh"
    broken.mkdir()
    (broken / "job.json").write_text(json.dumps({"version": 9}))
    assert [job.title for job in folders.read()] == ["noir"]
    with pytest.raises(UsageError, match="no job's id"):
        folders.folder("../secrets")
    assert not (tmp_path / LOG_FILE).exists()
