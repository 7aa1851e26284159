"""Which version of the schema a database has, and how it gets the newest: Alembic migrations, one transaction.

The migrations are shipped inside the package; a checkout has them at its root. Their file names begin with their
revision, ``20261123_01``, so that the newest is known without importing Alembic.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select, table, text

from shopctl.database.engine import migration_engine
from shopctl.errors import UnreachableError, UnsoundError

APPLICATION_ID = 0x73686F70
"""Marks an SQLite file as a shop's (``PRAGMA application_id``): "shop" in ASCII."""

_REVISION_LENGTH = len("20261123_01")


class SchemaStatus(msgspec.Struct, frozen=True):
    """The schema's version in a database (None: not set up) and the one this shopctl works with."""

    version: str | None
    newest: str
    pending: list[str]


def migrations() -> Path:
    """Return the folder of the migrations."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "migrations"
    return shipped if shipped.is_dir() else package.parent / "migrations"


def revisions() -> list[str]:
    """Return every revision, oldest first."""
    return sorted(path.name[:_REVISION_LENGTH] for path in (migrations() / "versions").glob("[0-9]*.py"))


def check_file(path: Path) -> None:
    """Refuse an SQLite file that is not a shop's before anything opens, and so changes, it.

    The mark stands in the file's header (sqlite.org/fileformat2.html, 1.3). What is no SQLite file is left to SQLite.

    Raises:
        UnreachableError: the file is empty.
        UnsoundError: it is somebody else's database.
    """
    with path.open("rb") as file:
        header = file.read(100)
    if not header:
        raise UnreachableError(f"There is no shop in {path} yet: it is empty.", "Run `shopctl init`.")
    mark = int.from_bytes(header[68:72], "big")
    if header.startswith(b"SQLite format 3\0") and mark != APPLICATION_ID:
        raise UnsoundError(f"The database {path} is not a shop's.", "Name the shop's folder with --home.")


def version(conn: Connection) -> str | None:
    """Return the revision of the database behind `conn`, or None if it has no schema yet.

    Raises:
        UnsoundError: the database is not a shop's.
    """
    if conn.exec_driver_sql("PRAGMA application_id").scalar_one() != APPLICATION_ID:
        if conn.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar_one() == 0:
            return None
        raise UnsoundError("This database is not a shop's.", "Name the shop's folder with --home.")
    return conn.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def check(conn: Connection) -> None:
    """Refuse a database whose schema is not the one this shopctl works with.

    Raises:
        UnreachableError: it is older, newer, or empty.
        UnsoundError: the database is not a shop's.
    """
    found, newest = version(conn), revisions()[-1]
    if found == newest:
        return
    if found is None:
        raise UnreachableError("There is no shop in this database yet.", "Run `shopctl init`.")
    if found > newest:
        raise UnreachableError(
            f"The shop was written by a newer shopctl (schema {found}; this one knows {newest}).",
            "Install that version of shopctl, or a newer one.",
            version=found,
            newest=newest,
        )
    raise UnreachableError(
        f"The shop was written by an older shopctl (schema {found}; this one needs {newest}).",
        "Run `shopctl db upgrade`; it makes a backup first.",
        version=found,
        newest=newest,
    )


def status(conn: Connection) -> SchemaStatus:
    """Return the schema's version and the migrations that are still to run."""
    found = version(conn)
    known = revisions()
    return SchemaStatus(version=found, newest=known[-1], pending=[r for r in known if found is None or r > found])


def upgrade(path: Path, to: str = "head") -> list[str]:
    """Bring the database at `path` to revision `to`, all steps or none; return the revisions that ran.

    The caller holds the writers' lock and has made a backup.

    Raises:
        UnsoundError: rows were lost or left without what they refer to; the old version is kept.
        UnreachableError: the database is newer than this shopctl.
    """
    with _transaction(path) as conn:
        before = version(conn)
        if before is not None and before > revisions()[-1]:
            check(conn)
        rows = _row_counts(conn)
        _alembic(conn, "upgrade", to)
        conn.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        _compare(rows, _row_counts(conn))
        if conn.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise UnsoundError("The upgrade would leave rows without what they refer to.", "The old version was kept.")
        after = version(conn) or ""
        return [r for r in revisions() if (before or "") < r <= after]


def downgrade(path: Path, to: str) -> None:
    """Take the database at `path` back to revision `to` ("base": none). For developers; rows of younger tables go."""
    with _transaction(path) as conn:
        _alembic(conn, "downgrade", to)


def _alembic(conn: Connection, verb: str, to: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["connection"] = conn
    run: Any = {"upgrade": command.upgrade, "downgrade": command.downgrade}[verb]
    run(config, to)


@contextmanager
def _transaction(path: Path) -> Iterator[Connection]:
    engine = migration_engine(path)
    try:
        with engine.begin() as conn:
            yield conn
    finally:
        engine.dispose()


def _row_counts(conn: Connection) -> dict[str, int]:
    names = conn.exec_driver_sql(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        " AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%_search%' AND name <> 'alembic_version'"
    ).scalars()
    return {name: conn.execute(select(func.count()).select_from(table(name))).scalar_one() for name in list(names)}


def _compare(before: Mapping[str, int], after: Mapping[str, int]) -> None:
    lost = {name: (count, after[name]) for name, count in before.items() if name in after and after[name] < count}
    if lost:
        what = ", ".join(f"{name}: {was} to {now}" for name, (was, now) in lost.items())
        raise UnsoundError(f"The upgrade would lose rows ({what}).", "The old version was kept.")
