"""What is known of a person, and what is left of one who was forgotten."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from shopctl.events import Event
from shopctl.money import Money
from shopctl.services.customers import Address, Customer
from shopctl.services.notifications import NotificationDetail
from shopctl.services.orders import Order


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote about an order, or how a text of it changed."""

    at: datetime
    kind: str
    before: str
    after: str
    actor: str


class IssuedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice or a credit note as it was issued."""

    kind: str
    number: int
    issued_at: datetime
    total: Money
    currency: str
    content: dict[str, Any]


class KnownOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order with what was written about it."""

    order: Order
    remarks: list[Remark]
    documents: list[IssuedDocument]


class FormerOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What an order that is somebody else's now still says of the person whose it was."""

    number: str
    remarks: list[Remark]
    documents: list[IssuedDocument]


class PersonalData(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a person. Orders and messages are read one by one, while the connection is open."""

    customer: Customer
    ship_to: Address | None
    bill_to: Address | None
    orders: Iterator[KnownOrder]
    former_orders: Iterator[FormerOrder]
    messages: Iterator[NotificationDetail]


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased of a person: so many rows of each kind, and which messages (by id)."""

    id: int
    customer: str
    erased_at: datetime
    orders: int
    addresses: int
    remarks: int
    documents: int
    messages: list[int]


class CustomerForgotten(Event, frozen=True):
    """A person was forgotten; the orders stay."""

    customer_id: int

    @property
    def subject(self) -> str:
        """The customer, by the number that stays."""
        return f"customer:{self.customer_id}"
