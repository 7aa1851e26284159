"""Where a person is found outside the database: messages written as files, and backups."""

from collections.abc import Collection, Iterable
from pathlib import Path

_TEST_MESSAGE = 0


def mail(outbox: Path, messages: Collection[int]) -> list[Path]:
    """Return the files of these messages (by id) and of test messages, which went to anybody."""
    wanted = {f"{message:06d}" for message in (*messages, _TEST_MESSAGE)}
    return [path for path in outbox.glob("*-*") if path.name.partition("-")[0] in wanted]


def remove_mail(files: Iterable[Path]) -> int:
    """Delete these files; return how many."""
    removed = 0
    for path in files:
        path.unlink(missing_ok=True)
        removed += 1
    return removed


def backups(folder: Path) -> list[str]:
    """Return the names of the backups in `folder`; each holds whoever was known when it was made."""
    return sorted(path.name for path in folder.glob("*.db"))
