"""Copies of a running shop's database that can be trusted: SQLite's backup API, verified, then put in place."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from shopctl.errors import BadValueError, UnreachableError, UnsoundError


class Backup(msgspec.Struct, frozen=True):
    """A verified copy."""

    path: str
    size: int


def backup(source: Path, target: Path, *, force: bool = False) -> Backup:
    """Copy the database `source`, in use or not, to the file `target`.

    The copy is written beside its target, checked, flushed to the disk and only then renamed: a file with the name of a
    backup is a good one.

    Raises:
        BadValueError: the target exists and `force` is not given, is a link, or is the database itself.
        UnreachableError: it cannot be written.
        UnsoundError: the database is damaged.
    """
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise BadValueError(f"{target} is a link or a folder, not a file.", "Name a file.")
    if target.exists() and (target.samefile(source) or not force):
        raise BadValueError(f"{target} exists already.", "Name another file, or add --force to replace it.")
    draft = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(source, timeout=30)) as original, closing(sqlite3.connect(draft)) as copy:
            original.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            if problems := verify(copy):
                raise UnsoundError(f"The copy is not sound: {problems[0]}", "Run `shopctl doctor`.")
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(target)
        _flush_folder(target.parent)
    except (OSError, sqlite3.OperationalError) as error:
        raise UnreachableError(
            f"The backup could not be written to {target}: {error}.", "Check the folder and its free space."
        ) from error
    except sqlite3.DatabaseError as error:
        raise UnsoundError(f"The database {source} is damaged: {error}.", "Use an earlier copy.") from error
    finally:
        draft.unlink(missing_ok=True)
    return Backup(path=str(target), size=target.stat().st_size)


def verify(database: sqlite3.Connection) -> list[str]:
    """Return what SQLite finds wrong with `database`: pages, indexes, CHECKs, references; nothing if it is sound."""
    found = [row[0] for row in database.execute("PRAGMA integrity_check") if row[0] != "ok"]
    found += [
        f"a row of {table} refers to a missing row of {parent}"
        for table, _rowid, parent, _fk in database.execute("PRAGMA foreign_key_check")
    ]
    return found


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
