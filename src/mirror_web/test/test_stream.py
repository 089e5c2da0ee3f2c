"""The broadcaster: encodes once for all, for nobody nothing, and the newest frame wins."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import cv2
import numpy as np
import pytest

from mirror_core.frame import Frame
from mirror_web import stream
from mirror_web.parameters import WebParameters
from mirror_web.stream import BOUNDARY, FrameBroadcaster

FAST = WebParameters(stream_fps=60.0, stream_width=64, stream_height=36)


def flat(value: int) -> Frame:
    return Frame(np.full((36, 64, 3), value, np.uint8), 0)


def brightness(jpeg: bytes) -> int:
    return round(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).mean())


async def watching(broadcaster: FrameBroadcaster, count: int) -> None:
    while broadcaster.watchers != count:
        await asyncio.sleep(0.001)


async def encoded(broadcaster: FrameBroadcaster, count: int) -> None:
    while broadcaster.encoded < count:
        await asyncio.sleep(0.001)


def test_nothing_is_encoded_while_nobody_watches():
    broadcaster = FrameBroadcaster(FAST)
    for value in range(20):
        broadcaster.submit(flat(value))
    assert broadcaster.encoded == 0

    async def watch_once() -> int:
        async with aclosing(broadcaster.jpegs()) as jpegs:
            first = asyncio.ensure_future(anext(jpegs))
            await watching(broadcaster, 1)
            broadcaster.submit(flat(200))
            return brightness(await first)

    assert asyncio.run(watch_once()) == pytest.approx(200, abs=3)
    for value in range(20):
        broadcaster.submit(flat(value))
    assert broadcaster.encoded == 1 and broadcaster.watchers == 0


def test_a_frame_is_encoded_once_for_all_watchers():
    broadcaster = FrameBroadcaster(FAST)

    async def run() -> list[bytes]:
        streams = [broadcaster.jpegs() for _ in range(5)]
        firsts = [asyncio.ensure_future(anext(s)) for s in streams]
        await watching(broadcaster, 5)
        broadcaster.submit(flat(100))
        jpegs = await asyncio.gather(*firsts)
        for s in streams:
            await s.aclose()
        return jpegs

    jpegs = asyncio.run(run())
    assert broadcaster.encoded == 1 and len(set(jpegs)) == 1


def test_a_slow_client_gets_the_newest_frame_next():
    broadcaster = FrameBroadcaster(FAST)

    async def run() -> int:
        async with aclosing(broadcaster.jpegs()) as jpegs:
            first = asyncio.ensure_future(anext(jpegs))
            await watching(broadcaster, 1)
            broadcaster.submit(flat(10))
            await first
            for number, value in enumerate((50, 100, 150, 200), start=2):
                broadcaster.submit(flat(value))
                await encoded(broadcaster, number)
            return brightness(await anext(jpegs))

    assert asyncio.run(run()) == pytest.approx(200, abs=3)


def test_frames_above_the_rate_are_skipped():
    broadcaster = FrameBroadcaster(WebParameters(stream_fps=1.0))

    async def run() -> None:
        async with aclosing(broadcaster.jpegs()) as jpegs:
            first = asyncio.ensure_future(anext(jpegs))
            await watching(broadcaster, 1)
            for value in range(60):
                broadcaster.submit(flat(value))
                await asyncio.sleep(0.001)
            await first

    asyncio.run(run())
    assert 1 <= broadcaster.encoded <= 5


def test_while_no_picture_comes_the_placeholder_is_sent(monkeypatch):
    monkeypatch.setattr(stream, "FIRST_PICTURE_S", 0.01)
    monkeypatch.setattr(stream, "STALE_S", 0.01)
    broadcaster = FrameBroadcaster()

    async def run() -> list[int]:
        async with aclosing(broadcaster.jpegs()) as jpegs:
            return [brightness(await anext(jpegs)) for _ in range(2)]

    first, second = asyncio.run(run())
    assert first == second and 10 < first < 40 and broadcaster.encoded == 0


def test_a_frame_that_cannot_be_encoded_does_not_end_the_stream(monkeypatch, caplog):
    broadcaster = FrameBroadcaster(FAST)
    encode = stream.encode_frame

    def fail_on_black(frame: Frame, settings: WebParameters) -> bytes:
        if not frame.image.any():
            raise ValueError("black")
        return encode(frame, settings)

    monkeypatch.setattr(stream, "encode_frame", fail_on_black)

    async def run() -> int:
        async with aclosing(broadcaster.jpegs()) as jpegs:
            first = asyncio.ensure_future(anext(jpegs))
            await watching(broadcaster, 1)
            broadcaster.submit(flat(0))
            while not caplog.records:
                await asyncio.sleep(0.001)
            broadcaster.submit(flat(90))
            return brightness(await first)

    assert asyncio.run(run()) == pytest.approx(90, abs=3)


def test_watchers_are_counted_and_reported_as_they_come_and_go():
    reported: list[int] = []
    broadcaster = FrameBroadcaster(FAST, reported.append)

    async def run() -> None:
        tasks = []
        for count in (1, 2):
            tasks.append(asyncio.ensure_future(broadcaster.snapshot()))
            await watching(broadcaster, count)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())
    assert reported == [1, 2, 1, 0]


def test_ending_the_streams_ends_every_client():
    broadcaster = FrameBroadcaster(FAST)

    async def run() -> list[bytes]:
        task = asyncio.ensure_future(_collect(broadcaster))
        await watching(broadcaster, 1)
        broadcaster.end_streams()
        return await task

    assert asyncio.run(run()) == [] and broadcaster.watchers == 0


async def _collect(broadcaster: FrameBroadcaster) -> list[bytes]:
    return [jpeg async for jpeg in broadcaster.jpegs()]


def test_a_picture_is_followed_at_once_by_the_head_that_lets_a_browser_show_it():
    broadcaster = FrameBroadcaster(FAST)

    async def run() -> tuple[bytes, bytes]:
        async with aclosing(broadcaster.multipart()) as parts:
            opening = await anext(parts)
            part = asyncio.ensure_future(anext(parts))
            await watching(broadcaster, 1)
            broadcaster.submit(flat(80))
            return opening, await part

    opening, part = asyncio.run(run())
    assert opening == b"--" + BOUNDARY + b"\r\nContent-Type: image/jpeg\r\n\r\n"
    assert part.endswith(b"\xff\xd9\r\n" + opening)
    assert brightness(part.removesuffix(b"\r\n" + opening)) == pytest.approx(80, abs=3)
