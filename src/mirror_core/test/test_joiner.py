"""The stamp joiner: each rule of its policy, and what holds whatever comes in whatever order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mirror_core.errors import ShapeError
from mirror_core.frame import Frame, read_only
from mirror_core.joiner import BACKWARDS_NS, IMPATIENT_AFTER, RING, Joint, StampJoiner

PATIENCE_S = 0.025
STEP_NS = 33_000_000
IMAGE = read_only(np.zeros((1, 1, 3), np.uint8))


def stamp(index: int) -> int:
    return 1_000_000_000 + index * STEP_NS


def frame(index: int) -> Frame:
    return Frame(IMAGE, stamp(index))


def joiner(*inputs: str) -> StampJoiner:
    return StampJoiner(frozenset(inputs or ("faces",)), PATIENCE_S)


def told(joint: Joint | None, name: str = "faces") -> tuple[int, object, bool]:
    """The stamp of a joint's frame, the value of one input, and whether that is stale."""
    assert joint is not None
    return joint.frame.stamp_ns, joint.results[name].value, joint.results[name].is_stale


def be_late(joined: StampJoiner, first: int, count: int) -> float:
    """Let `count` frames leave without their result; returns the time after the last."""
    now = 100.0 + first
    for index in range(first, first + count):
        joined.add_frame(frame(index), now)
        now += PATIENCE_S
        assert joined.pop(now) is not None
    return now


def test_rule_1_a_frame_leaves_as_soon_as_its_result_is_here() -> None:
    joined = joiner()
    joined.add_frame(frame(0), 10.0)
    assert joined.pop(10.001) is None
    joined.add_result("faces", stamp(0), "A", 10.002)
    assert told(joined.pop(10.002)) == (stamp(0), "A", False)
    assert joined.pop(10.003) is None
    assert (joined.late, joined.skipped) == (0, 0)


def test_rule_1_a_result_may_come_before_its_frame() -> None:
    joined = joiner()
    joined.add_result("faces", stamp(0), "A", 10.0)
    joined.add_frame(frame(0), 10.001)
    assert told(joined.pop(10.001)) == (stamp(0), "A", False)


def test_rule_1_a_frame_waits_for_all_its_results() -> None:
    joined = joiner("faces", "bodies")
    joined.add_frame(frame(0), 10.0)
    joined.add_result("faces", stamp(0), "A", 10.0)
    assert joined.pop(10.001) is None
    joined.add_result("bodies", stamp(0), "B", 10.002)
    joint = joined.pop(10.002)
    assert told(joint, "faces") == (stamp(0), "A", False)
    assert told(joint, "bodies") == (stamp(0), "B", False)


def test_a_frame_that_needs_nothing_leaves_at_once() -> None:
    joined = StampJoiner(frozenset(), PATIENCE_S)
    joined.add_frame(frame(0), 10.0)
    joint = joined.pop(10.0)
    assert joint is not None
    assert joint.results == {}


def test_rule_2_an_earlier_frame_gives_way_when_a_later_one_is_complete() -> None:
    joined = joiner()
    joined.add_frame(frame(0), 10.0)
    joined.add_frame(frame(1), 10.001)
    joined.add_result("faces", stamp(1), "B", 10.002)
    assert told(joined.pop(10.002)) == (stamp(1), "B", False)
    assert joined.skipped == 1
    joined.add_result("faces", stamp(0), "A", 10.003)
    assert joined.pop(11.0) is None


def test_rule_2_a_later_result_alone_does_not_end_the_wait() -> None:
    joined = joiner()
    joined.add_frame(frame(0), 10.0)
    joined.add_result("faces", stamp(1), "B", 10.001)
    assert joined.pop(10.002) is None


def test_of_several_complete_frames_the_newest_leaves() -> None:
    joined = joiner()
    for index in range(3):
        joined.add_frame(frame(index), 10.0)
        joined.add_result("faces", stamp(index), index, 10.0)
    assert told(joined.pop(10.0)) == (stamp(2), 2, False)
    assert joined.pop(11.0) is None
    assert joined.skipped == 2


def test_of_several_frames_out_of_patience_the_newest_leaves() -> None:
    joined = joiner()
    for index in range(3):
        joined.add_frame(frame(index), 10.0)
    assert told(joined.pop(10.0 + PATIENCE_S)) == (stamp(2), None, True)
    assert (joined.skipped, joined.late) == (2, 1)


def test_nothing_grows_while_results_never_come() -> None:
    joined = joiner()
    be_late(joined, 0, 5 * RING)
    assert joined.late == 5 * RING
    assert len(joined._left_late) <= RING


def test_rule_3_after_its_patience_a_frame_leaves_with_the_newest_earlier_result() -> None:
    joined = joiner()
    joined.add_result("faces", stamp(0), "A", 10.0)
    joined.add_result("faces", stamp(1), "B", 10.0)
    joined.add_frame(frame(2), 10.0)
    joined.add_result("faces", stamp(3), "D", 10.001)
    assert joined.pop(10.0 + 0.9 * PATIENCE_S) is None
    joint = joined.pop(10.0 + PATIENCE_S)
    assert told(joint) == (stamp(2), "B", True)
    assert joint is not None
    assert joint.results["faces"].stamp_ns == stamp(1)
    assert joined.late == 1


def test_rule_3_a_frame_leaves_with_nothing_where_nothing_is_known() -> None:
    joined = joiner()
    joined.add_frame(frame(0), 10.0)
    assert told(joined.pop(10.0 + PATIENCE_S)) == (stamp(0), None, True)


def test_rule_3_the_own_result_of_one_input_is_not_stale_beside_a_missing_one() -> None:
    joined = joiner("faces", "bodies")
    joined.add_result("faces", stamp(0), "A", 10.0)
    joined.add_frame(frame(0), 10.0)
    joint = joined.pop(10.0 + PATIENCE_S)
    assert told(joint, "faces") == (stamp(0), "A", False)
    assert told(joint, "bodies") == (stamp(0), None, True)


def test_the_deadline_is_that_of_the_oldest_waiting_frame() -> None:
    joined = joiner()
    assert joined.next_deadline_s() is None
    joined.add_frame(frame(0), 10.0)
    joined.add_frame(frame(1), 10.01)
    assert joined.next_deadline_s() == pytest.approx(10.0 + PATIENCE_S)


def test_rule_4_after_late_frames_in_a_row_frames_no_longer_wait() -> None:
    joined = joiner()
    now = be_late(joined, 0, IMPATIENT_AFTER - 1)
    joined.add_frame(frame(5), now)
    assert joined.pop(now) is None
    now += PATIENCE_S
    assert joined.pop(now) is not None
    joined.add_frame(frame(6), now)
    assert joined.next_deadline_s() == now
    assert told(joined.pop(now)) == (stamp(6), None, True)


def test_rule_4_a_result_that_came_within_the_patience_makes_frames_wait_again() -> None:
    joined = joiner()
    now = be_late(joined, 0, IMPATIENT_AFTER)
    joined.add_frame(frame(5), now)
    assert joined.pop(now) is not None
    joined.add_result("faces", stamp(5), "F", now + 0.5 * PATIENCE_S)
    joined.add_frame(frame(6), now + PATIENCE_S)
    assert joined.pop(now + PATIENCE_S) is None
    joined.add_result("faces", stamp(6), "G", now + 1.5 * PATIENCE_S)
    assert told(joined.pop(now + 1.5 * PATIENCE_S)) == (stamp(6), "G", False)


def test_rule_4_a_result_that_came_after_the_patience_does_not() -> None:
    joined = joiner()
    now = be_late(joined, 0, IMPATIENT_AFTER)
    joined.add_frame(frame(5), now)
    assert joined.pop(now) is not None
    joined.add_result("faces", stamp(5), "F", now + 2 * PATIENCE_S)
    joined.add_frame(frame(6), now + 2 * PATIENCE_S)
    assert told(joined.pop(now + 2 * PATIENCE_S)) == (stamp(6), "F", True)


def test_rule_4_a_complete_frame_ends_the_row() -> None:
    joined = joiner()
    now = be_late(joined, 0, IMPATIENT_AFTER - 1)
    joined.add_frame(frame(5), now)
    joined.add_result("faces", stamp(5), "F", now)
    assert told(joined.pop(now)) == (stamp(5), "F", False)
    now = be_late(joined, 6, IMPATIENT_AFTER - 1)
    joined.add_frame(frame(20), now)
    assert joined.pop(now) is None


def test_rule_5_an_older_frame_never_follows_a_newer_one() -> None:
    joined = joiner()
    joined.add_frame(frame(3), 10.0)
    joined.add_result("faces", stamp(3), "D", 10.0)
    assert told(joined.pop(10.0)) == (stamp(3), "D", False)
    for index in (2, 3):
        joined.add_frame(frame(index), 10.001)
        joined.add_result("faces", stamp(index), "again", 10.001)
        assert joined.pop(11.0) is None
    assert joined.skipped == 2


def test_rule_6_a_jump_backwards_starts_anew() -> None:
    joined = joiner()
    far = BACKWARDS_NS // STEP_NS + 2
    joined.add_result("faces", stamp(far), "old", 10.0)
    joined.add_frame(frame(far), 10.0)
    assert told(joined.pop(10.0)) == (stamp(far), "old", False)
    joined.add_frame(frame(0), 10.1)
    joined.add_result("faces", stamp(0), "new", 10.1)
    assert told(joined.pop(10.1)) == (stamp(0), "new", False)
    joined.add_frame(frame(1), 10.2)
    assert told(joined.pop(10.2 + PATIENCE_S)) == (stamp(1), "new", True)


def test_rule_6_a_jump_ends_the_impatience() -> None:
    joined = joiner()
    far = BACKWARDS_NS // STEP_NS + 2
    now = be_late(joined, far, IMPATIENT_AFTER)
    joined.add_frame(frame(0), now)
    assert joined.pop(now) is None


def test_results_of_inputs_that_are_not_waited_for_are_ignored() -> None:
    joined = joiner()
    joined.add_result("moods", stamp(0), "happy", 10.0)
    joined.add_frame(frame(0), 10.0)
    joint = joined.pop(10.0 + PATIENCE_S)
    assert joint is not None
    assert set(joint.results) == {"faces"}


def test_changed_inputs_count_for_the_frames_that_already_wait() -> None:
    joined = joiner("faces", "bodies")
    joined.add_result("faces", stamp(0), "A", 10.0)
    joined.add_frame(frame(0), 10.0)
    assert joined.pop(10.0) is None
    joined.set_inputs({"faces"})
    joint = joined.pop(10.0)
    assert told(joint) == (stamp(0), "A", False)


def test_a_negative_patience_is_refused() -> None:
    with pytest.raises(ShapeError, match="0 or more, not -1"):
        StampJoiner(frozenset(), -1)


class JoinerMachine(RuleBasedStateMachine):
    """Frames and results in any order, skipped, doubled, late; frames come out as promised."""

    @initialize(inputs=st.sets(st.sampled_from(["faces", "bodies"])))
    def begin(self, inputs: set[str]) -> None:
        self.joiner = StampJoiner(frozenset(inputs), PATIENCE_S)
        self.now = 50.0
        self.last_left = -1
        self.left = 0
        self.added = 0

    @rule(index=st.integers(0, 20))
    def frame_arrives(self, index: int) -> None:
        self.joiner.add_frame(frame(index), self.now)
        self.added += 1

    @rule(name=st.sampled_from(["faces", "bodies", "moods"]), index=st.integers(0, 20))
    def result_arrives(self, name: str, index: int) -> None:
        self.joiner.add_result(name, stamp(index), (name, stamp(index)), self.now)

    @rule(inputs=st.sets(st.sampled_from(["faces", "bodies"])))
    def inputs_change(self, inputs: set[str]) -> None:
        self.joiner.set_inputs(inputs)

    @rule(seconds=st.floats(0, 2 * PATIENCE_S))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def frame_leaves(self) -> None:
        joint = self.joiner.pop(self.now)
        if joint is None:
            return
        self.left += 1
        moment = joint.frame.stamp_ns
        assert moment > self.last_left
        self.last_left = moment
        assert set(joint.results) == set(self.joiner.inputs)
        for name, joined in joint.results.items():
            assert joined.stamp_ns <= moment
            assert joined.is_stale == (joined.stamp_ns != moment)
            assert joined.value == (None if joined.stamp_ns < 0 else (name, joined.stamp_ns))

    @rule()
    def nothing_waits_beyond_its_patience(self) -> None:
        self.now += 2 * PATIENCE_S
        self.frame_leaves()
        assert self.joiner.next_deadline_s() is None

    @invariant()
    def every_frame_is_accounted_for(self) -> None:
        if hasattr(self, "joiner"):
            waiting = len(self.joiner._frames)
            assert waiting <= RING
            assert self.added == self.left + self.joiner.skipped + waiting
            assert len(self.joiner._left_late) <= RING
            assert all(len(results) <= RING for results in self.joiner._results.values())


TestJoinerMachine = JoinerMachine.TestCase
TestJoinerMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
