"""Gallery and mood log make their tables at the same moment, as at a composed mirror's first start."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import create_engine, inspect

from mirror_core.store.database import Database
from mirror_core.store.schema import Schema
from mirror_gallery.store.models import Base
from mirror_gallery.store.schema import GALLERY
from mirror_mood.log.models import METADATA
from mirror_mood.log.schema import MOOD_LOG

STARTS = 8  # without the lock nearly every one goes wrong


def tables(file: Path) -> set[str]:
    engine = create_engine(f"sqlite:///{file}")
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_each_store_gets_its_own_tables_and_no_others(tmp_path: Path) -> None:
    errors: list[Exception] = []

    def open_store(schema: Schema, file: Path, together: threading.Barrier) -> None:
        together.wait()
        try:
            Database(str(file), schema, file).close()
        except Exception as error:
            errors.append(error)

    for number in range(STARTS):
        together = threading.Barrier(2)
        files = {
            schema: tmp_path / str(number) / f"{schema.application}.sqlite" for schema in (GALLERY, MOOD_LOG)
        }
        threads = [threading.Thread(target=open_store, args=(s, f, together)) for s, f in files.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        for schema, metadata in ((GALLERY, Base.metadata), (MOOD_LOG, METADATA)):
            assert tables(files[schema]) == {*metadata.tables, schema.version_table}
