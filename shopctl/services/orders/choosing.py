"""Which units of an order are meant: ``MUG=2`` of its MUG lines, in their order, or ``#3=1`` of its third line."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row

from shopctl.errors import BadValueError, NotFoundError, RefusedError
from shopctl.services.inventory import checked_quantity
from shopctl.services.orders.values import Choice
from shopctl.services.products import sku as skus
from shopctl.text import nearest, safe


def chosen(
    lines: Sequence[Row[Any]], choices: Sequence[Choice], open_units: Callable[[Row[Any]], int], what: str
) -> dict[int, int]:
    """Return how many units of which lines are meant; all that are open, without `choices`.

    Args:
        lines: rows of order_line, in their order.
        choices: the units that somebody named.
        open_units: how many units of a line can be meant.
        what: what can be done with them, such as "be shipped", for the message.

    Raises:
        NotFoundError: the order has no such line.
        RefusedError: fewer units are open than are meant.
        BadValueError: a quantity is out of bounds.
    """
    left = {row.line: open_units(row) for row in lines}
    if not choices:
        return {line: units for line, units in left.items() if units > 0}
    found: dict[int, int] = {}
    for choice in choices:
        wanted = checked_quantity(choice.quantity, f"quantity of {safe(choice.sku, 70)}")
        meant = _meant(lines, choice.sku)
        available = sum(left[row.line] for row in meant)
        if wanted > available:
            named = safe(meant[0].sku, 70)
            raise RefusedError(
                f"Only {available:,} of {named} can {what}, not {wanted:,}."
                if available
                else f"No {named} can {what}.",
                f"{'Give a smaller quantity; ' if available else ''}`shopctl order show` tells where each unit is.",
                sku=meant[0].sku,
                open=available,
            )
        for row in meant:
            part = min(wanted, left[row.line])
            if part:
                found[row.line] = found.get(row.line, 0) + part
                left[row.line] -= part
                wanted -= part
    return found


def _meant(lines: Sequence[Row[Any]], sku: str) -> list[Row[Any]]:
    if sku.startswith("#"):
        number = sku[1:]
        found = [row for row in lines if str(row.line) == number]
    else:
        key = skus.key(sku)
        found = [row for row in lines if skus.key(row.sku) == key]
    if not found:
        raise NotFoundError(
            f"The order has no line {safe(sku, 70)}.",
            nearest(sku, [row.sku for row in lines])
            or f"It has {', '.join(dict.fromkeys(safe(row.sku, 70) for row in lines))}.",
            sku=sku,
        )
    return found


def one_line(lines: Sequence[Row[Any]], sku: str) -> Row[Any] | None:
    """Return the one line that `sku` means, or None if there is none.

    Raises:
        BadValueError: several lines have this SKU.
        NotFoundError: there is no line of that number.
    """
    try:
        found = _meant(lines, sku)
    except NotFoundError:
        if sku.startswith("#"):
            raise
        return None
    if len(found) > 1:
        numbers = " or ".join(f"#{row.line}" for row in found)
        raise BadValueError(f"Several lines of the order have {safe(sku, 70)}.", f"Write {numbers} for the one meant.")
    return found[0]
