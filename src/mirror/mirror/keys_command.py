"""`mirror keys`: make and change the keys with which stored faces are encrypted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from mirror_core.errors import MirrorError, StoreError, UsageError

__all__ = ["app"]

app = typer.Typer(help="Make and change the keys of stored faces.", no_args_is_help=True)

Where = Annotated[
    Path | None, typer.Argument(help="File of keys; default: the one that $MIRROR_KEY_FILE names.")
]


def _file(file: Path | None) -> Path:
    from mirror_core.store.keys import FILE_VARIABLE

    named = os.environ.get(FILE_VARIABLE, "")
    if file is None and not named:
        raise UsageError(f"Name the file of keys, here or in ${FILE_VARIABLE}.")
    return (file or Path(named)).expanduser()


@app.command()
def make(
    file: Where = None,
    *,
    add: Annotated[
        bool, typer.Option("--add", help="Put a new key before those that the file holds.")
    ] = False,
) -> None:
    """Make a new key and write it into a file that only you can read."""
    from mirror_core.store.keys import FILE_VARIABLE, made_key, read_key_file, write_key_file

    chosen = _file(file)
    if chosen.exists() and not add:
        raise UsageError(f"{chosen} exists already; --add puts a new key before the ones in it.")
    key = made_key()
    try:
        write_key_file(chosen, (key, *(read_key_file(chosen) if chosen.exists() else ())))
    except StoreError as error:
        raise UsageError(str(error)) from error
    print(f"Key {key.id} is in {chosen}. Keep a copy elsewhere: without it the faces are lost.")
    if os.environ.get(FILE_VARIABLE, "") != str(chosen):
        print(f"To use it: export {FILE_VARIABLE}={chosen.absolute()}")
    print("Faces that are stored already are encrypted by `mirror keys rotate`.")


@app.command()
def show(file: Where = None) -> None:
    """List the names of the keys in a file; the first one encrypts."""
    from mirror_core.store.keys import read_key_file

    try:
        keys = read_key_file(_file(file))
    except StoreError as error:
        raise UsageError(str(error)) from error
    for place, key in enumerate(keys):
        print(f"{key.id}  {'encrypts and decrypts' if place == 0 else 'decrypts'}")


@app.command()
def rotate(
    *,
    forget_old: Annotated[
        bool, typer.Option("--forget-old", help="Then take all keys but the newest out of the file.")
    ] = False,
    database: Annotated[
        str, typer.Option(envvar="MIRROR_GALLERY_DATABASE", help="Database of faces; empty: the default.")
    ] = "",
    pictures: Annotated[
        str, typer.Option(envvar="MIRROR_GALLERY_PICTURES", help="Their pictures; empty: the default.")
    ] = "",
) -> None:
    """Encrypt all stored faces with the newest key, also those that are not encrypted yet."""
    from mirror_core.store.keys import KEY_VARIABLE, read_key_file, write_key_file
    from mirror_gallery.gallery import open_store

    if forget_old and os.environ.get(KEY_VARIABLE):
        raise UsageError(
            f"--forget-old changes a file, but ${KEY_VARIABLE} is set; take the old keys out there."
        )
    try:
        with open_store(database, pictures, way="command") as store:
            done = store.reseal()
            place = store.place
    except UsageError:
        raise
    except MirrorError as error:
        raise UsageError(str(error)) from error
    print(
        f"{done.faces} faces are encrypted anew, {done.current} had the newest key already, with "
        f"{done.details} thumbnails and other data ({place})."
    )
    if done.failed:
        print(f"{done.failed} faces stay as they are: {done.reason}")
        raise typer.Exit(1)
    if forget_old:
        file = _file(None)
        keys = read_key_file(file)
        write_key_file(file, keys[:1])
        print(f"{len(keys) - 1} old keys are taken out of {file}.")
