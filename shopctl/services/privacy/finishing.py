"""Finishing what forgetting leaves to do after its commit: messages' files, and what the database's files still say.

A marker beside the database tells that this is to be done. It is written before the commit and goes when all is done,
so that a kill or a full disk in between is made good by the next `customer forget` or worker.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection, select

from shopctl.errors import UnreachableError
from shopctl.services.notifications.tables import notification
from shopctl.services.privacy.exporting import ERASED_MESSAGE
from shopctl.services.privacy.traces import mail, remove_mail

if TYPE_CHECKING:
    from shopctl.shop import Shop

_MARKER = "forgetting-"


class Finished(msgspec.Struct, frozen=True):
    """What was done: so many files deleted; `emptied` is False while a reader keeps the database's log."""

    files: int
    emptied: bool


def begin(home: Path, customer_id: int) -> None:
    """Mark that a forgetting is to be finished; call it in the transaction that forgets.

    Raises:
        UnreachableError: the marker cannot be written.
    """
    try:
        (home / f"{_MARKER}{customer_id}").touch(0o600)
        folder = os.open(home, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise UnreachableError(
            f"{home} cannot be written: {error.strerror}. Nothing was changed.", "Free some space, and do it again."
        ) from None


def unfinished(home: Path) -> bool:
    """Return whether a forgetting was begun and not finished."""
    return bool(_markers(home))


def erased_mail(conn: Connection, outbox: Path) -> list[Path]:
    """Return the files of messages that were erased, and of test messages."""
    return mail(outbox, conn.execute(select(notification.c.id).where(ERASED_MESSAGE)).scalars().all())


def finish(shop: "Shop") -> Finished:
    """Delete the files of erased messages and write the database anew; safe to do again.

    Raises:
        UnreachableError: the disk is full, or others hold the database; it is still to be finished.
    """
    markers = _markers(shop.home)
    with shop.write(command="forget") as conn:  # who wrote one of these markers has committed, or died
        files = remove_mail(erased_mail(conn, shop.home / "outbox"))
    emptied = shop.rewrite()
    if emptied:
        for marker in markers:
            marker.unlink(missing_ok=True)
    return Finished(files, emptied)


def _markers(home: Path) -> list[Path]:
    return list(home.glob(f"{_MARKER}*"))
