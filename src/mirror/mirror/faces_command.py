"""`mirror faces`: capture, list, add, wear and erase stored faces."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from mirror_core.errors import UsageError

if TYPE_CHECKING:
    from mirror.faces_access import FacesAccess, MirrorAccess

__all__ = ["app"]

EXIT_FAILED, EXIT_CANCELLED = 1, 130
EVERYBODY = 2**32 - 1

app = typer.Typer(help="Capture, list, add, wear and erase faces.", no_args_is_help=True)

Face = Annotated[str, typer.Argument(help="Name or id of a stored face.")]
Track = Annotated[
    int | None,
    typer.Option("--face", help="Number of the face in front of the mirror; default: the largest.", min=0),
]
Until = Annotated[str, typer.Option(help="Keep the face until this day, e.g. 2027-01-01.")]
ThisVisit = Annotated[bool, typer.Option("--this-visit", help="Keep the face until the person leaves.")]
UntilRevoked = Annotated[
    bool, typer.Option("--until-revoked", help="Keep the face until it is erased (default).")
]
Others = Annotated[bool, typer.Option("--others", help="Others may wear the face.")]
Recognise = Annotated[bool, typer.Option("--recognise", help="The mirror may recognise the person.")]


@dataclass(frozen=True, slots=True)
class Where:
    """Which faces are meant: options of `mirror faces` itself."""

    namespace: str = "mirror"
    database: str = ""
    pictures: str = ""
    offline: bool = False


@app.callback()
def where(
    context: typer.Context,
    *,
    namespace: Annotated[str, typer.Option(help="ROS namespace of the mirror.")] = "mirror",
    database: Annotated[
        str,
        typer.Option(
            envvar="MIRROR_GALLERY_DATABASE",
            help="Database to work on where no mirror runs; empty: the default.",
        ),
    ] = "",
    pictures: Annotated[
        str,
        typer.Option(
            envvar="MIRROR_GALLERY_PICTURES",
            help="Pictures to work on where no mirror runs; empty: the default.",
        ),
    ] = "",
    offline: Annotated[
        bool, typer.Option("--offline", help="Work on the store without looking for a running mirror.")
    ] = False,
) -> None:
    """Capture, list, add, wear and erase faces."""
    context.obj = Where(namespace, database, pictures, offline)


@contextmanager
def _faces(where: Where) -> Iterator[FacesAccess]:
    """The stored faces, through a running mirror where there is one; says which."""
    from mirror.faces_access import StoreAccess, connected

    access: FacesAccess | None = None
    if not where.offline:
        access = connected(where.namespace, needs_mirror=False)
    if access is None:
        access = StoreAccess(where.database, where.pictures)
    try:
        Console(stderr=True).print(f"Working on {access.place}.", style="dim", markup=False, soft_wrap=True)
        yield access
    finally:
        access.close()


@contextmanager
def _mirror(where: Where) -> Iterator[MirrorAccess]:
    """The running mirror."""
    from mirror.faces_access import connected

    access = connected(where.namespace, needs_mirror=True)
    assert access is not None
    try:
        yield access
    finally:
        access.close()


@app.command("list")
def list_faces(
    context: typer.Context,
    *,
    contains: Annotated[str, typer.Argument(help="Only names that contain this.")] = "",
) -> None:
    """List the stored faces and those that come with the program."""
    from mirror.faces_words import SHORT_ID, kept

    with _faces(context.obj) as access:
        faces = access.listed(contains)
    table = Table()
    for heading in ("name", "id", "views", "kept", "others", "recognised", "since"):
        table.add_column(heading, justify="right" if heading == "views" else "left")
    for face in faces:
        if face.entry is None:
            table.add_row(face.name, face.id, str(face.views), "always", "yes", "", "")
            continue
        consent = face.entry.consent
        table.add_row(
            face.name,
            face.id[:SHORT_ID],
            str(face.views),
            kept(consent),
            "yes" if consent.others_may_wear else "no",
            "yes" if consent.recognise else "no",
            f"{face.entry.created.astimezone():%Y-%m-%d}",
        )
    Console().print(table)


@app.command()
def capture(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Argument(help="Name to store the face under.")],
    face: Track = None,
    until: Until = "",
    this_visit: ThisVisit = False,
    until_revoked: UntilRevoked = False,
    others: Others = False,
    recognise: Recognise = False,
) -> None:
    """Capture the face of who stands in front of the mirror; Ctrl-C cancels."""
    from rich.live import Live

    from mirror.faces_ring import capture_view
    from mirror.faces_words import consent_of, said

    consent = consent_of(until, this_visit, until_revoked, others, recognise)
    console, last = Console(), ""
    with _mirror(context.obj) as mirror, Live(console=console, auto_refresh=False, transient=True) as live:

        def show(feedback: Any) -> None:
            nonlocal last
            if console.is_terminal:
                names = ("pose", "light", "sharpness", "size", "stability")
                quality = {name: getattr(feedback, name) for name in names}
                live.update(capture_view(feedback.progress, feedback.hint, quality), refresh=True)
            elif feedback.hint != last:
                print(f"{feedback.progress:4.0%} {feedback.hint}", flush=True)
                last = feedback.hint

        try:
            success, message = mirror.capture(face, name, consent, show)
        except KeyboardInterrupt:
            live.stop()
            print("The capture was cancelled; nothing was kept.")
            raise typer.Exit(EXIT_CANCELLED) from None
    print(message)
    if not success:
        raise typer.Exit(EXIT_FAILED)
    print(said(consent))


@app.command()
def add(
    context: typer.Context,
    *,
    photo: Annotated[Path, typer.Argument(help="Photograph (JPEG, PNG, WebP) or face file.")],
    name: Annotated[str, typer.Option(help="Name to store the face under.")] = "",
    points: Annotated[
        Path | None,
        typer.Option(help="JSON or CSV file with points placed by hand, for drawings and masks."),
    ] = None,
    until: Until = "",
    this_visit: ThisVisit = False,
    until_revoked: UntilRevoked = False,
    others: Others = False,
    recognise: Recognise = False,
) -> None:
    """Store the face in a photograph."""
    from mirror.faces_words import SHORT_ID, consent_of, said
    from mirror_gallery.gallery import is_face_file, read_limited

    consent = consent_of(until, this_visit, until_revoked, others, recognise)
    data = read_limited(photo)
    if not is_face_file(data):
        name = name or photo.stem
    placed = None if points is None else _mesh(data, points)
    with _faces(context.obj) as access:
        face_id = access.add(data, name, consent, placed)
    print(f"{name or photo.name} is stored ({face_id[:SHORT_ID]}). {said(consent)}")


def _mesh(data: bytes, points: Path) -> dict[int, tuple[float, float]]:
    """The whole mesh through the points of a file, in pixels of the photograph."""
    from mirror_gallery.photo import read_photograph
    from mirror_gallery.point_fit import fit_mesh
    from mirror_gallery.points_file import read_points

    mesh = fit_mesh(read_points(points, read_photograph(data).size))
    return {index: (float(x), float(y)) for index, (x, y, _) in enumerate(mesh)}


@app.command("import")
def import_face(
    context: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(help="File made by `mirror faces export`.")],
    name: Annotated[str, typer.Option(help="Another name; empty: the one in the file.")] = "",
    until: Until = "",
    this_visit: ThisVisit = False,
    until_revoked: UntilRevoked = False,
    others: Others = False,
    recognise: Recognise = False,
) -> None:
    """Store the face of a face file; the consent is given anew."""
    from mirror.faces_words import SHORT_ID, consent_of, said
    from mirror_gallery.gallery import is_face_file, read_limited

    consent = consent_of(until, this_visit, until_revoked, others, recognise)
    data = read_limited(file)
    if not is_face_file(data):
        raise UsageError(f"{file} is no face file; a photograph is stored with `mirror faces add`.")
    with _faces(context.obj) as access:
        face_id = access.add(data, name, consent, None)
    print(f"{file.name} is stored ({face_id[:SHORT_ID]}). {said(consent)}")


@app.command()
def export(
    context: typer.Context,
    *,
    face: Face,
    file: Annotated[Path | None, typer.Argument(help="File to write; default: NAME.mirrorface.")] = None,
) -> None:
    """Write a face to a file, which another mirror can import."""
    from mirror.faces_words import found
    from mirror_core.store.audit import AuditLog, Event
    from mirror_gallery.gallery import write_new

    with _faces(context.obj) as access:
        chosen = found(access.listed(), face)
        path = file or Path(f"{chosen.name.replace('/', '_')}.mirrorface")
        write_new(access.face_file(chosen.id), path)
    if chosen.entry is not None:
        AuditLog().note(Event.EXPORTED, chosen.id, "command")
    print(f"{chosen.name} is written to {path}.")


@app.command()
def rename(
    context: typer.Context,
    *,
    face: Face,
    name: Annotated[str, typer.Argument(help="The new name.")],
) -> None:
    """Give a face another name."""
    from mirror.faces_words import found

    with _faces(context.obj) as access:
        chosen = found(access.listed(), face)
        access.rename(chosen.id, name)
    print(f"{chosen.name} is now {name}.")


@app.command()
def erase(
    context: typer.Context,
    *,
    face: Face,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Erase a face with everything derived from it."""
    from mirror.faces_words import SHORT_ID, found

    with _faces(context.obj) as access:
        chosen = found(access.listed(), face)
        if not yes:
            if not sys.stdin.isatty():
                raise UsageError(f"Erasing {chosen.name} cannot be undone; say --yes to do it.")
            typer.confirm(f"Erase {chosen.name} ({chosen.id[:SHORT_ID]}) for good?", abort=True)
        purged = access.erase(chosen.id)
    print(f"{chosen.name} is erased: {', '.join(purged)}.")


@app.command()
def wear(
    context: typer.Context,
    *,
    face: Annotated[str, typer.Argument(help="Name or id of a stored face; empty with --off.")] = "",
    track: Track = None,
    everybody: Annotated[bool, typer.Option("--everybody", help="Everybody who wears nothing else.")] = False,
    off: Annotated[bool, typer.Option("--off", help="Take the worn face off.")] = False,
) -> None:
    """Let somebody in front of the mirror wear a stored face (effect `swap` shows it)."""
    from mirror.faces_words import found

    if bool(face) == off:
        raise UsageError("Give a stored face to wear, or --off to take it off.")
    if everybody and track is not None:
        raise UsageError("Give --face or --everybody, not both.")
    with _mirror(context.obj) as mirror:
        wearer = EVERYBODY if everybody else _somebody(mirror, track)
        print(mirror.wear(wearer, "" if off else found(mirror.listed(), face).id))


@app.command("check-in")
def check_in(
    context: typer.Context,
    *,
    face: Annotated[str, typer.Argument(help="Name or id of the stored person; empty with --out.")] = "",
    track: Track = None,
    out: Annotated[bool, typer.Option("--out", help="Check out: be nobody here.")] = False,
) -> None:
    """Say who stands in front of the mirror."""
    from mirror.faces_words import found

    if bool(face) == out:
        raise UsageError("Give the stored person who is there, or --out to check out.")
    with _mirror(context.obj) as mirror:
        track = _somebody(mirror, track)
        print(mirror.check_in(track, "" if out else found(mirror.listed(), face).id))


def _somebody(mirror: MirrorAccess, track: int | None) -> int:
    """The face that is meant: the given one, or the largest.

    Raises:
        UsageError: if nobody is there.
    """
    if track is not None:
        return track
    seen = mirror.faces_in_view()
    if not seen:
        raise UsageError("Nobody is in front of the mirror.")
    return seen[0]
