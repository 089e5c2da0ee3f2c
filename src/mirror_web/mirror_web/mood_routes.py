"""The Mood page's files: what is shown, and every second of the period, as CSV."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from mirror_core.errors import MirrorError, UsageError
from mirror_mood.log.answers import Series
from mirror_mood.log.buckets import zone_named
from mirror_mood.log.csv_export import csv_lines, write_csv
from mirror_mood.log.rows import MoodRow
from mirror_web.mood_choice import MoodChoice
from mirror_web.mood_control import MoodsControl
from mirror_web.shell import PageContext

__all__ = ["mood_routes", "series_rows"]

LINES = 2000  # that are written at once


def series_rows(series: Series, person: str = "", mirror: str = "*") -> Iterator[MoodRow]:
    """The points of a series in which somebody was seen, as rows of the log."""
    for index in range(len(series)):
        if series.count[index]:
            yield MoodRow(
                time_s=int(series.time_s[index]),
                mirror=mirror,
                person=person,
                visit=0,
                probabilities=tuple(series.means[index].tolist()),
                valence=float(series.valence[index]),
                arousal=float(series.arousal[index]),
                confidence=float(series.confidence[index]),
                unsure=bool(series.unsure[index] >= 0.5),
            )


def mood_routes(context: Callable[[], PageContext]) -> list[BaseRoute]:
    """The routes /mood/shown.csv and /mood/rows.csv; their query is the page's own, and `zone`.

    Args:
        context: gives what is served at the moment.
    """

    async def answer(request: Request, rows: Callable[..., Iterator[MoodRow]], name: str) -> Response:
        choice, zone = MoodChoice.of_query(request.query_params), request.query_params.get("zone", "")
        try:
            found = await asyncio.to_thread(rows, context().moods, choice, zone)
            lines = csv_lines(found, zone_named(zone))
        except MirrorError as error:
            return PlainTextResponse(str(error), 400 if isinstance(error, UsageError) else 503)
        return StreamingResponse(_parts(lines), media_type="text/csv", headers=_headers(name))

    async def shown(request: Request) -> Response:
        return await answer(request, _shown, "mirror_moods.csv")

    async def rows(request: Request) -> Response:
        return await answer(request, _rows, "mirror_moods_by_second.csv")

    return [Route("/mood/shown.csv", shown), Route("/mood/rows.csv", rows)]


def _shown(moods: MoodsControl, choice: MoodChoice, zone: str) -> Iterator[MoodRow]:
    period = choice.period(moods.log.state(), moods.now_s(), zone)
    return series_rows(moods.log.series(period, choice.points, choice.whose, zone))


def _rows(moods: MoodsControl, choice: MoodChoice, zone: str) -> Iterator[MoodRow]:
    period = choice.period(moods.log.state(), moods.now_s(), zone)
    return moods.log.rows(period, choice.whose)


def _parts(lines: Iterator[list[str]]) -> Iterator[str]:
    """The lines as CSV, many at once."""
    while part := list(islice(lines, LINES)):
        text = io.StringIO()
        write_csv(part, text)
        yield text.getvalue()


def _headers(name: str) -> Mapping[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
