"""What is known of a customer."""

from datetime import datetime

import msgspec


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where somebody lives or receives parcels."""

    name: str = ""
    company: str = ""
    line1: str = ""
    line2: str = ""
    postcode: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    phone: str = ""

    def lines(self) -> list[str]:
        """Return the address as it is written on a parcel."""
        town = " ".join(filter(None, (self.postcode, self.city)))
        return [
            part for part in (self.name, self.company, self.line1, self.line2, town, self.region, self.country) if part
        ]


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who ordered. `identity` is the e-mail address, or what another system calls the customer.

    `locale` is the language of the messages ("": the shop's), `marketing` whether optional ones are welcome.
    """

    id: int
    identity: str
    email: str | None
    name: str
    phone: str
    locale: str
    marketing: bool
    note: str
    created_at: datetime


class CustomerFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which customers: those whose identity or name contains `query`, in the order of `sort` (-name is backwards)."""

    query: str = ""
    sort: str = "-created_at"
    limit: int | None = None
