"""A shop, opened: its folder, its settings, its engines, its lock and its queue. Transactions begin and end here."""

import getpass
import os
import socket
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

import msgspec
from sqlalchemy import Connection, func, select

from shopctl import clock, settings
from shopctl import home as homes
from shopctl.clock import Clock, zone
from shopctl.database import Operation, metadata, schema, translated
from shopctl.database import engine as engines
from shopctl.database.lock import WritersLock
from shopctl.errors import BadValueError, UnreachableError
from shopctl.presence import Presence
from shopctl.text import checked, safe

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from shopctl.queue import Queue

P = ParamSpec("P")
T = TypeVar("T")


class Effects(msgspec.Struct, frozen=True):
    """What a dry run would have written: rows by table, and the messages that would be sent."""

    rows: dict[str, int]
    messages: list[str]


class Shop:
    """An open shop.

    Attributes:
        home: its folder.
        settings: its settings, and in `origins` where each comes from.
        effects: what the last dry run would have written.
        awake: the queue, where this process runs a worker.
        threads: how many messages this process sends at once.
    """

    def __init__(
        self,
        home: Path,
        *,
        actor: str | None = None,
        origin: str = "command",
        clock: Clock = clock.now,
        check_schema: bool = True,
        new: bool = False,
    ) -> None:
        """Open the shop in `home`; a `new` one has no schema yet.

        Raises:
            UnreachableError: there is none, it cannot be read, or its schema is another version's.
            UnsoundError: it is damaged.
            BadValueError: a setting or the actor cannot be used.
        """
        self.home = homes.checked(home)
        self.database = self.home / homes.DATABASE
        self.settings, self.origins = settings.load(self.home)
        zone(self.settings.shop.timezone)  # a shop with no such zone says so before it does anything
        self._user, self._host = system_user(), socket.gethostname()
        self.actor = _checked_actor(actor) if actor else self._user
        self.origin = origin
        self.clock = clock
        self.effects: Effects | None = None
        self.awake: Queue | None = None
        self.threads = 1
        self.presence = Presence(self.home)
        self._lock = WritersLock(self.home / homes.LOCK)
        self._engine = engines.engine(self.database)
        if not new:
            schema.check_file(self.database)
        if check_schema and not new:
            with self.read() as conn:
                schema.check(conn)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all files."""
        self._engine.dispose()
        if "queue" in self.__dict__:
            self.queue.close()
        if "_writer" in self.__dict__:
            self._writer.shutdown()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees the shop as it is at one moment."""
        with translated(self.database), self._engine.connect() as plain:
            conn = plain.execution_options(**self._context())
            with conn.begin():
                yield conn

    @contextmanager
    def write(self, *, command: str = "", dry_run: bool = False) -> Iterator[Connection]:
        """Give a connection whose changes are kept together or not at all; then wake a worker if there is news.

        With `dry_run` all is rolled back and `effects` tells what was written.

        Raises:
            UnreachableError: others write for too long, or the disk is full.
        """
        made = Operation(actor=self.actor, system_user=self._user, host=self._host, origin=self.origin, command=command)
        with self._locked(), translated(self.database), self._engine.connect() as plain:
            conn = plain.execution_options(operation=made, **self._context())
            with conn.begin() as transaction:
                yield conn
                if dry_run:
                    self.effects = self._effects(conn, made)
                    transaction.rollback()
        if made.recorded and not dry_run:
            self.wake()

    async def ask(self, question: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a service's function reads, without blocking the event loop."""
        async with self._async_engine.connect() as plain:
            conn = await plain.execution_options(**self._context())
            async with conn.begin():
                return await conn.run_sync(lambda sync: question(sync, *args, **kwargs))

    async def do(self, change: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a service's function changes, in a write transaction on a thread of its own.

        Once begun, it ends: cancelling the caller does not cancel the change.
        """
        import asyncio

        def run() -> T:
            with self.write(command=change.__name__) as conn:
                return change(conn, *args, **kwargs)

        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._writer, run))

    async def aclose(self) -> None:
        """Let go of all files, from an event loop."""
        if "_async_engine" in self.__dict__:
            await self._async_engine.dispose()
        self.close()

    @cached_property
    def queue(self) -> "Queue":
        """The queue that wakes workers."""
        from shopctl import tasks
        from shopctl.queue import Queue

        return Queue(self.home / homes.QUEUE, self, tasks=[tasks.sweep], periodic=[tasks.sweep])

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            with self._lock.held():
                yield
        except PermissionError as error:
            if error.filename != str(self._lock.path):
                raise
            raise UnreachableError(
                f"The shop in {self.home} cannot be written.",
                "Check the owner and the rights of the folder and its files.",
            ) from None

    def upgrade(self) -> list[str]:
        """Bring the database to the newest schema, after a backup; return the revisions that ran."""
        from shopctl.database.backup import backup

        with self._locked(), translated(self.database):
            with self._engine.connect() as conn:
                before = schema.status(conn)
            self._engine.dispose()
            if before.version is not None and before.pending:
                stamp = self.clock().strftime("%Y%m%dT%H%M%S")
                backup(self.database, self.home / "backups" / f"shop-{before.version}-{stamp}.db")
            return schema.upgrade(self.database)

    def rewrite(self) -> bool:
        """Write the database anew, without what was deleted; return False if a reader keeps its log from being emptied.

        Raises:
            UnreachableError: others write for too long, or the disk is full.
        """
        from shopctl.database.rewriting import rewrite

        with self._locked():
            return rewrite(self.database)

    def _context(self) -> dict[str, Any]:
        return {"now": self.clock(), "settings": self.settings}

    def _effects(self, conn: Connection, made: Operation) -> Effects:
        if made.recorded:
            from shopctl.tasks import relay_within

            relay_within(conn, made.recorded, delay=self.settings.notifications.delay)
        rows, messages = {}, []
        if made.id is not None:
            for table in metadata.sorted_tables:
                if "operation_id" in table.c:
                    mine = table.c.operation_id == made.id
                    if count := conn.execute(select(func.count()).select_from(table).where(mine)).scalar_one():
                        rows[table.name] = count
                    if table.name == "notification":
                        out = mine & (table.c.state != "suppressed")
                        found = conn.execute(select(table.c.recipient, table.c.subject).where(out))
                        messages = [f"{row.recipient}: {row.subject}" for row in found]
        return Effects(rows, messages)

    def wake(self) -> None:
        """Have a worker look at the rows now.

        Without one there is nobody to wake: a worker that starts looks at the rows first.
        """
        if self.awake is not None or self.presence.any():
            with suppress(Exception):  # the change is kept: nothing that the alarm clock does may fail it
                self.queue.wake("sweep")

    @cached_property
    def _async_engine(self) -> "AsyncEngine":
        return engines.async_engine(self.database)

    @cached_property
    def _writer(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=1, thread_name_prefix="shop-writer")


def create(home: Path, values: dict[str, Any], *, location: str, actor: str | None = None) -> Shop:
    """Make a new shop in `home` with these settings (by name) and one location; return it, open.

    Raises:
        ConflictError: there is a shop in `home`.
        BadValueError: a value cannot be used.
        UnreachableError: the folder cannot be made, or cannot hold a shop.
    """
    from shopctl.services import inventory

    with homes.created(home) as draft:
        settings.save(draft, values)
        with Shop(draft, actor=actor, new=True) as shop:
            shop.upgrade()
            with shop.write(command="init") as conn:
                inventory.add_location(conn, location)
    return Shop(home, actor=actor)


def _checked_actor(name: str) -> str:
    name = checked(name, "actor", limit=100, required=True)
    if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in name):
        raise BadValueError(f"The actor {safe(name, 100)} holds control characters.", "Use a name on one line.")
    return name


def system_user() -> str:
    """Return the name of the user whose process this is."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
