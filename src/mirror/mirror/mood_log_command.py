"""`mirror mood log|export|erase|hold`: look into the log of moods, take it along, erase from it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from mirror_core.errors import StoreError, UsageError

if TYPE_CHECKING:
    from mirror_mood.log.queries import MoodQueries

__all__ = ["register"]

UNKNOWN = "unknown"  # how people who are not known are called here
SHORT_ID = 8  # characters of an id that are shown

Database = Annotated[
    str,
    typer.Option(envvar="MIRROR_MOOD_DATABASE", help="The log's database; empty: the default."),
]
Person = Annotated[
    str, typer.Argument(help=f"Name or gallery id of a person, or {UNKNOWN} for everybody not known.")
]
From = Annotated[str, typer.Option("--from", help="Begin here, e.g. 2026-03-01 or 2026-03-01T18:00.")]
To = Annotated[str, typer.Option("--to", help="End before this moment.")]
Mirror = Annotated[str, typer.Option(help="Only what this mirror has seen.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the group `mirror mood`."""
    for name, work in (("log", show), ("export", export), ("erase", erase), ("hold", hold)):
        app.command(name)(_told(work))


def _told(work: Callable[..., None]) -> Callable[..., None]:
    """The same command; what is wrong with the log is told in a sentence."""

    @wraps(work)
    def command(*arguments: Any, **options: Any) -> None:
        try:
            work(*arguments, **options)
        except StoreError as error:
            raise UsageError(str(error)) from error

    return command


def show(*, database: Database = "") -> None:
    """Say who is in the log, from when to when, and what waits to be uploaded."""
    from mirror_mood.log.queries import MoodQueries

    with MoodQueries(database) as log:
        state, people, mirrors = log.state(), log.people(), log.mirrors()
        waiting, place = log.waiting_parts(), log.place
    names = _names()
    print(f"The log is kept in {place}.")
    if state.first_s is None:
        print("It is empty.")
    for title, entries in (("person", people), ("mirror", mirrors)):
        table = Table()
        for heading in (title, "id", "first", "last", "seconds"):
            table.add_column(heading, justify="right" if heading == "seconds" else "left")
        for entry in entries:
            name = names.get(entry.name, "") if title == "person" else entry.name
            table.add_row(
                name if entry.name else UNKNOWN,
                entry.name[:SHORT_ID] if title == "person" else "",
                _said(entry.first_s),
                _said(entry.last_s),
                f"{entry.count}",
            )
        if entries:
            Console().print(table)
    for target, count in waiting.items():
        print(f"{count} parts wait to be uploaded to {target}, or to be written anew there.")


def export(
    *,
    file: Annotated[str, typer.Argument(help="CSV file to write; - for the terminal.")] = "",
    parquet: Annotated[
        str,
        typer.Option(
            help="Upload what is new as Parquet instead: a folder, s3://bucket/prefix, or the word default "
            "for $MIRROR_MOOD_EXPORT."
        ),
    ] = "",
    start: From = "",
    end: To = "",
    person: Annotated[str, typer.Option(help=f"Only this person (name, id or {UNKNOWN}).")] = "",
    mirror: Mirror = "",
    zone: Annotated[
        str, typer.Option(help="Time zone of the column DateTime, e.g. Europe/Berlin; empty: this host's.")
    ] = "",
    database: Database = "",
) -> None:
    """Write rows to a CSV file (any range), or upload the new ones as a Parquet data set."""
    if bool(file) == bool(parquet):
        raise UsageError("Give a CSV file to write, or --parquet with a folder or an s3:// URL.")
    if parquet:
        if start or end or person or zone:
            raise UsageError("--parquet uploads all that is new; periods, people and zones are for CSV.")
        _upload(database, parquet, mirror)
        return
    from mirror_mood.log.buckets import zone_named
    from mirror_mood.log.csv_export import csv_lines, write_csv
    from mirror_mood.log.queries import MoodQueries
    from mirror_mood.log.read_rows import read_rows

    with MoodQueries(database) as log:
        who = _person(log, person) if person else None
        begin_s, end_s = _period(start, end)
        rows = read_rows(log.database, begin_s, end_s, person=who, mirror=mirror or None)
        count = write_csv(csv_lines(rows, zone_named(zone)), sys.stdout if file == "-" else Path(file))
    print(f"{count} rows are written{'' if file == '-' else f' to {file}'}.", file=sys.stderr)


def _upload(database: str, url: str, mirror: str) -> None:
    from mirror_mood.log.exporter import Exporter, open_target
    from mirror_mood.log.queries import MoodQueries
    from mirror_mood.log.recorder import resolved_export

    url = resolved_export("" if url == "default" else url)
    if not url:
        raise UsageError("$MIRROR_MOOD_EXPORT is empty; give a folder or an s3:// URL to --parquet.")
    target = open_target(url)
    with MoodQueries(database) as log:
        chosen = [presence.name for presence in log.mirrors() if mirror in ("", presence.name)]
        if mirror and not chosen:
            raise UsageError(f"No mirror {mirror} is in the log; `mirror mood log` lists them.")
        exporter = Exporter(log.database, target)
        done = [exporter.run(name) for name in chosen]
    print(
        f"{sum(each.rows for each in done)} rows in {sum(each.parts for each in done)} parts are uploaded to "
        f"{target.name}."
    )
    if rewritten := sum(each.rewritten for each in done):
        print(f"Erased moods were taken out of {rewritten} parts there.")


def erase(
    *,
    person: Annotated[
        str, typer.Argument(help=f"Name or gallery id, or {UNKNOWN}; empty with --everybody.")
    ] = "",
    everybody: Annotated[bool, typer.Option("--everybody", help="The moods of all people.")] = False,
    start: From = "",
    end: To = "",
    mirror: Mirror = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    database: Database = "",
) -> None:
    """Erase moods for good: of a person, of unknown people or of everybody; all, or those of a period."""
    from mirror_core.store.audit import AuditLog, Event
    from mirror_mood.log import erasure
    from mirror_mood.log.queries import MoodQueries
    from mirror_mood.log.spool import clean_spools
    from mirror_mood.log.store import MoodStore

    if bool(person) == everybody:
        raise UsageError("Give a person whose moods are to be erased, or --everybody.")
    with MoodQueries(database) as log:
        who = None if everybody else _person(log, person)
    title = "everybody" if who is None else person
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"Erasing the moods of {title} cannot be undone; say --yes to do it.")
        typer.confirm(f"Erase the moods of {title} for good?", abort=True)
    begin_s, end_s = _period(start, end)
    with MoodStore(database, must_exist=True) as store:
        found = erasure.erase(store, who, start_s=begin_s, end_s=end_s, mirror=mirror or None)
        clean_spools(store.database)
    AuditLog().note(Event.MOODS_ERASED, who or "", "command", seconds=found.rows)
    print(f"The moods of {title} are erased: {found.rows} seconds and {found.rollups} sums.")
    if found.parts:
        print(
            f"{found.parts} uploaded or waiting parts held some of them; the next upload takes them out "
            "there (`mirror mood export --parquet default` does it now)."
        )


def hold(
    *,
    person: Person,
    folder: Annotated[Path, typer.Argument(help="New folder for holding.json, seconds.csv and sums.csv.")],
    database: Database = "",
) -> None:
    """Write all that the log holds about somebody into files that they can take along."""
    from mirror_mood.log.holding import write_holding
    from mirror_mood.log.queries import MoodQueries

    with MoodQueries(database) as log:
        content = write_holding(log.database, _person(log, person), folder)
    print(f"{content['rows of single seconds']} seconds are written to {folder}.")


# ---- who and when


def _names() -> dict[str, str]:
    """Names by gallery id, where there is a gallery; none is made."""
    from mirror_gallery.gallery import DATABASE_VARIABLE, open_store
    from mirror_gallery.locations import default_database

    if not os.environ.get(DATABASE_VARIABLE) and not default_database().exists():
        return {}
    with open_store() as store:
        return {entry.id: entry.name for entry in store.entries()[0]}


def _person(log: MoodQueries, text: str) -> str:
    """The gallery id of a person in the log.

    Raises:
        UsageError: if nobody is meant, or more than one.
    """
    if text == UNKNOWN:
        return ""
    logged = {presence.name for presence in log.people() if presence.name}
    if text in logged:
        return text
    names = _names()
    found = {who for who in logged if names.get(who, "").casefold() == text.casefold()}
    found = found or {who for who in logged if who.startswith(text)}
    if len(found) != 1:
        which = "Nobody" if not found else "More than one person"
        raise UsageError(f"{which} in the log is called {text!r}; `mirror mood log` lists the ids.")
    return found.pop()


def _period(start: str, end: str) -> tuple[int, int]:
    from mirror_mood.log.erasure import END_S

    return (_moment(start, "--from") if start else 0), (_moment(end, "--to") if end else END_S)


def _moment(text: str, option: str) -> int:
    """UTC epoch seconds of a moment; without a zone it is this host's."""
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError):
        raise UsageError(
            f"{option} {text} is not understood; write 2026-03-01 or 2026-03-01T18:00."
        ) from None


def _said(time_s: int) -> str:
    return f"{datetime.fromtimestamp(time_s, UTC).astimezone():%Y-%m-%d %H:%M}"
