"""Where a person is found outside the database: messages written as files, and backups."""

from collections.abc import Collection
from pathlib import Path

_TEST_MESSAGE = 0


def remove_mail(outbox: Path, messages: Collection[int]) -> int:
    """Delete the files of these messages (by id) and of test messages, which went to anybody; return how many."""
    wanted = {f"{message:06d}" for message in (*messages, _TEST_MESSAGE)}
    found = [path for path in outbox.glob("*-*") if path.name.partition("-")[0] in wanted]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def backups(folder: Path) -> list[str]:
    """Return the names of the backups in `folder`; each holds whoever was known when it was made."""
    return sorted(path.name for path in folder.glob("*.db"))
