"""`mirror settings`: what was set on the page, shown without secrets, and undone."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mirror_core.errors import StoreError, UsageError
from mirror_core.settings import SettingsFile, default_settings_file
from mirror_web.privacy_control import masked

__all__ = ["app"]

app = typer.Typer(help="What was set on the page and outlives a restart.", no_args_is_help=True)


@app.command()
def show() -> None:
    """Say what was set on the page, without passwords."""
    file = SettingsFile(default_settings_file())
    nodes = _whole(file)
    if not nodes:
        print(f"Nothing is set: {file.path} holds no settings.")
        return
    table = Table(title=f"Set in {file.path}", title_justify="left", box=None, pad_edge=False)
    for heading in ("node", "parameter", "value"):
        table.add_column(heading, overflow="fold")
    for node, values in nodes.items():
        for name, value in values.items():
            words = ", ".join(value) if isinstance(value, tuple) else str(value)
            table.add_row(node, name, masked(words) or '""')
    Console(highlight=False, markup=False).print(table)


@app.command()
def reset(
    name: Annotated[
        str, typer.Argument(help="What to undo: /mirror/camera, or /mirror/camera.width; nothing: all.")
    ] = "",
) -> None:
    """Undo what was set on the page; a running mirror goes on with it until its next start."""
    file = SettingsFile(default_settings_file())
    if sentence := file.set_aside():
        print(sentence, file=sys.stderr)
    nodes = file.nodes()
    node, _, parameter = name.partition(".")
    if name and parameter not in nodes.get(node, {}) and not (node in nodes and not parameter):
        known = ", ".join(f"{n}.{p}" for n, values in nodes.items() for p in values) or "none"
        raise UsageError(f"{name} is not set: allowed are {known}.")
    file.forget(node, [parameter] if parameter else ())
    print(f"{name or 'Everything'} is as if it had never been set, from the next start on.")


def _whole(file: SettingsFile) -> dict[str, dict[str, object]]:
    try:
        return {node: dict(values) for node, values in file.nodes().items()}
    except StoreError as error:
        raise UsageError(f"{error} `mirror settings reset` sets the file aside.") from error
