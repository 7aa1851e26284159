"""What is known of a customer."""

from datetime import datetime

import msgspec


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who ordered. `identity` is the e-mail address, or what another system calls the customer."""

    id: int
    identity: str
    email: str | None
    name: str
    phone: str
    created_at: datetime


class CustomerFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which customers: those whose identity or name contains `query`."""

    query: str = ""
    limit: int | None = None
