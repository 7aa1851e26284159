"""Customers recorded by hand, and what is known of them changed."""

import re
from typing import Any, Literal

from sqlalchemy import Connection, func, or_, select, update

from shopctl.database import operation_id
from shopctl.errors import BadValueError, ConflictError
from shopctl.services.customers.addresses import forget_address, remember_address
from shopctl.services.customers.queries import get
from shopctl.services.customers.recording import email_address, record
from shopctl.services.customers.tables import customer
from shopctl.services.customers.values import Address, Customer
from shopctl.text import checked, identity, safe

_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?")

AddressChange = Address | Literal[""] | None
"""A new address, "" to remember none, None to keep the one that is known."""


def add(
    conn: Connection,
    who: str,
    *,
    name: str = "",
    phone: str = "",
    ship_to: Address | None = None,
    bill_to: Address | None = None,
    locale: str = "",
    marketing: bool = False,
    note: str = "",
) -> Customer:
    """Record a customer before the first order.

    Raises:
        BadValueError: a value cannot be used.
        ConflictError: the customer is known.
    """
    email = email_address(who) if "@" in who else None
    _refuse_taken(conn, email or who, other_than=None)
    made = record(conn, who, name=name, phone=phone)
    return edit(conn, made.identity, ship_to=ship_to, bill_to=bill_to, locale=locale, marketing=marketing, note=note)


def edit(
    conn: Connection,
    who: str,
    *,
    email: str | None = None,
    name: str | None = None,
    phone: str | None = None,
    ship_to: AddressChange = None,
    bill_to: AddressChange = None,
    locale: str | None = None,
    marketing: bool | None = None,
    note: str | None = None,
) -> Customer:
    """Change what is known of a customer; None keeps it. Orders keep the e-mail address and the name they were given.

    Who is known by an e-mail address is known by the new one from now on; the reference of another system stays.

    Raises:
        NotFoundError: there is no such customer.
        BadValueError: a value cannot be used.
        ConflictError: another customer has that e-mail address.
    """
    before = get(conn, who)
    asked: dict[str, Any] = _called(conn, before, email) if email is not None else {}
    if name is not None:
        asked["name"] = checked(name, "name", limit=200)
    if phone is not None:
        asked["phone"] = checked(phone, "phone", limit=50)
    if locale is not None:
        asked["locale"] = locale_name(locale)
    if marketing is not None:
        asked["marketing"] = int(marketing)
    if note is not None:
        asked["note"] = checked(note, "note", limit=5_000)
    changed = {field: value for field, value in asked.items() if value != getattr(before, field, None)}
    if changed:
        conn.execute(
            update(customer).where(customer.c.id == before.id).values(**changed, operation_id=operation_id(conn))
        )
    for kind, address in (("ship_to", ship_to), ("bill_to", bill_to)):
        if isinstance(address, Address):
            remember_address(conn, before.id, kind, address)
        elif address is not None:
            forget_address(conn, before.id, kind)
    return get(conn, changed.get("identity", before.identity))


def locale_name(text: str) -> str:
    """Return the language that `text` names, as ``de``, ``pt_BR`` or ``zh_Hant_TW``; "" is the shop's own.

    Raises:
        BadValueError: it names none (the form is that of BCP 47: language, script, region).
    """
    if not text.strip():
        return ""
    found = _LOCALE.fullmatch(text.strip())
    if found is None:
        raise BadValueError(f"{safe(text, 40)!r} is no language.", "Write it like de or pt_BR.")
    language, script, region = found.groups()
    return "_".join(filter(None, (language.lower(), script and script.title(), region and region.upper())))


def _called(conn: Connection, before: Customer, email: str) -> dict[str, str | None]:
    """Return what changes with the e-mail address; only who is known by another name can have none."""
    by_email = before.email is not None and identity(before.identity) == identity(before.email)
    if not email.strip() and not by_email:
        return {"email": None}
    address = email_address(email)
    _refuse_taken(conn, address, other_than=before.id)
    changed: dict[str, str | None] = {"email": address}
    if by_email and address != before.identity:
        changed |= {"identity": address, "identity_key": identity(address)}
    return changed


def _refuse_taken(conn: Connection, who: str, *, other_than: int | None) -> None:
    taken = conn.execute(
        select(customer.c.identity).where(
            or_(customer.c.identity_key == identity(who), func.lower(customer.c.email) == who.strip().lower()),
            customer.c.id != (other_than or 0),
        )
    ).first()
    if taken is not None:
        raise ConflictError(
            f"There is already a customer {safe(taken.identity, 100)}.",
            f"Look at it with `shopctl customer show {safe(taken.identity, 100)}`.",
            customer=taken.identity,
        )
