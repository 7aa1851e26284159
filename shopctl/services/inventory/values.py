"""What inventory gives and takes. All quantities are whole units."""

from datetime import datetime

import msgspec

from shopctl.errors import BadValueError, RefusedError
from shopctl.text import safe

MAX_QUANTITY = 1_000_000
"""The largest quantity of one line or one movement."""
MAX_BALANCE = 1_000_000_000
"""The largest balance of a product at a location."""


class Item(msgspec.Struct, frozen=True):
    """A product, as inventory knows it."""

    product_id: int
    sku: str


class Location(msgspec.Struct, frozen=True):
    """A place that holds stock; orders are served from the lowest `priority` that has everything."""

    id: int
    name: str
    priority: int


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """The balance of a product at a location. `available` is what can be sold now."""

    sku: str
    location: str
    bin: str
    on_hand: int
    reserved: int
    packed: int
    held: int
    unsellable: int
    safety: int
    available: int
    reorder_point: int | None


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the ledger: by how much each quantity changed, why, and who changed it.

    `unit_cost` is in minor units.
    """

    id: int
    at: datetime
    sku: str
    location: str
    kind: str
    on_hand: int
    reserved: int
    held: int
    unsellable: int
    packed: int
    unit_cost: int | None
    reason: str
    reference: str
    actor: str


class Want(msgspec.Struct, frozen=True):
    """So many units of a product, for a line of an order."""

    line: int
    item: Item
    quantity: int


class Shortage(msgspec.Struct, frozen=True):
    """A product of which there is not enough."""

    sku: str
    wanted: int
    available: int


class InsufficientStockError(RefusedError):
    """There is not enough to sell."""

    code = "insufficient_stock"

    def __init__(self, shortages: list[Shortage], hint: str) -> None:
        named = "; ".join(f"{safe(s.sku, 70)}: {s.wanted:,} wanted, {s.available:,} available" for s in shortages)
        super().__init__(f"Not enough stock. {named}.", hint, lines=[msgspec.to_builtins(s) for s in shortages])


def checked_quantity(quantity: int, what: str = "quantity", *, least: int = 1) -> int:
    """Return `quantity` if it is one that can be handled.

    Raises:
        BadValueError: it is below `least` or above a million.
    """
    if not least <= quantity <= MAX_QUANTITY:
        raise BadValueError(f"The {what} {quantity:,} is out of bounds.", f"Use {least:,} to {MAX_QUANTITY:,}.")
    return quantity
