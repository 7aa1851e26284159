"""Where customers live: what an address may hold, and the ones that are remembered."""

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update

from shopctl.database import operation_id
from shopctl.services.customers.tables import customer_address
from shopctl.services.customers.values import Address
from shopctl.text import checked

KINDS = ("ship_to", "bill_to")
_PARTS = Address.__struct_fields__
_LIMITS = {"postcode": 20, "country": 60, "phone": 50}
_OF_ONE = select(customer_address).where(customer_address.c.customer_id == bindparam("customer"))


def checked_address(address: Address) -> Address:
    """Return `address` as it is kept.

    Raises:
        BadValueError: a part of it is too long, or no text.
    """
    return Address(
        **{
            part: checked(text, f"{part} of the address", limit=_LIMITS.get(part, 200))
            for part, text in msgspec.structs.asdict(address).items()
        }
    )


def addresses(conn: Connection, customer_id: int) -> dict[str, Address]:
    """Return the addresses that are remembered of a customer, by kind: ``ship_to``, ``bill_to``."""
    rows = conn.execute(_OF_ONE, {"customer": customer_id})
    return {row.kind: Address(**{part: getattr(row, part) for part in _PARTS}) for row in rows}


def remember_address(conn: Connection, customer_id: int, kind: str, address: Address) -> None:
    """Keep `address` as the customer's latest of its kind; one that is known already is not written again.

    Raises:
        BadValueError: a part of it is too long, or no text.
    """
    kept = checked_address(address)
    known = addresses(conn, customer_id).get(kind)
    if kept == known:
        return
    values = {**msgspec.structs.asdict(kept), "operation_id": operation_id(conn)}
    if known is None:
        conn.execute(insert(customer_address), {"customer_id": customer_id, "kind": kind, **values})
    else:
        conn.execute(update(customer_address).where(*_one(customer_id, kind)).values(**values))


def forget_address(conn: Connection, customer_id: int, kind: str) -> None:
    """Remember the customer's address of this kind no longer."""
    conn.execute(delete(customer_address).where(*_one(customer_id, kind)))


def _one(customer_id: int, kind: str) -> tuple[ColumnElement[bool], ...]:
    return customer_address.c.customer_id == customer_id, customer_address.c.kind == kind
