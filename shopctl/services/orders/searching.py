"""Finding orders by words: full-text search over what is known of each, written here and read here.

A word of a search finds every word that begins with it. Telephone numbers are found with and without their country's
code, postcodes and tracking numbers with and without their blanks.
"""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, column, literal_column, select, table, update

from shopctl.database import Int
from shopctl.services.customers import Address
from shopctl.services.customers.tables import customer
from shopctl.services.orders.parcel_tables import shipment
from shopctl.services.orders.tables import order, order_address
from shopctl.text import fold

_search = table("order_search", column("rowid", Int))
_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")
_SHORTEST_PHONE, _LONGEST_PHONE = 6, 10
_NATIONAL = 8
_PHONE = re.compile(r"[+()\d\s./-]{6,}")


def terms(
    *,
    number: str,
    external_number: str | None,
    name: str,
    email: str | None,
    phone: str = "",
    addresses: Iterable[Address] = (),
    tracking: Iterable[str] = (),
) -> str:
    """Return the text under which an order is found."""
    places = list(addresses)
    codes = [number, external_number, email, *tracking, *(place.postcode for place in places)]
    words = [name, *(part for place in places for part in (place.name, place.company, place.city))]
    found: dict[str, None] = {}
    for code in codes:
        folded = fold(code or "")
        found |= dict.fromkeys([folded.replace(" ", ""), *_WORD.findall(folded)])
        if "@" in folded:
            found[folded.partition("@")[2]] = None
    for text in words:
        found |= dict.fromkeys(_WORD.findall(fold(text)))
    for text in (phone, *(place.phone for place in places)):
        digits = "".join(_DIGITS.findall(text))
        found |= dict.fromkeys([digits, *(digits[-n:] for n in range(_SHORTEST_PHONE, _LONGEST_PHONE + 1))])
    return " ".join(word for word in found if word)


def reindex(conn: Connection, order_id: int) -> None:
    """Write anew under which words an order is found."""
    row = conn.execute(select(order).where(order.c.id == order_id)).one()
    parts = Address.__struct_fields__
    places = conn.execute(select(order_address).where(order_address.c.order_id == order_id)).all()
    phone = select(customer.c.phone).where(customer.c.id == row.customer_id)
    tracked = select(shipment.c.tracking).where(shipment.c.order_id == order_id, shipment.c.tracking != "")
    text = terms(
        number=row.number,
        external_number=row.external_number,
        name=row.customer_name,
        email=row.customer_email,
        phone=conn.execute(phone).scalar_one_or_none() or "",
        addresses=[Address(**{part: getattr(place, part) for part in parts}) for place in places],
        tracking=conn.execute(tracked).scalars(),
    )
    conn.execute(update(order).where(order.c.id == order_id).values(search=text))


def matching(query: str) -> Select[Any] | None:
    """Return the statement of the ids of orders that `query` finds, or None if it has no word."""
    folded = fold(query)
    wanted = _and(_WORD.findall(folded))
    if not wanted:
        return None
    joined = folded.replace(" ", "")
    alternatives = [wanted]
    if joined not in _WORD.findall(folded):
        alternatives.append(_begins(joined))
    if _PHONE.fullmatch(folded):
        digits = "".join(_DIGITS.findall(folded)).lstrip("0")
        if len(digits) >= _SHORTEST_PHONE:
            alternatives.append(_begins(digits))
        if len(digits) > _NATIONAL and folded.startswith(("+", "00")):  # it may have been given without its country
            alternatives.append(_begins(digits[-_NATIONAL:]))
    expression = " OR ".join(f"({part})" for part in alternatives)
    return select(_search.c.rowid).where(literal_column("order_search").op("MATCH", is_comparison=True)(expression))


def _and(words: list[str]) -> str:
    return " AND ".join(_begins(word) for word in words)


def _begins(word: str) -> str:
    """Return the FTS5 phrase for what begins with `word`; a single letter stands for itself."""
    quoted = '"' + word.replace('"', '""') + '"'
    return f"{quoted} *" if len(word) > 1 else quoted
