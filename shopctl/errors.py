"""What can go wrong, told apart by what the person at the terminal can do about it.

Every error that shopctl raises on purpose is a `ShopError`: a sentence that says what is wrong, one that says what to
do, and the exit status of ``docs/exit-status.md``. Anything else that reaches the edge is a bug in shopctl.
"""

import errno
from typing import ClassVar

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""The system's errors that say that a disk (or one's share of it) is full, or broken."""


class ShopError(Exception):
    """An expected failure.

    Attributes:
        message: one line that says what is wrong.
        hint: one line that says what to do, or "".
        details: plain values for scripts, printed with ``--json``.
    """

    status: ClassVar[int] = 1
    code: ClassVar[str] = "refused"

    def __init__(self, message: str, hint: str = "", **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details


class RefusedError(ShopError):
    """The shop's rules refuse it (exit 1)."""


class BadValueError(ShopError):
    """A value that cannot be used (exit 2)."""

    status = 2
    code = "invalid_value"


class NotFoundError(ShopError):
    """It is not in this shop (exit 3)."""

    status = 3
    code = "not_found"


class ConflictError(ShopError):
    """It contradicts what is already recorded: a duplicate, a stale version, a reused key (exit 4)."""

    status = 4
    code = "conflict"


class UnreachableError(ShopError):
    """Something could not be reached: the database is missing or busy, a disk is full, a server is silent (exit 5)."""

    status = 5
    code = "unreachable"


class UnsoundError(ShopError):
    """The data is not sound (exit 6)."""

    status = 6
    code = "unsound"
