"""The shop's folder: where it is, what is in it, and which folders cannot hold one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shopctl import settings
from shopctl.errors import BadValueError, ConflictError, UnreachableError
from shopctl.text import safe

DATABASE = "shop.db"
QUEUE = "queue.db"
LOCK = "shop.lock"
FOLDERS = ("outbox", "backups", "templates")

_DATABASE_FILES = ("", "-wal", "-shm", "-journal")
_OWN = frozenset({LOCK, settings.FILE, *(name + end for name in (DATABASE, QUEUE) for end in _DATABASE_FILES)})

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.rclone", "davfs"}
)
_SYNCED = (
    "dropbox",
    "onedrive",
    "google drive",
    "googledrive",
    "nextcloud",
    "owncloud",
    "syncthing",
    "mobile documents",
)


def default() -> Path:
    """Return the folder of the shop when none is named: in the user's data folder (XDG Base Directory)."""
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "shopctl"


def checked(home: Path) -> Path:
    """Return `home` if there is a shop in it.

    Raises:
        UnreachableError: there is none, or it cannot be used.
    """
    home = _absolute(home)
    try:
        if home.exists() and not home.is_dir():
            raise UnreachableError(f"{home} is no folder.", "Name the shop's folder with --home or SHOPCTL_HOME.")
        found = (home / DATABASE).is_file()
    except PermissionError:
        raise UnreachableError(f"{home} cannot be read.", "Check the owner and the rights of the folder.") from None
    if not found:
        raise UnreachableError(
            f"There is no shop in {home}.", "Run `shopctl init`, or name its folder with --home or SHOPCTL_HOME."
        )
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise UnreachableError(f"{home} cannot be written.", "Check the owner and the rights of the folder.")
    return home


def refuse_own(path: Path) -> None:
    """Check that `path`, where something is to be written, is no file that a shop is made of.

    Raises:
        BadValueError: it is.
    """
    if path.name.casefold() in _OWN and (path.parent / DATABASE).is_file():
        raise BadValueError(
            f"{safe(str(path), 200)} is a file of the shop itself; nothing else is written there.",
            "Name another file, outside the shop's folder.",
        )


@contextmanager
def created(home: Path) -> Iterator[Path]:
    """Give a folder to build a new shop in; it is put in place when the block ends, and leaves nothing if it fails.

    Raises:
        ConflictError: there is a shop in `home`.
        UnreachableError: the folder cannot be made, or is where SQLite cannot keep its promises.
    """
    from shopctl.database.lock import WritersLock

    home = _absolute(home)
    _refuse_shared(home)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.chmod(0o700)
        with WritersLock(home / LOCK).held():
            if (home / DATABASE).exists() and (home / DATABASE).stat().st_size > 0:
                raise ConflictError(
                    f"There is already a shop in {home}.", "Use it, or name another folder with --home."
                )
            draft = home / ".init"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(mode=0o700)
            try:
                for name in FOLDERS:
                    (draft / name).mkdir(mode=0o700)
                    (home / name).mkdir(mode=0o700, exist_ok=True)
                (draft / DATABASE).touch(0o600)
                yield draft
                (draft / settings.FILE).replace(home / settings.FILE)
                (draft / DATABASE).replace(home / DATABASE)  # last: with it, the shop exists
            finally:
                shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise UnreachableError(
            f"The folder {home} cannot be made: {error.strerror}.", "Name another one with --home."
        ) from None


def _absolute(home: Path) -> Path:
    try:
        return home.expanduser().absolute()
    except RuntimeError:
        raise UnreachableError(f"{home} names a user who is not here.", "Name the shop's folder with --home.") from None


def _refuse_shared(home: Path) -> None:
    """Refuse folders where locks do not hold or files are copied half-written (sqlite.org/howtocorrupt.html)."""
    if kind := _file_system(home):
        raise UnreachableError(
            f"{home} is on a network file system ({kind}), where locks do not hold and a shop's data is lost.",
            "Name a folder on a local disk with --home.",
        )
    for part in home.parts:
        if part.casefold().startswith(_SYNCED):
            raise UnreachableError(
                f"{home} is in a synced folder ({part}), which copies databases half-written.",
                "Name a folder outside it with --home, and put backups there.",
            )


def _file_system(home: Path) -> str:
    """Return the kind of the network file system that holds `home`, or ""."""
    try:
        mounts = Path("/proc/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    for fields in (line.split() for line in mounts):
        point = fields[1].encode().decode("unicode_escape") if len(fields) > 2 else "?"
        if home.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind if kind in _NETWORK else ""
