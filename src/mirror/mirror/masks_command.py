"""`mirror masks`: list the masks, write the template for one's own, put medical masks on photographs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from mirror.masks_make_command import make
from mirror_core.errors import UsageError

__all__ = ["app"]

app = typer.Typer(
    help="List the masks, make your own, put medical ones on photographs.", no_args_is_help=True
)

app.command("make")(make)

Folder = Annotated[
    str, typer.Option(help="Folder with masks of your own; empty: ~/.local/share/mirror/masks.")
]


@app.command("list")
def list_masks(folder: Folder = "") -> None:
    """List the preset masks and those in the folder, and say what is wrong with any."""
    from mirror_effects.mask_names import PRESETS, mask_files, named_folder
    from mirror_effects.mask_texture import read_mask

    place = named_folder(folder)
    files = mask_files(place)
    table = Table("mask", "what", title="Masks", title_justify="left")
    for name, meaning in PRESETS.items():
        table.add_row(name, f"{meaning} (replaced by your file)" if name in files else meaning)
    problems = []
    for name, path in files.items():
        try:
            read_mask(path)
            table.add_row(name, "your own")
        except UsageError as error:
            problems.append(str(error))
    console = Console()
    console.print(table)
    console.print(f"Your own: {place}" + ("" if place.is_dir() else " (not there yet)"), soft_wrap=True)
    for problem in problems:
        console.print(problem, style="yellow", markup=False, soft_wrap=True)
    raise typer.Exit(1 if problems else 0)


@app.command("template")
def write(
    out: Annotated[
        Path, typer.Option(help="Folder that the template and the guide are written to.")
    ] = Path(),
    folder: Folder = "",
) -> None:
    """Write the picture to paint a mask on, and a guide."""
    from mirror_effects.mask_names import named_folder
    from mirror_effects.mask_template import write_template

    try:
        written = write_template(out, named_folder(folder))
    except OSError as error:
        raise UsageError(f"{out} cannot be written to: {error.strerror or error}.") from error
    for path in written:
        print(path)
