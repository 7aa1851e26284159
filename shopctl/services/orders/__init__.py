"""Orders: placed, paid, picked, packed, shipped, returned, cancelled, looked at.

A use case is loaded when it is first asked for: a command that shows an order knows nothing of how one is packed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from shopctl.services.customers import Address
from shopctl.services.orders.values import (
    Changed,
    Choice,
    Claim,
    ClaimKind,
    Discount,
    Line,
    LineDraft,
    Order,
    OrderDraft,
    OrderEdit,
    OrderFilter,
    OrderSummary,
    Parcel,
    Return,
    Step,
)

if TYPE_CHECKING:
    from shopctl.services.orders.arriving import deliver, lose, send_back
    from shopctl.services.orders.authorizing import authorize, capture_authorized, void
    from shopctl.services.orders.cancelling import cancel
    from shopctl.services.orders.claiming import claim
    from shopctl.services.orders.confirming import confirm
    from shopctl.services.orders.editing import edit
    from shopctl.services.orders.expiring import due, lapse
    from shopctl.services.orders.explaining import Reason, Why, why
    from shopctl.services.orders.holding import hold, note, unhold
    from shopctl.services.orders.listing import completing, drafts, page
    from shopctl.services.orders.packing import pack, unpack
    from shopctl.services.orders.payments import DEFAULT_METHOD, pay
    from shopctl.services.orders.picking import PickedFor, PickRow, pick
    from shopctl.services.orders.placing import place
    from shopctl.services.orders.queries import get
    from shopctl.services.orders.refunding import refund
    from shopctl.services.orders.returning import inspect_return, receive_return, request_return, withdraw_return
    from shopctl.services.orders.settling import served, settle
    from shopctl.services.orders.shipping import ship, track, unship
    from shopctl.services.orders.supplying import adjust, receive

__all__ = [
    "DEFAULT_METHOD",
    "Address",
    "Changed",
    "Choice",
    "Claim",
    "ClaimKind",
    "Discount",
    "Line",
    "LineDraft",
    "Order",
    "OrderDraft",
    "OrderEdit",
    "OrderFilter",
    "OrderSummary",
    "Parcel",
    "PickRow",
    "PickedFor",
    "Reason",
    "Return",
    "Step",
    "Why",
    "adjust",
    "authorize",
    "cancel",
    "capture_authorized",
    "claim",
    "completing",
    "confirm",
    "deliver",
    "drafts",
    "due",
    "edit",
    "get",
    "hold",
    "inspect_return",
    "lapse",
    "lose",
    "note",
    "pack",
    "page",
    "pay",
    "pick",
    "place",
    "receive",
    "receive_return",
    "refund",
    "request_return",
    "send_back",
    "served",
    "settle",
    "ship",
    "track",
    "unhold",
    "unpack",
    "unship",
    "void",
    "why",
    "withdraw_return",
]

_FACE = {
    "arriving": ("deliver", "lose", "send_back"),
    "authorizing": ("authorize", "capture_authorized", "void"),
    "cancelling": ("cancel",),
    "claiming": ("claim",),
    "confirming": ("confirm",),
    "editing": ("edit",),
    "expiring": ("due", "lapse"),
    "explaining": ("Reason", "Why", "why"),
    "holding": ("hold", "note", "unhold"),
    "listing": ("completing", "drafts", "page"),
    "packing": ("pack", "unpack"),
    "payments": ("DEFAULT_METHOD", "pay"),
    "picking": ("PickedFor", "PickRow", "pick"),
    "placing": ("place",),
    "queries": ("get",),
    "refunding": ("refund",),
    "returning": ("inspect_return", "receive_return", "request_return", "withdraw_return"),
    "settling": ("served", "settle"),
    "shipping": ("ship", "track", "unship"),
    "supplying": ("adjust", "receive"),
}
"""What each module gives to others."""
_MODULES = {name: module for module, names in _FACE.items() for name in names}


def __getattr__(name: str) -> Any:
    """Return what is asked for by name, and load its module the first time."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    return found
