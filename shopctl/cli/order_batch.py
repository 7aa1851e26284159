"""``shopctl order place -``, ``ship -``, …: each line of JSON in its own transaction, each with a receipt."""

from typing import TYPE_CHECKING, Any, Literal

import msgspec
import typer

from shopctl import files
from shopctl.cli import output
from shopctl.cli.order_parts import money, tell_how_mail_leaves
from shopctl.cli.output import Column
from shopctl.errors import BadValueError, ShopError, UnreachableError
from shopctl.services import orders
from shopctl.services.orders import DEFAULT_METHOD, Choice, Order, parsing
from shopctl.text import safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from shopctl.cli.context import Context

_COLUMNS = [
    Column("row", "Row", right=True),
    Column("key", "Key"),
    Column("number", "Number"),
    Column("result", "Result"),
    Column("message", "Message", read=lambda receipt: safe(receipt.message or "", 200), flexible=True),
]


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a row: done (``placed``, ``shipped``, …), ``repeated`` (done before by its key), or ``failed``."""

    row: int
    key: str | None
    number: str | None = None
    result: str
    code: str | None = None
    message: str | None = None


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    number: str | int
    key: str | None = None


class _Unit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sku: str
    quantity: int = 1


class _Units(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    lines: list[_Unit] = []

    @property
    def choices(self) -> tuple[Choice, ...]:
        return tuple(Choice(unit.sku, unit.quantity) for unit in self.lines)


class _Money(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    amount: str | int | None = None
    reference: str = ""


class _Paid(_Money, frozen=True, forbid_unknown_fields=True, kw_only=True):
    method: str = DEFAULT_METHOD


class _Refund(_Units, frozen=True, forbid_unknown_fields=True, kw_only=True):
    amount: str | int | None = None
    method: str | None = None
    reference: str = ""


class _Confirm(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    paid: str | None = None


class _Ship(_Units, frozen=True, forbid_unknown_fields=True, kw_only=True):
    carrier: str = ""
    tracking: str = ""
    link: str = ""
    parcel: str | int | None = None


class _Deliver(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    parcel: str | int | None = None


class _Cancel(_Units, frozen=True, forbid_unknown_fields=True, kw_only=True):
    reason: str = ""


class _Return(_Cancel, frozen=True, forbid_unknown_fields=True, kw_only=True):
    restock: bool | None = None
    request: bool = False


class _Inspect(_Units, frozen=True, forbid_unknown_fields=True, kw_only=True):
    restock: bool


class _Claim(_Cancel, frozen=True, forbid_unknown_fields=True, kw_only=True):
    kind: Literal["damaged", "lost", "wrong"]
    replace: bool = False


class _Verb(msgspec.Struct, frozen=True):
    """What can be done with each row: how a row looks, how it is done, and the word for it."""

    row: type[_Row]
    do: "Callable[[Context, Connection, Any], Order]"
    done: str


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def _return(conn: "Connection", row: _Return) -> Order:
    number = str(row.number)
    if row.request:
        return orders.request_return(conn, number, row.choices, reason=row.reason, key=row.key)
    return orders.receive_return(conn, number, row.choices, restock=row.restock, reason=row.reason, key=row.key)


_VERBS: dict[str, _Verb] = {
    "confirm": _Verb(
        _Confirm, lambda _, conn, row: orders.confirm(conn, str(row.number), paid=row.paid, key=row.key), "placed"
    ),
    "pay": _Verb(
        _Paid,
        lambda context, conn, row: orders.pay(
            conn,
            str(row.number),
            amount=money(context, _text(row.amount)),
            method=row.method,
            reference=row.reference,
            key=row.key,
        ),
        "paid",
    ),
    "authorize": _Verb(
        _Paid,
        lambda context, conn, row: orders.authorize(
            conn,
            str(row.number),
            amount=money(context, _text(row.amount)),
            method=row.method,
            reference=row.reference,
            key=row.key,
        ),
        "authorized",
    ),
    "capture": _Verb(
        _Money,
        lambda context, conn, row: orders.capture_authorized(
            conn, str(row.number), amount=money(context, _text(row.amount)), reference=row.reference, key=row.key
        ),
        "captured",
    ),
    "void": _Verb(
        _Money,
        lambda context, conn, row: orders.void(
            conn, str(row.number), amount=money(context, _text(row.amount)), key=row.key
        ),
        "voided",
    ),
    "refund": _Verb(
        _Refund,
        lambda context, conn, row: orders.refund(
            conn,
            str(row.number),
            row.choices,
            amount=money(context, _text(row.amount)),
            method=row.method,
            reference=row.reference,
            key=row.key,
        ),
        "refunded",
    ),
    "pack": _Verb(_Units, lambda _, conn, row: orders.pack(conn, str(row.number), row.choices, key=row.key), "packed"),
    "ship": _Verb(
        _Ship,
        lambda _, conn, row: orders.ship(
            conn,
            str(row.number),
            row.choices,
            carrier=row.carrier,
            tracking=row.tracking,
            link=row.link,
            parcel=_text(row.parcel),
            key=row.key,
        ),
        "shipped",
    ),
    "deliver": _Verb(
        _Deliver,
        lambda _, conn, row: orders.deliver(conn, str(row.number), parcel=_text(row.parcel), key=row.key),
        "delivered",
    ),
    "cancel": _Verb(
        _Cancel,
        lambda _, conn, row: orders.cancel(conn, str(row.number), row.choices, reason=row.reason, key=row.key),
        "cancelled",
    ),
    "return": _Verb(_Return, lambda _, conn, row: _return(conn, row), "returned"),
    "inspect": _Verb(
        _Inspect,
        lambda _, conn, row: orders.inspect_return(
            conn, str(row.number), row.choices, restock=row.restock, key=row.key
        ),
        "inspected",
    ),
    "claim": _Verb(
        _Claim,
        lambda _, conn, row: orders.claim(
            conn, str(row.number), row.choices, row.kind, replace=row.replace, reason=row.reason, key=row.key
        ),
        "claimed",
    ),
}


def run(context: "Context", verb: str, *, dry_run: bool) -> None:
    """Do `verb` with all rows on stdin; exit with the status of the first that failed."""
    sheet = files.read("-", "jsonl")
    done = _VERBS[verb].done if verb in _VERBS else "placed"
    receipts: list[Receipt] = []
    status = 0

    def all_rows(conn: "Connection | None") -> None:
        nonlocal status
        for row in sheet.rows:
            receipt, failed = _done(context, verb, done, row, conn)
            receipts.append(receipt)
            status = status or failed

    if dry_run:
        with context.writing(dry_run=True) as conn:
            all_rows(conn)
    else:
        all_rows(None)
        if verb == "place" and any(receipt.result == done for receipt in receipts):
            tell_how_mail_leaves(context.shop)
    context.print(receipts, _COLUMNS)
    keyless = sum(1 for receipt in receipts if receipt.key is None and receipt.result == done)
    if keyless:
        output.tell(f"{keyless:,} rows have no key: sent again, they would be {done} again.", style="yellow")
    if status:
        failures = sum(1 for receipt in receipts if receipt.result == "failed")
        output.tell(f"{failures:,} of {len(receipts):,} rows failed; mend them and send all again.", style="red")
        raise typer.Exit(status)


def _done(context: "Context", verb: str, done: str, row: files.Row, dry: "Connection | None") -> tuple[Receipt, int]:
    """Do one row: in its own transaction, or within a savepoint of a dry run's."""
    key = row.cells.get("key")
    try:
        request = _request(context, verb, row.cells)
        if dry is not None:
            with dry.begin_nested():
                number, repeated = request(dry)
        else:
            with context.writing() as conn:
                number, repeated = request(conn)
    except ShopError as error:
        if error.status >= UnreachableError.status:  # not this row's fault: the others would fare no better
            raise
        named = row.cells.get("number")
        return (
            Receipt(
                row=row.number,
                key=key if isinstance(key, str) else None,
                number=str(named) if isinstance(named, str | int) else None,
                result="failed",
                code=error.code,
                message=error.message,
            ),
            error.status,
        )
    kept = key.strip() if isinstance(key, str) else None
    return Receipt(row=row.number, key=kept, number=number, result="repeated" if repeated else done), 0


def _request(context: "Context", verb: str, cells: Any) -> "Callable[[Connection], tuple[str, bool]]":
    """Return what does a row: it gives the order's number, and whether it was done before."""
    if verb == "place":
        draft = parsing.order(cells, context.shop.settings.shop.currency)
        return lambda conn: _asked(conn, lambda: orders.place(conn, draft))
    try:
        row = msgspec.convert(cells, _VERBS[verb].row)
    except msgspec.ValidationError as error:
        raise BadValueError(f"The row is not understood: {error}.", "docs/files.md lists the fields.") from None
    row = msgspec.structs.replace(row, key=parsing.key(row.key))
    return lambda conn: _asked(conn, lambda: _VERBS[verb].do(context, conn, row))


def _asked(conn: "Connection", do: "Callable[[], Order]") -> tuple[str, bool]:
    from shopctl.database import current

    before = len(current(conn).recorded)
    number = do().number
    return number, len(current(conn).recorded) == before
