"""Which workers are alive: each holds a lock on a file of its own, which the kernel frees when it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec


class WorkerInfo(msgspec.Struct, frozen=True):
    """A worker that is alive."""

    pid: int
    started_at: datetime


class Presence:
    """The workers of the shop in `home`."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "workers"

    @contextmanager
    def announced(self) -> Iterator[None]:
        """Be known as a worker."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        path = self.folder / f"{os.getpid()}.json"
        draft = path.with_suffix(".new")
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, msgspec.json.encode(WorkerInfo(os.getpid(), datetime.now(UTC))), 0)
            draft.replace(path)  # seen by others only once it is locked
            yield
        finally:
            path.unlink(missing_ok=True)
            os.close(descriptor)

    def any(self) -> bool:
        """Return whether a worker is alive."""
        return bool(self.alive())

    def alive(self) -> list[WorkerInfo]:
        """Return the workers that are alive; what dead ones left behind is cleared away."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            with suppress(FileNotFoundError):
                descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    path.unlink(missing_ok=True)
                except BlockingIOError:
                    with suppress(msgspec.DecodeError):
                        found.append(msgspec.json.decode(os.pread(descriptor, 4096, 0), type=WorkerInfo))
                finally:
                    os.close(descriptor)
        return found
