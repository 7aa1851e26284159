"""Huey, bound to a shop at run time: the alarm clock that wakes a worker. What is to be done stands in the rows.

A task is lost when its process is killed, so a task carries nothing but ids, and a sweep finds what was not done.
"""

import contextlib
import functools
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec


def _without_psycopg() -> Any:
    """Import Huey as it is on SQLite: with psycopg installed, its import takes 100 ms more."""
    absent = object()
    before = sys.modules.get("psycopg", absent)
    if before is absent:
        sys.modules["psycopg"] = None  # type: ignore[assignment]
    try:
        import huey.consumer
        import huey.serializer
        import huey.storage
    finally:
        if before is absent:
            del sys.modules["psycopg"]
    return huey


huey = _without_psycopg()


class _JsonSerializer(huey.serializer.Serializer):  # type: ignore[misc, name-defined]
    """Messages are JSON of names and ids: a pickle in the queue's file would run whatever somebody wrote there."""

    def _serialize(self, data: Any) -> bytes:
        return msgspec.json.encode(list(data))

    def _deserialize(self, data: Any) -> Any:
        from huey.registry import Message

        message = Message(*msgspec.json.decode(bytes(data)))
        times = ("eta", "expires_resolved")
        return message._replace(**{name: _moment(getattr(message, name)) for name in times})


class _LazyStorage(huey.storage.SqliteStorage):  # type: ignore[misc, name-defined]
    """Creates its tables on the first use of a connection, and begins a new file when it was deleted or is damaged.

    Nothing is lost with it: it holds alarms only, and the sweep of every minute needs none.
    """

    _conn: Any
    _opened: int | None

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, create_tables=False, **options)

    def _create_connection(self) -> Any:
        try:
            return self._opened_connection()
        except sqlite3.DatabaseError as error:
            if not _is_damaged(error):
                raise
            self._remove()
            return self._opened_connection()

    def _opened_connection(self) -> Any:
        Path(self.filename).touch(0o600)
        connection = super()._create_connection()
        for statement in self.ddl:
            connection.execute(statement)
        return connection

    @contextlib.contextmanager
    def db(self, *args: Any, **options: Any) -> Iterator[Any]:
        """Give a cursor; a file that turns out to be damaged is removed, and the next use begins a new one."""
        try:
            with super().db(*args, **options) as cursor:
                yield cursor
        except sqlite3.DatabaseError as error:
            if _is_damaged(error):
                self._remove()
            raise

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.filename}{suffix}").unlink(missing_ok=True)

    @property
    def conn(self) -> Any:
        if self._conn is not None and self._opened != _inode(self.filename):
            self._conn.close()
            self._conn = None
        if self._conn is None:
            self._conn = self._create_connection()
            self._opened = _inode(self.filename)
        return self._conn


_MANY = 16


class Queue:
    """The queue in the file `path`, whose tasks run these functions of (shop, ids…).

    Args:
        path: the queue's own SQLite file.
        shop: what each task is called with first.
        tasks: the functions that can be woken, known by their names.
        periodic: those of them that also run every minute.
    """

    def __init__(
        self, path: Path, shop: object, tasks: Sequence[Callable[..., None]], periodic: Sequence[Callable[..., None]]
    ) -> None:
        self.huey = huey.Huey(
            "shopctl", results=False, storage_class=_LazyStorage, filename=str(path), serializer=_JsonSerializer()
        )

        def bound(task: Callable[..., None]) -> Callable[..., None]:
            return functools.wraps(task)(lambda *ids: task(shop, *ids))

        self._tasks = {task.__name__: self.huey.task(name=task.__name__)(bound(task)) for task in tasks}
        for task in periodic:
            self.huey.periodic_task(huey.crontab(minute="*"), name=f"{task.__name__}_every_minute")(bound(task))

    def wake(self, task: str) -> None:
        """Have `task` run soon. With many waiting to run already, one of those will see what is new."""
        if self.huey.pending_count() < _MANY:
            self._tasks[task]()

    def wake_in(self, task: str, seconds: float) -> None:
        """Have `task` run in so many seconds."""
        self._tasks[task].schedule(delay=seconds)

    def worker(self, begun: Callable[[], None]) -> "Worker":
        """Return a worker that runs the tasks, one after the other, and calls `begun` once it does."""
        return Worker(self.huey, begun)

    def close(self) -> None:
        """Let go of the file."""
        self.huey.storage.close()


class Worker(huey.consumer.Consumer):  # type: ignore[misc, name-defined]
    """Huey's consumer, which looks every 50 ms and on INT, TERM and HUP finishes what it is doing."""

    def __init__(self, bound: Any, begun: Callable[[], None]) -> None:
        super().__init__(bound, workers=1, initial_delay=0.05, max_delay=0.05)
        self._begun = begun
        self._signal_actions = dict.fromkeys((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), (False, True))

    def start(self) -> None:
        """Start, then say so: from here on a signal ends it in order."""
        super().start()
        self._begun()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _is_damaged(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def _inode(filename: str) -> int | None:
    try:
        return Path(filename).stat().st_ino
    except FileNotFoundError:
        return None
