"""Stock: how much there is of what, where, for whom it is reserved, and why."""

from shopctl.services.inventory.changes import adjust, receive, receive_many, set_shelf
from shopctl.services.inventory.ledger import AVAILABLE, Delta
from shopctl.services.inventory.locations import add_location, edit_location, get_location, locations
from shopctl.services.inventory.queries import level, reserved_for
from shopctl.services.inventory.reserving import available, check, release, reserve
from shopctl.services.inventory.values import (
    MAX_QUANTITY,
    InsufficientStockError,
    Item,
    Level,
    Location,
    Movement,
    Shortage,
    Want,
    checked_quantity,
)

__all__ = [
    "AVAILABLE",
    "MAX_QUANTITY",
    "Delta",
    "InsufficientStockError",
    "Item",
    "Level",
    "Location",
    "Movement",
    "Shortage",
    "Want",
    "add_location",
    "adjust",
    "available",
    "check",
    "checked_quantity",
    "edit_location",
    "get_location",
    "level",
    "locations",
    "receive",
    "receive_many",
    "release",
    "reserve",
    "reserved_for",
    "set_shelf",
]
