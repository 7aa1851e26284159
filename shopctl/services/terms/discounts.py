"""Discount codes: made for a period and a number of orders, redeemed once an order."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from shopctl import clock
from shopctl.database import now, operation_id, shop
from shopctl.errors import BadValueError, ConflictError, NotFoundError, RefusedError, ShopError
from shopctl.money import MAX_MINOR, RATE_UNIT, Money, shown_rate
from shopctl.services.terms.tables import discount_code
from shopctl.services.terms.values import DiscountCode, Redeemed, State
from shopctl.text import checked, identity, nearest, safe

MAX_USES = 1_000_000_000

_columns = discount_code.c
_BY_KEY = select(discount_code).where(_columns.code_key == bindparam("key"))
_REDEEM = (
    update(discount_code)
    .where(
        _columns.code_key == bindparam("key"),
        or_(_columns.starts_at.is_(None), _columns.starts_at <= bindparam("at")),
        or_(_columns.ends_at.is_(None), _columns.ends_at > bindparam("at")),
        _columns.used < func.coalesce(_columns.use_limit, MAX_USES),
        _columns.minimum <= bindparam("subtotal"),
    )
    .values(used=_columns.used + 1, operation_id=bindparam("made_by"))
    .returning(_columns.id, _columns.code, _columns.rate, _columns.amount)
)
_GIVE_BACK = (
    update(discount_code)
    .where(_columns.id == bindparam("code_id"), _columns.used > 0)
    .values(used=_columns.used - 1, operation_id=bindparam("made_by"))
)


def add_code(
    conn: Connection,
    code: str,
    *,
    rate: int = 0,
    amount: Money | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    minimum: Money | None = None,
    uses: int | None = None,
) -> DiscountCode:
    """Add a code that takes off a `rate` (thousandths of a percent) or an `amount`.

    Args:
        conn: a write transaction.
        code: what customers give; compared without regard to case.
        rate: the part of the goods that it takes off.
        amount: what it takes off, instead of a rate.
        starts_at: when it begins to count; None: now.
        ends_at: when it no longer counts; None: never.
        minimum: the worth of goods from which it counts.
        uses: for how many orders at most; None: any number.

    Raises:
        ConflictError: there is such a code.
        BadValueError: a value cannot be used.
    """
    code = checked(code, "discount code", limit=60, required=True)
    if known := conn.execute(_BY_KEY, {"key": identity(code)}).one_or_none():
        raise ConflictError(f"There is already a code {safe(known.code)}.", "Choose another.", code=known.code)
    least = Money(0, shop(conn).currency) if minimum is None else minimum
    if not 0 <= least.amount <= MAX_MINOR:
        raise BadValueError(f"The minimum {least} is out of bounds.", "Give a worth of goods of zero or more.")
    if uses is not None and not 1 <= uses <= MAX_USES:
        raise BadValueError(f"{uses:,} uses are out of bounds.", f"Use 1 to {MAX_USES:,}; without it, there is no end.")
    if ends_at is not None and ends_at <= (starts_at or now(conn)):
        raise BadValueError(
            f"The code would end ({_shown(conn, ends_at)}) before it begins.", "Give a later time with --until."
        )
    made = conn.execute(
        insert(discount_code).returning(discount_code),
        {
            "code": code,
            "code_key": identity(code),
            **_taken_off(rate, amount),
            "minimum": least.amount,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "use_limit": uses,
            "used": 0,
            "created_at": now(conn),
            "operation_id": operation_id(conn),
        },
    ).one()
    return _from_row(conn, made)


def codes(conn: Connection) -> list[DiscountCode]:
    """Return every code, the latest first."""
    return [_from_row(conn, row) for row in conn.execute(select(discount_code).order_by(_columns.id.desc()))]


def end_code(conn: Connection, code: str) -> DiscountCode:
    """End a code now; one that has ended stays as it is. Orders that have it keep it.

    Raises:
        NotFoundError: there is none; the hint names the nearest.
    """
    at = now(conn)
    row = conn.execute(_BY_KEY, {"key": identity(code)}).one_or_none()
    if row is None:
        raise _unknown(conn, code)
    if row.ends_at is None or row.ends_at > at:
        row = conn.execute(
            update(discount_code)
            .where(_columns.id == row.id)
            .values(
                starts_at=None if row.starts_at is None else min(row.starts_at, at),  # no period ends before it begins
                ends_at=at,
                operation_id=operation_id(conn),
            )
            .returning(discount_code)
        ).one()
    return _from_row(conn, row)


def redeem(conn: Connection, code: str, subtotal: int) -> Redeemed:
    """Use a code for an order of goods worth `subtotal` (minor units), and say what it takes off.

    An amount takes off no more than the goods are worth.

    Raises:
        NotFoundError: there is no such code; the hint names the nearest.
        RefusedError: it has not begun, has ended, is used up, or the goods are worth less than its minimum.
    """
    key = identity(code)
    used = conn.execute(
        _REDEEM, {"key": key, "at": now(conn), "subtotal": subtotal, "made_by": operation_id(conn)}
    ).one_or_none()
    if used is None:
        raise _refusal(conn, code, subtotal)
    return Redeemed(used.id, used.code, used.rate, min(used.amount, subtotal))


def reaches(conn: Connection, code_id: int, subtotal: int) -> bool:
    """Return whether goods worth so much (minor units) reach a code's minimum."""
    minimum = select(_columns.minimum).where(_columns.id == code_id)
    return bool(conn.execute(minimum).scalar_one() <= subtotal)


def give_back(conn: Connection, code_id: int) -> None:
    """Give back the use that an order made of a code, which another order may have then."""
    conn.execute(_GIVE_BACK, {"code_id": code_id, "made_by": operation_id(conn)})


def _refusal(conn: Connection, code: str, subtotal: int) -> ShopError:
    """Return why a code does not count."""
    row = conn.execute(_BY_KEY, {"key": identity(code)}).one_or_none()
    if row is None:
        return _unknown(conn, code)
    found = _from_row(conn, row)
    name = safe(found.code)
    if found.state == "upcoming":
        message, hint = f"The code {name} begins {_shown(conn, row.starts_at)}.", "Place the order then, or without it."
    elif found.state == "ended":
        message, hint = f"The code {name} ended {_shown(conn, row.ends_at)}.", "`shopctl discount list` shows others."
    elif found.state == "used_up":
        message = f"The code {name} is used up: {found.used:,} of {found.use_limit or MAX_USES:,} orders have it."
        hint = "`shopctl discount list` shows others."
    else:
        worth = Money(subtotal, found.currency).shown()
        message = f"The code {name} counts from {found.minimum.shown()} of goods; these are {worth}."
        hint = "Order more, or place the order without it."
    return RefusedError(message, hint, code=found.code, state=found.state, minimum=str(found.minimum))


def _unknown(conn: Connection, code: str) -> NotFoundError:
    known = conn.execute(select(_columns.code).order_by(_columns.id.desc()).limit(2_000)).scalars()
    return NotFoundError(
        f"There is no discount code {safe(code, 70)}.",
        nearest(code, known) or "`shopctl discount list` shows all.",
        code=code,
    )


def _taken_off(rate: int, amount: Money | None) -> dict[str, int]:
    if amount is not None and rate:
        raise BadValueError("A code takes off a percentage or an amount, not both.", "Give one: 10% or 5.00.")
    if amount is not None and not 0 < amount.amount <= MAX_MINOR:
        raise BadValueError(f"The amount {amount} is out of bounds.", "Give what the code takes off, such as 5.00.")
    if amount is None and not 0 < rate <= RATE_UNIT:
        raise BadValueError(f"The rate {shown_rate(rate)} is out of bounds.", "Use more than 0%, up to 100%.")
    return {"rate": rate, "amount": 0 if amount is None else amount.amount}


def _from_row(conn: Connection, row: Any) -> DiscountCode:
    currency = shop(conn).currency
    return DiscountCode(
        id=row.id,
        code=row.code,
        rate=shown_rate(row.rate) if row.rate else None,
        amount=Money(row.amount, currency) if row.amount else None,
        currency=currency,
        minimum=Money(row.minimum, currency),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        use_limit=row.use_limit,
        used=row.used,
        state=_state(row, now(conn)),
        created_at=row.created_at,
    )


def _state(row: Any, at: datetime) -> State:
    if row.ends_at is not None and row.ends_at <= at:
        return "ended"
    if row.starts_at is not None and row.starts_at > at:
        return "upcoming"
    return "used_up" if row.used >= (row.use_limit or MAX_USES) else "active"


def _shown(conn: Connection, at: datetime) -> str:
    return clock.shown(at, clock.zone(shop(conn).timezone))
