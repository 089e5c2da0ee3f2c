"""The frame transport: the item itself inside a process, real messages outside, only while wanted."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from sensor_msgs.msg import Image as ImageMessage

from mirror_core.bus import LocalBus, process_bus
from mirror_core.codecs import FACES, FRAMES
from mirror_core.conversions import frame_to_message
from mirror_core.frame import Frame
from mirror_core.testing import moving_square, synthetic_face, synthetic_faces
from mirror_core.transport import Publisher, Subscription


def frame(index: int) -> Frame:
    return Frame(moving_square(index), 1_000_000_000 + index, "camera_optical")


# A plain ROS subscriber that knows nothing of Mirror: it prints stamp, layout and a checksum, and leaves
# when it is told a line.
LISTENER = """
import sys, threading, zlib, rclpy
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image
rclpy.init()
node = rclpy.create_node("listener")
def heard(m):
    print("heard", m.header.stamp.nanosec, m.header.frame_id, m.encoding, m.width, m.height, m.step,
          zlib.crc32(bytes(m.data)), flush=True)
node.create_subscription(Image, "image", heard, qos_profile_sensor_data)
told = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), told.set()), daemon=True).start()
print("listening", flush=True)
while not told.is_set():
    rclpy.spin_once(node, timeout_sec=0.1)
node.destroy_node()
rclpy.shutdown()
"""

# A plain ROS publisher: sends one picture again and again.
TALKER = """
import rclpy
from sensor_msgs.msg import Image
rclpy.init()
node = rclpy.create_node("talker")
publisher = node.create_publisher(Image, "image", 1)
message = Image(height=2, width=2, step=6, encoding="bgr8", data=list(range(12)))
message.header.frame_id = "elsewhere"
message.header.stamp.sec = 77
node.create_timer(0.02, lambda: publisher.publish(message))
rclpy.spin(node)
"""


class Ends:
    """Makes publishers and subscriptions, by default of one node, and closes them."""

    def __init__(self, node: Any) -> None:
        self.node = node
        self.got: list[Any] = []
        self._open: list[Any] = []

    def publisher(self, topic: str = "image", *, node: Any = None, codec: Any = FRAMES, **more: Any) -> Any:
        self._open.append(Publisher(node or self.node, codec, topic, **more))
        return self._open[-1]

    def subscription(
        self,
        topic: str = "image",
        callback: Callable[[Any], None] | None = None,
        *,
        node: Any = None,
        codec: Any = FRAMES,
        **more: Any,
    ) -> Any:
        self._open.append(Subscription(node or self.node, codec, topic, callback or self.got.append, **more))
        return self._open[-1]

    def close(self) -> None:
        for end in self._open:
            end.close()


@pytest.fixture
def ends(spinner: Any) -> Iterator[Ends]:
    ends = Ends(spinner.node("tested", namespace="/mirror"))
    yield ends
    ends.close()


def test_a_local_subscriber_gets_the_very_item_and_nothing_is_converted(ends: Ends, spinner: Any) -> None:
    publisher, subscription = ends.publisher(), ends.subscription()
    assert (publisher.topic, subscription.topic) == ("/mirror/image", "/mirror/image")
    sent = frame(1)
    publisher.publish(sent)
    spinner.until(lambda: ends.got, "the local frame")
    assert ends.got[0] is sent
    with pytest.raises(ValueError, match="read-only"):
        ends.got[0].image[0, 0] = 0
    assert (publisher.published, publisher.converted) == (1, 0)
    assert (subscription.received, subscription.dropped) == (1, 0)


def test_two_nodes_of_one_process_share_the_same_picture(ends: Ends, spinner: Any) -> None:
    camera = spinner.node("camera", namespace="/mirror")
    got: dict[str, Any] = {}
    for name in ("faces", "effects"):
        node = spinner.node(name, namespace="/mirror")
        ends.subscription("image", lambda item, name=name: got.update({name: item}), node=node)
    publisher = ends.publisher("image", node=camera)
    sent = frame(1)
    publisher.publish(sent)
    spinner.until(lambda: len(got) == 2, "both nodes to get the frame")
    assert got["faces"] is sent
    assert got["effects"] is sent


def test_the_callback_runs_in_the_executors_thread(ends: Ends, spinner: Any) -> None:
    threads: list[int] = []
    publisher = ends.publisher()
    ends.subscription("image", lambda item: threads.append(threading.get_ident()))
    sender = threading.Thread(target=publisher.publish, args=(frame(1),))
    sender.start()
    sender.join()
    assert threads == []
    spinner.until(lambda: threads, "the callback")
    assert threads == [threading.get_ident()]


def test_the_newest_item_wins_and_what_it_replaced_is_counted(ends: Ends, spinner: Any) -> None:
    publisher, subscription = ends.publisher(), ends.subscription()
    for index in range(5):
        publisher.publish(frame(index))
    spinner.until(lambda: ends.got, "the newest frame")
    assert [item.stamp_ns for item in ends.got] == [frame(4).stamp_ns]
    assert (subscription.received, subscription.dropped) == (1, 4)


def test_a_deeper_subscription_keeps_the_newest_items_in_order(ends: Ends, spinner: Any) -> None:
    publisher, subscription = ends.publisher(), ends.subscription(depth=3)
    for index in range(5):
        publisher.publish(frame(index))
    spinner.until(lambda: len(ends.got) == 3, "three frames")
    assert [item.stamp_ns for item in ends.got] == [frame(index).stamp_ns for index in (2, 3, 4)]
    assert subscription.dropped == 2


def test_a_callback_slower_than_the_publisher_leaves_the_nodes_timers_their_turn(
    ends: Ends, spinner: Any
) -> None:
    publisher = ends.publisher()
    ticks: list[int] = []
    handled: list[int] = []

    def handle(item: Frame) -> None:
        handled.append(item.stamp_ns)
        if len(handled) < 500:
            publisher.publish(frame(len(handled)))  # the next one waits before this one is done

    ends.subscription("image", handle)
    ends.node.create_timer(0.001, lambda: ticks.append(len(handled)))
    publisher.publish(frame(0))
    spinner.until(lambda: ticks and handled, "a tick of the timer between frames")
    assert ticks[0] < 500


def test_a_publisher_that_comes_after_its_subscriber_is_heard_locally(ends: Ends, spinner: Any) -> None:
    subscription = ends.subscription()
    assert not subscription.is_local
    publisher = ends.publisher()
    assert subscription.is_local
    # The subscription still listens to ROS until its node's thread has turned.
    spinner.until(lambda: subscription._ros is None, "the subscription to leave ROS")
    spinner.until(lambda: publisher._ros.get_subscription_count() == 0, "ROS to notice that")
    sent = frame(1)
    publisher.publish(sent)
    spinner.until(lambda: ends.got, "the frame")
    assert ends.got == [sent]
    assert publisher.converted == 0


def test_a_frame_published_before_the_subscription_left_ros_comes_once(ends: Ends, spinner: Any) -> None:
    ends.subscription()
    publisher = ends.publisher()
    publisher.publish(frame(1))
    spinner.until(lambda: ends.got, "the frame")
    marker: list[Any] = []
    ends.subscription("marker", marker.append)
    ends.publisher("marker").publish(frame(2))
    spinner.until(lambda: marker, "a later frame on another topic")
    assert [item.stamp_ns for item in ends.got] == [frame(1).stamp_ns]


def test_a_publisher_may_go_and_come_back(ends: Ends, spinner: Any) -> None:
    publisher, subscription = ends.publisher(), ends.subscription()
    publisher.close()
    publisher.close()
    publisher.publish(frame(1))
    assert not publisher.has_subscribers
    assert publisher.published == 0
    spinner.until(lambda: subscription._ros is not None, "the subscription to listen to ROS")
    again = ends.publisher()
    again.publish(frame(2))
    spinner.until(lambda: ends.got, "the frame of the new publisher")
    assert [item.stamp_ns for item in ends.got] == [frame(2).stamp_ns]


def test_a_publisher_knows_whether_anybody_listens(ends: Ends) -> None:
    publisher = ends.publisher()
    assert not publisher.has_subscribers
    subscription = ends.subscription()
    assert publisher.has_subscribers
    subscription.close()
    assert not publisher.has_subscribers


def test_closing_throws_away_what_waits(ends: Ends, spinner: Any) -> None:
    publisher, subscription = ends.publisher(), ends.subscription()
    publisher.publish(frame(1))
    subscription.close()
    subscription.close()
    publisher.publish(frame(2))
    other: list[Any] = []
    ends.subscription("image", other.append)
    publisher.publish(frame(3))
    spinner.until(lambda: other, "the frame of a later subscription")
    assert ends.got == []


def test_a_subscription_may_close_itself_while_more_items_wait(ends: Ends, spinner: Any) -> None:
    publisher = ends.publisher()
    got: list[Any] = []

    def once(item: Frame) -> None:
        got.append(item)
        subscription.close()

    subscription = ends.subscription("image", once, depth=5)
    for index in range(3):
        publisher.publish(frame(index))
    ends.subscription()
    publisher.publish(frame(3))
    spinner.until(lambda: ends.got, "the frame at the other subscription")
    assert [item.stamp_ns for item in got] == [frame(0).stamp_ns]


def test_buses_are_apart(ends: Ends, spinner: Any) -> None:
    publisher = ends.publisher(bus=LocalBus())
    ends.subscription(bus=LocalBus())
    spinner.until(lambda: publisher.has_subscribers, "ROS to connect the two")
    publisher.publish(frame(1))
    spinner.until(lambda: ends.got, "the frame over ROS")
    assert publisher.converted == 1
    assert np.array_equal(ends.got[0].image, moving_square(1))


def test_remapped_and_relative_names_meet(ends: Ends, spinner: Any) -> None:
    sender = spinner.node("sender", cli_args=["--ros-args", "-r", "out:=/mirror/image"])
    receiver = spinner.node("receiver", namespace="/mirror")
    got: list[Any] = []
    ends.subscription("image", got.append, node=receiver)
    publisher = ends.publisher("out", node=sender)
    assert publisher.topic == "/mirror/image"
    publisher.publish(frame(1))
    spinner.until(lambda: got, "the frame")


def test_a_message_that_cannot_be_read_is_counted_and_told_and_the_next_one_is_taken(
    ends: Ends, spinner: Any
) -> None:
    subscription = ends.subscription()
    plain = spinner.node("plain", namespace="/mirror").create_publisher(ImageMessage, "image", 1)
    bad, good = frame_to_message(frame(1)), frame_to_message(frame(2))
    bad.encoding = "16UC1"
    spinner.until(lambda: plain.get_subscription_count() > 0, "ROS to connect the two")
    for count in (1, 2):
        plain.publish(bad)
        spinner.until(lambda count=count: subscription.refused == count, "the refusal")
    assert "'16UC1' is not supported" in subscription.last_refusal
    plain.publish(good)
    spinner.until(lambda: ends.got, "the good frame")
    assert ends.got[0].stamp_ns == frame(2).stamp_ns
    assert (subscription.received, subscription.refused) == (1, 2)


def test_faces_travel_like_frames(ends: Ends, spinner: Any) -> None:
    got: list[Any] = []
    ends.subscription("faces", got.append, codec=FACES, bus=LocalBus())
    publisher = ends.publisher("faces", codec=FACES, bus=LocalBus())
    spinner.until(lambda: publisher.has_subscribers, "ROS to connect the two")
    publisher.publish(synthetic_faces(5, synthetic_face(track_id=8)))
    spinner.until(lambda: got, "the faces over ROS")
    assert got[0].faces[0].track_id == 8
    assert np.array_equal(got[0].faces[0].landmarks, synthetic_face().landmarks)


def test_nothing_is_left_on_the_bus_after_both_ends_have_closed(ends: Ends) -> None:
    publisher, subscription = ends.publisher(), ends.subscription()
    topic = publisher._topic
    subscription.close()
    publisher.close()
    assert topic not in process_bus()._entries


def test_a_plain_ros_subscriber_of_another_process_gets_real_images_only_while_it_listens(
    ends: Ends, spinner: Any, start_process: Callable[..., Any]
) -> None:
    publisher = ends.publisher()
    ends.subscription()
    publisher.publish(frame(1))
    spinner.until(lambda: ends.got, "the local frame")
    assert publisher.converted == 0
    listener = start_process(LISTENER, "--ros-args", "-r", "__ns:=/mirror")
    listener.wait_for("listening")
    picture = moving_square(7, 62, 46)

    def heard() -> list[str]:
        publisher.publish(Frame(picture, 5_000_000_777, "left"))
        return [line for line in listener.lines if line.startswith("heard")]

    lines = spinner.until(heard, "the other process to hear a picture")
    checksum = zlib.crc32(picture.tobytes())
    assert lines[0] == f"heard 777 left bgr8 62 46 {62 * 3} {checksum}"
    listener.tell("leave")
    assert listener.wait() == 0, listener.said
    spinner.until(lambda: publisher._ros.get_subscription_count() == 0, "ROS to miss the listener")
    converted, published = publisher.converted, publisher.published
    publisher.publish(frame(9))
    assert (publisher.converted, publisher.published) == (converted, published + 1)


def test_a_plain_ros_publisher_of_another_process_is_heard_until_a_local_one_comes(
    ends: Ends, spinner: Any, start_process: Callable[..., Any]
) -> None:
    ends.subscription()
    start_process(TALKER, "--ros-args", "-r", "__ns:=/mirror")
    spinner.until(lambda: ends.got, "a picture from the other process")
    remote = ends.got[-1]
    assert (remote.stamp_ns, remote.frame_id) == (77_000_000_000, "elsewhere")
    assert remote.image.tolist() == np.arange(12).reshape(2, 2, 3).tolist()
    publisher = ends.publisher()
    ends.got.clear()
    for index in range(20):
        publisher.publish(frame(index))
        spinner.until(lambda index=index: len(ends.got) > index, "the local frame")
    assert {item.frame_id for item in ends.got} == {"camera_optical"}


def test_a_direct_subscription_is_called_in_the_publishers_own_thread_and_not_after_it_is_closed(ends):
    threads: list[threading.Thread] = []
    subscription = ends.subscription(
        callback=lambda _: threads.append(threading.current_thread()), direct=True
    )
    publisher = ends.publisher()
    publisher.publish(frame(1))  # nobody spins the node
    assert threads == [threading.current_thread()]
    assert (subscription.received, subscription.dropped) == (1, 0)
    subscription.close()
    publisher.publish(frame(2))
    assert len(threads) == 1
