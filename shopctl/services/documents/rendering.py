"""Documents as pages that print (HTML) and as text that reads well in a terminal (Markdown)."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from shopctl import clock
from shopctl.money import Money
from shopctl.services.documents.values import INVOICE, Document, DocumentLine, Slip
from shopctl.services.orders import Address
from shopctl.services.orders.values import Buyer
from shopctl.templating import environment
from shopctl.text import markdown, safe

TEMPLATES = Path(__file__).parent / "templates"
Form = Literal["html", "md"]
_DENSE = 14
"""From more lines than this on, rows stand closer, so that an ordinary order prints on one page."""

_WIDEST = 40


def render(document: Document | Slip, form: Form) -> str:
    """Return an invoice, a credit note or a packing slip as a page of HTML or as Markdown."""
    values = _of_slip(document) if isinstance(document, Slip) else _of_document(document)
    values["dense"] = len(values["rows"]) > _DENSE
    if form == "md":
        values["table"] = _table(values["columns"], values["rows"])
        values["sums"] = _table([("", "text"), ("", "right")], [(name, text) for name, text, _ in values["totals"]])
    return environment(TEMPLATES).get_template(f"document.{form}").render(values).rstrip("\n") + "\n"


def _of_document(document: Document) -> dict[str, Any]:
    taxed = any(share.tax.amount for share in document.taxes)
    columns = [("Item", "text"), ("SKU", "code"), ("Quantity", "right"), ("Price", "right")]
    columns += [("Tax", "right")] if taxed else []
    rows = [
        (
            _item(line),
            line.sku,
            f"{line.quantity:,}" if line.line is not None else "",
            _amount(line.unit_price) if line.quantity and line.line is not None else "",
            *([f"{line.tax_rate}%"] if taxed else []),
            _amount(line.total),
        )
        for line in document.lines
    ]
    facts = [
        ("Issued", _day(document.issued_at, document.timezone)),
        ("Order", document.order_number),
        ("Ordered", _day(document.placed_at, document.timezone)),
        ("Corrects", ", ".join(document.corrects)),
    ]
    return {
        "title": "Invoice" if document.kind == INVOICE else "Credit note",
        "number": document.number,
        "seller": document.seller,
        "from_": [*document.seller_address, *([f"Tax no. {document.tax_id}"] if document.tax_id else [])],
        "parties": _parties(document),
        "facts": [(name, text) for name, text in facts if text],
        "columns": [*columns, ("Amount", "right")],
        "rows": rows,
        "totals": _totals(document),
    }


def _of_slip(slip: Slip) -> dict[str, Any]:
    facts = [
        ("Order", slip.order_number),
        ("Ordered", _day(slip.placed_at, slip.timezone)),
        ("Parcel", slip.parcel),
        ("Carrier", slip.carrier),
        ("Tracking", slip.tracking),
        ("Units", f"{sum(line.quantity for line in slip.lines):,}"),
    ]
    return {
        "title": "Packing slip",
        "number": slip.parcel or slip.order_number,
        "seller": slip.seller,
        "from_": slip.seller_address,
        "parties": [("Ship to", _who(slip.ship_to, slip.customer, with_email=False))],
        "facts": [(name, text) for name, text in facts if text],
        "columns": [("Item", "text"), ("SKU", "code"), ("Quantity", "right"), ("", "box")],
        "rows": [(line.name, line.sku, f"{line.quantity:,}", "") for line in slip.lines],
        "totals": [],
    }


def _item(line: DocumentLine) -> str:
    return line.name if line.quantity else f"{line.name}: change of discount"


def _parties(document: Document) -> list[tuple[str, list[str]]]:
    """Return who is billed and where it goes; said once where that is the same."""
    billed = _who(document.bill_to, document.customer, with_email=True)
    if document.ship_to is None or document.ship_to == document.bill_to:
        return [("Bill and ship to" if document.ship_to else "Bill to", billed)]
    return [("Bill to", billed), ("Ship to", document.ship_to.lines())]


def _who(address: Address | None, customer: Buyer, *, with_email: bool) -> list[str]:
    lines = address.lines() if address else []
    if customer.name and not (address and (address.name or address.company)):
        lines = [customer.name, *lines]
    return [*lines, customer.email] if customer.email and (with_email or not lines) else lines


def _totals(document: Document) -> list[tuple[str, str, str]]:
    """Return the rows below the lines: what it is, how much, and how it is set."""
    billed = document.kind == INVOICE
    taxes = [share for share in document.taxes if share.tax.amount]
    rows = [
        ("Subtotal", _amount(document.subtotal), "", True),
        ("Discount", _less(document.discount), "", document.discount.amount),
        ("Shipping", _amount(document.shipping), "", document.shipping.amount),
    ]
    if not document.prices_include_tax:
        rows += [(f"Tax {share.rate}% of {_amount(share.net)}", _amount(share.tax), "", True) for share in taxes]
    rows += [
        ("Rounding", _amount(document.rounding), "", document.rounding.amount),
        (f"{'Total' if billed else 'Total credited'}, {document.currency}", _amount(document.total), "strong", True),
    ]
    if document.prices_include_tax:
        rows += [
            (f"includes {share.rate}% tax on {_amount(share.net)}", _amount(share.tax), "quiet", True)
            for share in taxes
        ]
    left = Money(document.total.amount - document.paid.amount, document.currency)
    rows += [
        ("Paid" if billed else "Paid back", _amount(document.paid), "", document.paid.amount),
        ("To pay", _amount(left), "strong", billed and left.amount),
    ]
    return [(name, text, style) for name, text, style, shown in rows if shown]


def _amount(money: Money) -> str:
    return money.shown().rpartition(" ")[0].replace("-", "−")


def _less(money: Money) -> str:
    return _amount(Money(-money.amount, money.currency))


def _day(at: datetime | None, timezone: str) -> str:
    if at is None:
        return ""
    local = at.astimezone(clock.zone(timezone))
    return f"{local.day} {local:%B %Y}"


def _table(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of Markdown whose columns stand under each other; a long name widens its own row only."""
    shown = [i for i, (_, kind) in enumerate(columns) if kind != "box"]
    right = [columns[i][1] == "right" for i in shown]
    cells = [[markdown(safe(row[i], 300)) for i in shown] for row in ([name for name, _ in columns], *rows)]
    widths = [min(_WIDEST, max(3, *map(_width, texts))) for texts in zip(*cells, strict=True)]
    rule = ["-" * (width - 1) + ":" if end else "-" * width for width, end in zip(widths, right, strict=True)]
    lines = [[_padded(*cell) for cell in zip(row, widths, right, strict=True)] for row in cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in [lines[0], rule, *lines[1:]])


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space


def _width(text: str) -> int:
    """Return how many columns of a terminal `text` takes (Unicode's East Asian Width)."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.category(char) in ("Mn", "Me", "Cf") for char in text)
