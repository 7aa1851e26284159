"""The cells of a product file: what is expected in each column, and how it is read."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from shopctl.errors import BadValueError
from shopctl.money import Money
from shopctl.services.products import sku as skus
from shopctl.text import checked

_MAX_UNITS = 1_000_000


def readers(currency: str, *, decimal_comma: bool) -> dict[str, tuple[str, Callable[[Any], Any]]]:
    """Return, by column, what is expected in it and how it is read."""

    def amount(value: Any) -> Money:
        text = str(value).strip()
        parsed = Money.parse(
            text.replace(".", "").replace(",", ".") if decimal_comma and "," in text else text, currency
        )
        if parsed.amount < 0:
            raise BadValueError("A price is zero or more.")
        return parsed

    def text(limit: int, what: str) -> Callable[[Any], str]:
        return lambda value: checked(_string(value), what, limit=limit)

    def units(value: Any) -> int:
        number = _whole(value)
        if not 0 <= number <= _MAX_UNITS:
            raise BadValueError("A quantity is 0 to 1,000,000.")
        return number

    price = f"an amount in {currency} such as {Money(990, currency)}"
    quantity = "a whole number from 0 to 1,000,000"
    return {
        "sku": ("a SKU of letters, digits, - _ . / and spaces", lambda value: skus.normalized(_string(value))),
        "name": ("a name of at most 300 characters", text(300, "name")),
        "description": ("a text of at most 20,000 characters", text(20_000, "description")),
        "price": (price, amount),
        "compare_at": (price, amount),
        "cost": (price, amount),
        "stock": (quantity, units),
        "category": ("a text of at most 200 characters", text(200, "category")),
        "tags": ("words separated by commas", _tags),
        "barcode": ("a text of at most 64 characters", text(64, "barcode")),
        "weight": ("whole grams", _weight),
        "tax_class": ("a text of at most 60 characters", text(60, "tax class")),
        "status": ("draft, active or archived", _status),
        "variant_of": ("the SKU of a product", lambda value: skus.normalized(_string(value))),
        "options": ("options such as size=L; colour=Red", _options),
        "reorder_point": (quantity, units),
        "location": ("a name of at most 64 characters", text(64, "location")),
        "bin": ("a text of at most 64 characters", text(64, "bin")),
    }


def _string(value: Any) -> str:
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise BadValueError("This is no text.")
    return str(value)


def _whole(value: Any) -> int:
    text = _string(value).strip()
    text = text.removesuffix(".0")
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 12):
        raise BadValueError("This is no whole number.")
    return int(text)


def _weight(value: Any) -> int:
    grams = _whole(value)
    if not 0 <= grams <= 1_000_000_000:
        raise BadValueError("A weight is 0 to 1,000,000,000 grams.")
    return grams


def _status(value: Any) -> str:
    status = _string(value).strip().casefold()
    if status not in ("draft", "active", "archived"):
        raise BadValueError("This is no status.")
    return status


def _tags(value: Any) -> tuple[str, ...]:
    value = _structured(value, "[")
    words = value if isinstance(value, list) else _string(value).split(",")
    return tuple(dict.fromkeys(checked(_string(word), "tag", limit=100) for word in words if _string(word).strip()))


def _options(value: Any) -> dict[str, str]:
    value = _structured(value, "{")
    pairs = (
        value.items()
        if isinstance(value, dict)
        else [_pair(part) for part in _string(value).split(";") if part.strip()]
    )
    return {
        checked(_string(name), "option", limit=60, required=True): checked(
            _string(part), "option", limit=120, required=True
        )
        for name, part in pairs
    }


def _structured(value: Any, opening: str) -> Any:
    """Return the list or object that a cell writes as JSON, or the cell."""
    if isinstance(value, str) and value.lstrip().startswith(opening):
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(value)
    return value


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadValueError("Options look like size=L.")
    return name.strip(), value.strip()
