"""The first start: four steps by time or by people, told once, and again when it is asked for."""

from __future__ import annotations

import pytest

from mirror_core.errors import StoreError
from mirror_display.first_start import STEP_S, STEPS, FirstStart, marker_file, remember_shown, was_shown


def test_the_steps_go_on_by_themselves_and_end():
    ended: list[bool] = []
    first = FirstStart(lambda: ended.append(True))
    first.begin(0.0)
    seen = [first.look(index * STEP_S + 1.0) for index in range(len(STEPS))]
    assert [view.step for view in seen] == ["sees", "keeps", "off", "use"]
    assert [view.number for view in seen] == [0, 1, 2, 3] and not ended
    assert first.look(len(STEPS) * STEP_S + 1.0) is None and ended == [True]


def test_people_go_on_and_back_and_never_before_the_first():
    first = FirstStart()
    first.begin(0.0)
    first.go_on(1.0)
    first.go_on(2.0)
    assert first.look(2.0).step == "off"
    first.go_on(3.0, -1)
    assert first.look(3.0 + STEP_S - 0.1).step == "keeps"
    for _ in range(5):
        first.go_on(4.0, -1)
    assert first.look(4.0).step == "sees"


def test_skipping_ends_it_once():
    ended: list[bool] = []
    first = FirstStart(lambda: ended.append(True))
    first.begin(0.0)
    first.end()
    first.end()
    first.go_on(1.0)
    assert ended == [True] and first.look(1.0) is None and not first.is_shown


def test_steps_fade_in_unless_motion_is_reduced():
    first = FirstStart()
    first.begin(0.0)
    assert first.look(0.0).opacity == 0.0 and first.look(1.0).opacity == 1.0
    assert first.look(0.0, reduced_motion=True).opacity == 1.0


def test_that_it_was_shown_is_a_file_in_the_state_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert not was_shown()
    remember_shown()
    assert was_shown() and marker_file() == tmp_path / "mirror" / "first_start_shown"
    assert marker_file().read_bytes() == b""


def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"first cannot be written \(.+\); check the rights\.$"):
        remember_shown(tmp_path / "file" / "first")
