"""The writers' lock: one writer at a time, in turn, whatever the number of processes.

An advisory lock on a file beside the database (never on the database itself, whose locks SQLite owns). The kernel
queues the waiting processes fairly and frees the lock when its holder dies. Measured in
``docs/decisions/0001-writers-lock.md``.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shopctl.errors import UnreachableError


class WritersLock:
    """The lock on `path`, waited for at most `timeout` seconds."""

    def __init__(self, path: Path, timeout: float = 30.0) -> None:
        self.path = path
        self.timeout = timeout

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock.

        Raises:
            UnreachableError: others held it for longer than the timeout.
        """
        descriptor = self._acquire()
        try:
            yield
        finally:
            os.close(descriptor)

    def _acquire(self) -> int:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return self._wait(descriptor)
        return descriptor

    def _wait(self, descriptor: int) -> int:
        """Wait in the kernel's queue from a helper thread: polling would lose every race against those who queue."""
        acquired = threading.Event()
        abandoned = threading.Event()
        door = threading.Lock()

        def queue() -> None:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            with door:
                if abandoned.is_set():
                    os.close(descriptor)
                else:
                    acquired.set()

        threading.Thread(target=queue, daemon=True, name="writers-lock").start()
        try:
            acquired.wait(self.timeout)
        finally:
            with door:
                if not acquired.is_set():
                    abandoned.set()
        if acquired.is_set():
            return descriptor
        raise UnreachableError(
            f"Another process has been writing to this shop for over {self.timeout:g} seconds.",
            "Try again; `shopctl worker status` and `ps` show what runs.",
            path=str(self.path),
        )
