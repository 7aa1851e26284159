"""Tax rates, by class of goods and country."""

import shlex
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from shopctl import countries
from shopctl.database import operation_id, shop
from shopctl.errors import BadValueError, NotFoundError, RefusedError
from shopctl.money import RATE_UNIT, shown_rate
from shopctl.services.terms.tables import tax_rate
from shopctl.services.terms.values import TaxRate
from shopctl.text import checked, identity, nearest, safe

EVERY_OTHER = "*"
STANDARD = "standard"
SHIPPING = "shipping"

_RATES = select(tax_rate.c.tax_class, tax_rate.c.country, tax_rate.c.rate)
_FITTING = _RATES.where(tax_rate.c.country.in_([bindparam("country"), EVERY_OTHER]))
_TAXED = select(exists().select_from(tax_rate))


def set_rate(conn: Connection, tax_class: str, country: str, rate: int) -> TaxRate:
    """Set the tax on a class of goods in a country (``*``: in every other one), in thousandths of a percent.

    Raises:
        BadValueError: a value cannot be used.
    """
    if not 0 <= rate <= RATE_UNIT:
        raise BadValueError(f"The rate {shown_rate(rate)} is out of bounds.", "Use 0 to 100 percent.")
    place = _place(tax_class, country)
    values = {"rate": rate, "operation_id": operation_id(conn)}
    if not conn.execute(update(tax_rate).where(*_at(place)).values(values)).rowcount:
        conn.execute(insert(tax_rate), {**place, **values})
    return TaxRate(**place, rate=shown_rate(rate))


def remove_rate(conn: Connection, tax_class: str, country: str) -> TaxRate:
    """Take back the rate of a class of goods in a country, and return it.

    Raises:
        NotFoundError: there is none; the hint names the nearest.
        BadValueError: a name cannot be used.
    """
    place = _place(tax_class, country)
    removed = conn.execute(delete(tax_rate).where(*_at(place)).returning(tax_rate.c.rate)).scalar_one_or_none()
    if removed is None:
        wanted = f"{place['tax_class']} {place['country']}"
        known = [f"{found.tax_class} {found.country}" for found in rates(conn)]
        raise NotFoundError(
            f"There is no tax rate {safe(wanted, 130)}.", nearest(wanted, known) or "`shopctl tax list` shows all."
        )
    operation_id(conn)  # no row is left to bear it, but the log knows
    return TaxRate(**place, rate=shown_rate(removed))


def rates(conn: Connection) -> list[TaxRate]:
    """Return every rate, by class and country."""
    rows = conn.execute(
        select(tax_rate.c.tax_class, tax_rate.c.country, tax_rate.c.rate).order_by(
            tax_rate.c.tax_class, tax_rate.c.country
        )
    )
    return [TaxRate(tax_class=row.tax_class, country=row.country, rate=shown_rate(row.rate)) for row in rows]


def rates_for(conn: Connection, classes: Iterable[str], country: str, *, lenient: bool = False) -> dict[str, int]:
    """Return the tax on each of these classes in a country, in thousandths of a percent.

    A rate of the country itself comes before that of every other one (``*``); shipping without a rate of its own has
    the standard one. In a shop that has set no rate at all, everything is 0.

    Args:
        conn: a transaction.
        classes: as products name them; "" is the standard one. They are the keys of what is returned.
        lenient: a class without a rate has 0.
        country: as addresses name it, by code or name; "" is the shop's own, and if it has none, every other one.

    Raises:
        RefusedError: rates are set, but none for one of the classes in that country.
    """
    if not conn.execute(_TAXED).scalar_one():
        return dict.fromkeys(classes, 0)
    called = country.strip() or shop(conn).country.strip()
    here = countries.key(called) if called else EVERY_OTHER
    rows = conn.execute(_FITTING, {"country": here})
    by_place = {(row.tax_class, row.country): row.rate for row in rows}
    found: dict[str, int] = {}
    lacking: list[str] = []
    for name in classes:
        own = _class_key(name)
        rate = next(
            (
                by_place[tax_class, place]
                for tax_class in ((own, STANDARD) if own == SHIPPING else (own,))
                for place in (here, EVERY_OTHER)
                if (tax_class, place) in by_place
            ),
            None,
        )
        if rate is None and lenient:
            found[name] = 0
        elif rate is None:
            lacking.append(own)
        else:
            found[name] = rate
    if lacking:
        raise _no_rate(list(dict.fromkeys(lacking)), called)
    return found


def _no_rate(classes: list[str], country: str) -> RefusedError:
    named = ", ".join(safe(name, 70) for name in classes)
    first = shlex.quote(STANDARD if classes[0] == SHIPPING else safe(classes[0], 70))
    if not country:
        return RefusedError(
            f"There is no tax rate for {named}: neither the order nor the shop names a country.",
            f"`shopctl config set shop.country FR` says where the shop is, `shopctl tax set {first} '*' 19` sets one"
            " for all; or use --tax-rate.",
            classes=classes,
            country=country,
        )
    return RefusedError(
        f"There is no tax rate for {named} in {safe(country, 70)}.",
        f"Set it, such as `shopctl tax set {first} {shlex.quote(safe(country, 70))} 19`, or use --tax-rate.",
        classes=classes,
        country=country,
    )


def _place(tax_class: str, country: str) -> dict[str, str]:
    return {
        "tax_class": _class_key(checked(tax_class, "tax class", limit=60)),
        "country": countries.key(checked(country, "country", limit=60, required=True)),
    }


def _at(place: dict[str, str]) -> list[Any]:
    return [tax_rate.c.tax_class == place["tax_class"], tax_rate.c.country == place["country"]]


def _class_key(name: str) -> str:
    return identity(name) or STANDARD
