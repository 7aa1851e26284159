"""Finding orders by words: full-text search over what is known of each, written here and read here.

A word of a search finds every word that begins with it. Telephone numbers are found with and without their country's
code, postcodes and tracking numbers with and without their blanks.
"""

import re
from collections.abc import Iterable

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    update,
)

from shopctl.database import Int
from shopctl.services.customers import Address
from shopctl.services.customers.tables import customer
from shopctl.services.orders.parcel_tables import shipment
from shopctl.services.orders.tables import order, order_address
from shopctl.text import fold

Words = list[list[str]]
"""The ways to read a query, each with the words that must all be there."""
index = table("order_search", column("rowid", Int))
"""The full-text index; `order_id` is its row's."""
order_id = index.c.rowid
_occurrences = table("order_search_words", column("term", Text))
"""Where each word of the index occurs (FTS5's `fts5vocab`)."""
_PREFIX = 3
FEW = 5_000
"""A word that occurs less often is rare."""
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


def words(query: str) -> Words:
    """Return the words that `query` looks for: the ways to read it, each with the words that must all be there."""
    folded = fold(query)
    wanted = list(dict.fromkeys(_WORD.findall(folded)))
    if not wanted:
        return []
    joined = folded.replace(" ", "")
    ways = [wanted] if joined in wanted else [wanted, [joined]]
    if _PHONE.fullmatch(folded):
        digits = "".join(_DIGITS.findall(folded)).lstrip("0")
        if len(digits) >= _SHORTEST_PHONE:
            endings = dict.fromkeys((digits, digits[-_LONGEST_PHONE:]))
            ways += [[ending] for ending in endings if [ending] not in ways]
        if len(digits) > _NATIONAL and folded.startswith(("+", "00")):  # it may have been given without its country
            ways.append([digits[-_NATIONAL:]])
    return ways


def holds(wanted: Words) -> ColumnElement[bool]:
    """Return the condition that the text of an order has the words: beginnings of its own, a single letter alone."""
    text = literal(" ") + order.c.search + " "
    has = {
        word: text.contains(f" {word}" if len(word) > 1 else f" {word} ", autoescape=True)
        for way in wanted
        for word in way
    }
    return or_(*(and_(*(has[word] for word in way)) for way in wanted))


def matches(found: str) -> ColumnElement[bool]:
    """Return the condition that `index` finds `found`, an `expression`."""
    return literal_column("order_search").op("MATCH", is_comparison=True)(found)


def expression(conn: Connection, wanted: Words) -> tuple[str, bool]:
    """Return the FTS5 expression that finds all that has the words, and more, with few hits or else one by one.

    Of a frequent word, FTS5 gathers all hits of all words that begin with it before it gives the first. So it is asked
    for the rarest word of each way to read a query; where even that one is frequent, for what begins like the words,
    for which it keeps an index. Who asks checks each hit with `holds`; the second value is whether there are few.
    """
    found, few = [], True
    for way in wanted:
        count, rarest = min((_count(conn, word), word) for word in way)
        if count < FEW:
            found.append(_begins(rarest))
        else:
            few = False
            found.append(f"({' AND '.join(_begins(word[:_PREFIX]) for word in way)})")
    return " OR ".join(found), few


def _count(conn: Connection, word: str) -> int:
    """Return how often words that begin with `word` occur, at most `FEW`."""
    term = _occurrences.c.term
    alike = term == word if len(word) == 1 else and_(term >= word, term < word + "\U0010ffff")
    some = select(term).where(alike).limit(FEW).subquery()
    return conn.execute(select(func.count()).select_from(some)).scalar_one()


def _begins(word: str) -> str:
    """Return the FTS5 phrase for what begins with `word`; a single letter stands for itself."""
    quoted = '"' + word.replace('"', '""') + '"'
    return f"{quoted} *" if len(word) > 1 else quoted
