"""What an edited order comes to: by its own discount, the prices of its lines, and the tax of where it goes."""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET
from sqlalchemy import Connection, Row, bindparam, update

from shopctl.database import operation_id
from shopctl.errors import BadValueError, NotFoundError, RefusedError
from shopctl.money import Money
from shopctl.services import terms
from shopctl.services.orders import pricing, quoting
from shopctl.services.orders.queries import addresses, line_rows
from shopctl.services.orders.tables import order, order_line
from shopctl.services.orders.values import Discount, OrderEdit

_PRICE = (
    update(order_line)
    .where(order_line.c.id == bindparam("of_line"))
    .values({name: bindparam(f"new_{name}") for name in ("discount", "tax", "tax_rate")})
)


def price_anew(conn: Connection, row: Row[Any], wanted: OrderEdit) -> None:
    """Work out anew what an edited order comes to; `row` is as it was before.

    Raises:
        NotFoundError: no such shipping method.
        RefusedError: the discount is more than the goods, no tax rate fits, or the total would be negative.
    """
    lines = line_rows(conn, row.id)
    subtotal = sum(line.total for line in lines)
    discount, code_id = _discount(conn, row, wanted, subtotal)
    taken = pricing.taken_off(subtotal, discount, row.currency, capped=code_id is not None)
    method, shipping = _shipping(conn, row, wanted, subtotal - taken)
    given = row.tax_rate if wanted.tax_rate is UNSET else wanted.tax_rate
    rates = _rates(conn, row, wanted, lines, given)
    totals = pricing.priced(
        [(line.ordered, line.unit_price, rate) for line, rate in zip(lines, rates[:-1], strict=True)],
        discount=taken,
        shipping=shipping,
        shipping_tax_rate=rates[-1],
        prices_include_tax=bool(row.prices_include_tax),
        currency=row.currency,
    )
    if totals.total + row.rounding < 0:
        raise RefusedError(
            f"The total would be negative, with the rounding of {Money(row.rounding, row.currency)} that it came with.",
            "Refund the difference instead.",
        )
    conn.execute(
        _PRICE,
        [
            {"of_line": line.id, "new_discount": amounts.discount, "new_tax": amounts.tax, "new_tax_rate": rate}
            for line, amounts, rate in zip(lines, totals.lines, rates[:-1], strict=True)
        ],
    )
    conn.execute(
        update(order)
        .where(order.c.id == row.id)
        .values(
            subtotal=totals.subtotal,
            discount=totals.discount,
            shipping=totals.shipping,
            shipping_tax=totals.shipping_tax,
            tax=totals.tax,
            total=totals.total + row.rounding,
            tax_rate=given,
            discount_rate=discount.rate,
            discount_fixed=discount.amount,
            discount_code_id=code_id,
            shipping_method=method,
            shipping_tax_rate=rates[-1],
            operation_id=operation_id(conn),
        )
    )


def _discount(conn: Connection, row: Row[Any], wanted: OrderEdit, subtotal: int) -> tuple[Discount, int | None]:
    """Return the discount, and the code that gives it: as wanted, else the order's own.

    A code that is replaced, or whose minimum the goods no longer reach, is given back.
    """
    if wanted.code is not UNSET and wanted.discount is not UNSET:
        raise BadValueError("An order has a discount or a code, not both.", "Leave --discount or --code out.")
    kept = Discount(row.discount_rate, row.discount_fixed), row.discount_code_id
    replaced = wanted.code is not UNSET or wanted.discount is not UNSET
    if row.discount_code_id is not None and (replaced or not terms.reaches(conn, row.discount_code_id, subtotal)):
        terms.give_back(conn, row.discount_code_id)
        kept = Discount(), None
    if wanted.code is not UNSET:
        used = terms.redeem(conn, wanted.code, subtotal)
        return Discount(used.rate, used.amount), used.id
    return (wanted.discount, None) if wanted.discount is not UNSET else kept


def _shipping(conn: Connection, row: Row[Any], wanted: OrderEdit, goods: int) -> tuple[str, int]:
    """Return the way to ship and its price: as wanted, else as it was; free from its threshold on, and only then."""
    if wanted.shipping is not UNSET:
        return quoting.charge(conn, wanted.shipping, goods)
    if not row.shipping_method:
        return "", row.shipping
    try:
        method, price = quoting.charge(conn, row.shipping_method, goods)
    except NotFoundError:  # the shop has that way no more; the order keeps what it costs
        return row.shipping_method, row.shipping
    return method, row.shipping if price and row.shipping else price


def _rates(
    conn: Connection, row: Row[Any], wanted: OrderEdit, lines: Sequence[Row[Any]], given: int | None
) -> list[int]:
    """Return the tax rates of the lines and of shipping: as they were, for a new address or a new line as they are."""
    fresh = [line.tax_class for line in lines]
    goes_elsewhere = wanted.ship_to is not UNSET or wanted.bill_to is not UNSET
    if given is not None or goes_elsewhere:
        return quoting.tax_rates(conn, fresh, addresses(conn, row.id), given=given)
    new = {line.line for line in lines if line.operation_id == operation_id(conn) and line.tax_rate == 0}
    if not new:
        return [*(line.tax_rate for line in lines), row.shipping_tax_rate]
    now_holding = quoting.tax_rates(conn, fresh, addresses(conn, row.id), given=None)
    return [
        *(rate if line.line in new else line.tax_rate for line, rate in zip(lines, now_holding[:-1], strict=True)),
        row.shipping_tax_rate,
    ]
