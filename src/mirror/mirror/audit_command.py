"""`mirror audit`: what was done with people's faces and moods, when and by what way."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mirror_core.errors import MirrorError, UsageError

__all__ = ["audit"]

EXIT_FOUND = 1


def audit(
    *,
    face: Annotated[
        str,
        typer.Option(
            help="Only of this person: their gallery id (it stands in their exported file) or number."
        ),
    ] = "",
    last: Annotated[int, typer.Option(help="Only so many of the newest entries; 0: all.", min=0)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="See whether lines were changed or taken out.")
    ] = False,
) -> None:
    """Show the audit log: who was stored, worn, exported, erased; people are numbers, not names."""
    from mirror_core.store.audit import AuditLog

    log = AuditLog()
    try:
        if check:
            complaints = log.check()
            print("\n".join(complaints) if complaints else "Every line follows the one before it.")
            raise typer.Exit(EXIT_FOUND if complaints else 0)
        wanted = {face, log.number(face)} if face and log.folder.is_dir() else {face}
        entries = [entry for entry in log.entries() if not face or entry.who in wanted]
    except MirrorError as error:
        raise UsageError(str(error)) from error
    entries = entries[-last:] if last else entries
    if as_json:
        for entry in entries:
            print(
                json.dumps(
                    {
                        "time": entry.time.isoformat(),
                        "event": entry.event,
                        "who": entry.who,
                        "way": entry.way,
                        "details": dict(entry.details),
                    }
                )
            )
        return
    table = Table()
    for heading in ("when", "what", "who", "by", "details"):
        table.add_column(heading, overflow="fold")
    for entry in entries:
        details = ", ".join(f"{key.replace('_', ' ')}: {value}" for key, value in entry.details.items())
        table.add_row(
            f"{entry.time.astimezone():%Y-%m-%d %H:%M:%S}", entry.event, entry.who, entry.way, details
        )
    Console().print(table if entries else "Nothing is in the audit log.")
