"""Orders as people and files write them: ``MUG=2@8.50``, ``10%``, an address on one line, a JSON object."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from shopctl.errors import BadValueError
from shopctl.money import MAX_MINOR, Money, parse_rate
from shopctl.services.orders.values import Address, Choice, Discount, LineDraft, OrderDraft
from shopctl.text import safe

_PATH_LENGTH = 255
_MAX_ADDRESS = 10_000


class _LineRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sku: str
    quantity: int = 1
    price: str | int | None = None


class _OrderRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    lines: list[_LineRow]
    key: str | None = None
    customer: str | None = None
    name: str = ""
    phone: str = ""
    ship_to: Address | str | None = None
    bill_to: Address | str | None = None
    discount: str | int | None = None
    code: str | None = None
    shipping: str | int | None = None
    tax_rate: str | int | None = None
    paid: str | None = None
    draft: bool = False
    note: str = ""
    channel: str = "shop"
    external_number: str | None = None
    total: str | int | None = None


def item(text: str, currency: str) -> LineDraft:
    """Return the line that ``SKU=QTY`` or ``SKU=QTY@PRICE`` writes.

    Raises:
        BadValueError: it is neither.
    """
    sku, equals, rest = text.rpartition("=")
    quantity, at, price = rest.partition("@")
    if not equals or not sku.strip():
        raise BadValueError(
            f"{safe(text, 80)!r} is no line of an order.", "Write SKU=QTY, such as MUG=2 or MUG=2@8.50."
        )
    return LineDraft(sku.strip(), whole_number(quantity, "quantity"), Money.parse(price, currency) if at else None)


def choice(text: str) -> Choice:
    """Return the units that ``SKU=QTY``, ``#LINE=QTY`` or ``SKU`` (one) writes.

    Raises:
        BadValueError: the quantity is no whole number.
    """
    sku, equals, quantity = text.rpartition("=")
    if not equals:
        return Choice(text.strip(), 1)
    if not sku.strip():
        raise BadValueError(f"{safe(text, 80)!r} names no product.", "Write SKU=QTY, such as MUG=2.")
    return Choice(sku.strip(), whole_number(quantity, "quantity"))


def choices(texts: Sequence[str] | None) -> tuple[Choice, ...]:
    """Return the units that these texts write, as `choice`."""
    return tuple(choice(text) for text in texts or ())


def whole_number(text: str, what: str) -> int:
    """Return the whole number that `text` writes in plain digits.

    Raises:
        BadValueError: it is none, or has over 12 digits.
    """
    digits = text.strip()
    if not (digits.removeprefix("-").isascii() and digits.removeprefix("-").isdigit() and len(digits) <= 12):
        raise BadValueError(f"The {what} {safe(text, 40)!r} is no whole number.", "Write it in digits, such as 2.")
    return int(digits)


def discount(text: str | None, currency: str) -> Discount:
    """Return the discount that ``10%`` or ``5.00`` writes.

    Raises:
        BadValueError: it is neither, or negative.
    """
    if text is None or not text.strip():
        return Discount()
    if text.strip().endswith("%"):
        return Discount(rate=parse_rate(text))
    return Discount(amount=_charge(text, currency, "discount").amount)


def address(text: str, *, files: bool = False) -> Address:
    """Return the address on the line `text`: name, street, postcode and city, country; or in the JSON file, if `files`.

    On one line, commas or line breaks separate the parts: the first is the name, the last the country, the one before
    it the postcode and city. No country has a digit in its name: where the last part has one, it is the town, and the
    country is left open (the shop's own).

    Raises:
        BadValueError: it is no address.
    """
    source = text
    if (
        files
        and not text.lstrip().startswith("{")
        and len(text.encode("utf-8", "replace")) < _PATH_LENGTH
        and Path(text).is_file()
    ):
        source = _file_content(Path(text))
    try:
        if source.lstrip().startswith("{"):
            return msgspec.json.decode(source, type=Address)
    except msgspec.DecodeError as error:
        known = ", ".join(Address.__struct_fields__)
        raise BadValueError(f"The address is not understood: {error}.", f"It has {known}.") from None
    parts = [part.strip() for part in source.replace("\n", ",").split(",") if part.strip()]
    if not 3 <= len(parts) <= 6:
        raise BadValueError(
            f"The address {safe(text, 80)!r} is not understood.",
            "Write NAME, STREET, POSTCODE CITY, COUNTRY, or name a JSON file.",
        )
    if any(char.isdigit() for char in parts[-1]):
        parts.append("")
    name, *street, town, country = parts
    postcode, city = _town(town)
    company = street.pop(0) if len(street) > 2 else ""
    first, second = (*street, "", "")[:2]
    return Address(name=name, company=company, line1=first, line2=second, postcode=postcode, city=city, country=country)


def _file_content(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return file.read(_MAX_ADDRESS)
    except OSError as error:
        raise BadValueError(f"{safe(str(path), 100)} cannot be read: {error.strerror}.", "Check the file.") from None


def order(data: Any, currency: str) -> OrderDraft:
    """Return the order that a JSON object describes, in the names of ``docs/files.md``.

    Raises:
        BadValueError: it is not understood; the message names the field.
    """
    try:
        row = msgspec.convert(data, _OrderRow)
    except msgspec.ValidationError as error:
        raise BadValueError(f"The order is not understood: {error}.", "docs/files.md lists the fields.") from None
    return OrderDraft(
        lines=tuple(
            LineDraft(line.sku, line.quantity, None if line.price is None else Money.parse(str(line.price), currency))
            for line in row.lines
        ),
        customer=row.customer or None,
        name=row.name,
        phone=row.phone,
        ship_to=address(row.ship_to) if isinstance(row.ship_to, str) else row.ship_to,
        bill_to=address(row.bill_to) if isinstance(row.bill_to, str) else row.bill_to,
        discount=discount(None if row.discount is None else str(row.discount), currency),
        code=row.code,
        shipping=shipping(None if row.shipping is None else str(row.shipping), currency),
        tax_rate=parse_rate(str(row.tax_rate)) if row.tax_rate is not None else None,
        paid=row.paid,
        draft=row.draft,
        note=row.note,
        channel=row.channel,
        external_number=row.external_number,
        total=None if row.total is None else _charge(str(row.total), currency, "total"),
        key=key(row.key),
    )


def shipping(text: str | None, currency: str) -> Money | str | None:
    """Return the price of shipping that `text` writes, or the name of a way to ship.

    Raises:
        BadValueError: it is empty, or a negative amount.
    """
    if text is None or any(char.isalpha() for char in text):
        return text
    return _charge(text, currency, "price of shipping")


def key(text: str | None) -> str | None:
    """Return an idempotency key as it is kept.

    Raises:
        BadValueError: it is empty or longer than 200 characters.
    """
    if text is not None and not 1 <= len(text.strip()) <= 200:
        raise BadValueError("The key is empty or longer than 200 characters.", "Use something unique, such as a UUID.")
    return text.strip() if text is not None else None


def _charge(text: str, currency: str, what: str) -> Money:
    amount = Money.parse(text, currency)
    if not 0 <= amount.amount <= MAX_MINOR:
        raise BadValueError(f"The {what} {amount} is negative.", "Use zero or more.")
    return amount


def _town(text: str) -> tuple[str, str]:
    """Return the postcode and the city: the words with digits stand together, before or after the others."""
    words = text.split()
    numbered = [i for i, word in enumerate(words) if any(char.isdigit() for char in word)]
    if not numbered:
        return "", text
    if numbered[0] == 0:
        return _joined(words, 0, numbered[-1] + 1), _joined(words, numbered[-1] + 1, len(words))
    return _joined(words, numbered[0], len(words)), _joined(words, 0, numbered[0])


def _joined(words: Sequence[str], start: int, end: int) -> str:
    return " ".join(words[start:end])
