"""What happens to orders."""

from typing import Any

import msgspec

from shopctl.events import Event, Recorded
from shopctl.money import Money
from shopctl.services.orders.values import Step


class OrderEvent(Event, frozen=True):
    """Something that happened to the order `number`."""

    number: str

    @property
    def subject(self) -> str:
        """The order's number."""
        return self.number


class OrderPlaced(OrderEvent, frozen=True):
    """An order was placed; its stock is reserved."""

    total: int
    currency: str
    units: int


class PaymentCaptured(OrderEvent, frozen=True):
    """Money came in."""

    amount: int
    currency: str
    method: str


class PaymentRefunded(OrderEvent, frozen=True):
    """Money went back."""

    amount: int
    currency: str
    method: str


class OrderCancelled(OrderEvent, frozen=True):
    """An order was cancelled; its stock was released."""

    units: int


def step(event: Recorded) -> Step:
    """Return what happened as an entry of a timeline, in a few words."""
    read = _SUMMARIES.get(event.type)
    return Step(event.at, event.type, event.actor, read(event.payload) if read else event.type)


def _placed(payload: dict[str, Any]) -> str:
    happened = msgspec.convert(payload, OrderPlaced)
    return f"Placed: {happened.units:,} units reserved, total {Money(happened.total, happened.currency).shown()}"


def _captured(payload: dict[str, Any]) -> str:
    happened = msgspec.convert(payload, PaymentCaptured)
    return f"Paid {Money(happened.amount, happened.currency).shown()} by {happened.method}"


def _refunded(payload: dict[str, Any]) -> str:
    happened = msgspec.convert(payload, PaymentRefunded)
    return f"Refunded {Money(happened.amount, happened.currency).shown()} by {happened.method}"


def _cancelled(payload: dict[str, Any]) -> str:
    return f"Cancelled: {msgspec.convert(payload, OrderCancelled).units:,} units released"


_SUMMARIES = {
    "OrderPlaced": _placed,
    "PaymentCaptured": _captured,
    "PaymentRefunded": _refunded,
    "OrderCancelled": _cancelled,
}
