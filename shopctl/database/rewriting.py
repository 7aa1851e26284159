"""Writing the database file anew, so that nothing of what was deleted can be read from it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from shopctl.errors import UnreachableError

READERS = 5.0
"""How long, in seconds, to wait for those who read what is being replaced."""


def check_room(database: Path) -> None:
    """Find out whether the disk can hold the file twice more: the copy, and the log of putting it in place.

    Raises:
        UnreachableError: it cannot.
    """
    needed, free = 2 * database.stat().st_size, shutil.disk_usage(database.parent).free
    if free < needed:
        raise UnreachableError(
            f"Writing {database} anew needs {needed // 1_000_000 + 1:,} MB, and {free // 1_000_000:,} MB are free.",
            "Free some space and do it again; nothing was changed.",
        )


def rewrite(database: Path) -> bool:
    """Write the file anew and empty its log; return False if a reader keeps the log from being emptied.

    Deleted rows leave copies in free pages and in the log (sqlite.org/lang_vacuum.html; sqlite.org/wal.html,
    "TRUNCATE"). The log goes when the last process closes the database. The caller holds the writers' lock.

    Raises:
        UnreachableError: the disk is full, or others hold the database.
    """
    try:
        with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            connection.execute(f"PRAGMA busy_timeout = {READERS * 1000:.0f}")
            kept: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError as error:
        raise UnreachableError(
            f"{database} could not be written anew: {error}. What was deleted may still be read from it.",
            "Free some space, let no other process hold the database, then run `shopctl customer forget` to finish.",
        ) from None
    return not kept
