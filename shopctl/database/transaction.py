"""What a service may ask of the transaction it runs in: who acts, when, and whether it was asked before."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, CursorResult, insert, select
from sqlalchemy.exc import DatabaseError

from shopctl.database.tables import idempotency_key, operation
from shopctl.errors import BadValueError, ConflictError, UnreachableError, UnsoundError
from shopctl.settings import Settings, ShopSettings
from shopctl.text import checked, safe


@dataclass
class Operation:
    """One change of the shop, carried by its write transaction (execution option ``operation``).

    Attributes:
        id: its row, once something was written.
        recorded: the events recorded so far, by id.
        marks: how far services came with what they do once for each of its rows, by name.
    """

    actor: str
    system_user: str
    host: str
    origin: str
    command: str
    id: int | None = None
    recorded: list[int] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)


def now(conn: Connection) -> datetime:
    """Return the moment, in UTC, at which this transaction takes place."""
    found = conn.get_execution_options()["now"]
    assert isinstance(found, datetime)
    return found


def shop(conn: Connection) -> ShopSettings:
    """Return the settings of the shop that `conn` belongs to: its currency, its time zone, how its prices count tax."""
    return settings(conn).shop


def settings(conn: Connection) -> Settings:
    """Return all settings of the shop that `conn` belongs to."""
    found = conn.get_execution_options()["settings"]
    assert isinstance(found, Settings)
    return found


def current(conn: Connection) -> Operation:
    """Return the operation that `conn` writes for; only a write transaction has one."""
    found = conn.get_execution_options().get("operation")
    assert isinstance(found, Operation), "a write needs Shop.write()"
    return found


_BEGIN = insert(operation)


def operation_id(conn: Connection) -> int:
    """Return the id that the rows of this change bear; its own row is written on the first call."""
    made = current(conn)
    if made.id is None:
        values = {
            "at": now(conn),
            "actor": made.actor,
            "system_user": made.system_user,
            "host": made.host,
            "origin": made.origin,
            "command": made.command,
        }
        made.id = inserted_id(conn.execute(_BEGIN, values))
    return made.id


@contextmanager
def savepoint(conn: Connection) -> Iterator[None]:
    """Let a part of a change fail alone: what it wrote is gone then, and its operation remembers nothing of it."""
    made = current(conn)
    operation_id(conn)  # its row outlives the part that fails
    recorded, marks = len(made.recorded), dict(made.marks)
    try:
        with conn.begin_nested():
            yield
    except BaseException:
        del made.recorded[recorded:]
        made.marks = marks
        raise


def inserted_id(made: CursorResult[Any]) -> int:
    """Return the id of the row that an INSERT made."""
    assert made.inserted_primary_key is not None
    found: int = made.inserted_primary_key[0]
    return found


def digest(request: object) -> str:
    """Return what tells one request from another."""
    return hashlib.sha256(msgspec.json.encode(request, order="deterministic", enc_hook=str)).hexdigest()


def idempotent(conn: Connection, scope: str, key: str | None, request: object) -> str | None:
    """Return what the same request made earlier under `key`, or None if it is new.

    Raises:
        BadValueError: the key is empty, too long or no text.
        ConflictError: the key was used for another request.
    """
    if key is None:
        return None
    checked(key, "key", limit=200, required=True)
    row = conn.execute(
        select(idempotency_key.c.request, idempotency_key.c.result).where(
            idempotency_key.c.scope == scope, idempotency_key.c.key == key
        )
    ).one_or_none()
    if row is None:
        return None
    if row.request != digest(request):
        raise ConflictError(
            f"The key {key!r} was already used for another request ({scope} {row.result}).",
            "Use a new key for a new request, or repeat the request exactly.",
            key=key,
            result=row.result,
        )
    return str(row.result)


def remember(conn: Connection, scope: str, key: str | None, request: object, result: str) -> None:
    """Record that `request` made `result` under `key`, if there is one."""
    if key is not None:
        conn.execute(
            insert(idempotency_key),
            {
                "scope": scope,
                "key": key,
                "request": digest(request),
                "result": result,
                "operation_id": operation_id(conn),
            },
        )


@contextmanager
def translated(path: object) -> Iterator[None]:
    """Turn what SQLite says about the file `path` into an error that a person can act on."""
    try:
        yield
    except DatabaseError as error:
        said = str(error.orig)
        for sign, known in _KNOWN.items():
            if sign in said:
                kind, message, hint = known
                raise kind(message.format(path=path), hint, database=str(path)) from error
        raise
    except UnicodeEncodeError as error:  # a lone surrogate: bytes of the command line that are no UTF-8
        raise BadValueError(f"{safe(str(error.object), 60)!r} is not valid text.", "Write it in UTF-8.") from error
    except OverflowError as error:
        if "SQLite INTEGER" not in str(error):
            raise
        raise BadValueError("A number is out of bounds: it has more than 18 digits.", "Use a smaller one.") from error


_DAMAGED = (
    UnsoundError,
    "The database {path} is damaged.",
    "Keep the file, restore the newest good copy from `backups/`, and run `shopctl doctor`.",
)
_KNOWN: dict[str, tuple[type[UnreachableError | UnsoundError], str, str]] = {
    "is locked": (
        UnreachableError,
        "The database {path} is locked by another process.",
        "Try again; `shopctl worker status` and `ps` show what runs.",
    ),
    "disk is full": (
        UnreachableError,
        "The disk that holds {path} is full; nothing was changed.",
        "Free some space and do it again.",
    ),
    "readonly": (
        UnreachableError,
        "The database {path} cannot be written.",
        "Check the owner and the rights of the folder and its files.",
    ),
    "unable to open": (
        UnreachableError,
        "The database {path} cannot be opened.",
        "Check that the folder exists and that you may read and write it.",
    ),
    "disk I/O": (
        UnreachableError,
        "The disk that holds {path} is full or gives errors; nothing was changed.",
        "Free some space and do it again; if there is enough, check the disk, then `shopctl db check`.",
    ),
    "malformed": _DAMAGED,
    "no such table": _DAMAGED,
    "no such column": _DAMAGED,
    "already exists": _DAMAGED,
    "decode to UTF-8": _DAMAGED,
    "not a database": (
        UnsoundError,
        "{path} is not a database.",
        "Keep the file, restore the newest good copy from `backups/`, and run `shopctl doctor`.",
    ),
}
