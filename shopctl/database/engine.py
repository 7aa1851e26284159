"""Engines over one SQLite file, set so that a shop's numbers stay right (``docs/decisions/0002-engine.md``)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

BUSY_TIMEOUT_MS = 30_000
PRAGMAS = (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


def engine(path: Path) -> Engine:
    """Return the engine over the database file `path`, which must exist."""
    made = create_engine(_url("sqlite", path))
    _prepare(made)
    return made


def async_engine(path: Path) -> "AsyncEngine":
    """Return the same engine over aiosqlite, for reads on an event loop."""
    from sqlalchemy.ext.asyncio import create_async_engine

    made = create_async_engine(_url("sqlite+aiosqlite", path))
    _prepare(made.sync_engine)
    return made


def migration_engine(path: Path) -> Engine:
    """Return an engine for migrations: foreign keys off before BEGIN, one immediate transaction, connections not kept.

    With foreign keys on, rebuilding a table deletes the rows that refer to it.
    """
    from sqlalchemy import NullPool

    made = create_engine(_url("sqlite", path), poolclass=NullPool)
    _prepare(made, pragmas=(*PRAGMAS[:-1], "foreign_keys=OFF"), always_writes=True)
    return made


def _url(driver: str, path: Path) -> URL:
    from urllib.parse import quote

    return URL.create(driver, database=f"file:{quote(str(path.absolute()))}", query={"mode": "rw", "uri": "true"})


def _prepare(made: Engine, pragmas: tuple[str, ...] = PRAGMAS, *, always_writes: bool = False) -> None:
    @event.listens_for(made, "connect")
    def connect(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None  # BEGIN is ours, below: the driver's own begins too late and drops SELECTs
        cursor = dbapi.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(made, "begin")
    def begin(conn: Connection) -> None:
        writes = always_writes or conn.get_execution_options().get("operation") is not None
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
