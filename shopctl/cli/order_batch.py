"""``shopctl order place -``, ``ship -``, …: each line of JSON in its own transaction, each with a receipt."""

from typing import TYPE_CHECKING, Any

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


class _Void(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    amount: str | int | None = None


class _Capture(_Void, frozen=True, forbid_unknown_fields=True, kw_only=True):
    reference: str = ""


class _Paid(_Capture, frozen=True, forbid_unknown_fields=True, kw_only=True):
    method: str = DEFAULT_METHOD


class _Refund(_Units, frozen=True, forbid_unknown_fields=True, kw_only=True):
    amount: str | int | None = None
    method: str | None = None
    reference: str = ""


class _Confirm(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    paid: str | None = None


class _Deliver(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    parcel: str | int | None = None


class _Ship(_Units, frozen=True, forbid_unknown_fields=True, kw_only=True):
    carrier: str = ""
    tracking: str = ""
    link: str = ""
    parcel: str | int | None = None


class _Cancel(_Units, frozen=True, forbid_unknown_fields=True, kw_only=True):
    reason: str = ""


class _Return(_Cancel, frozen=True, forbid_unknown_fields=True, kw_only=True):
    restock: bool | None = None
    request: bool = False


class _Inspect(_Units, frozen=True, forbid_unknown_fields=True, kw_only=True):
    restock: bool


class _Claim(_Cancel, frozen=True, forbid_unknown_fields=True, kw_only=True):
    kind: orders.ClaimKind
    replace: bool = False


class _Verb(msgspec.Struct, frozen=True):
    """What can be done with each row: how a row looks, what does it, and the word for it."""

    row: type[_Row]
    do: "Callable[..., Order]"
    done: str


def _returned(conn: "Connection", number: str, *, request: bool, restock: bool | None, **given: Any) -> Order:
    if request:
        return orders.request_return(conn, number, **given)
    return orders.receive_return(conn, number, restock=restock, **given)


_VERBS = {
    "confirm": _Verb(_Confirm, orders.confirm, "placed"),
    "pay": _Verb(_Paid, orders.pay, "paid"),
    "authorize": _Verb(_Paid, orders.authorize, "authorized"),
    "capture": _Verb(_Capture, orders.capture_authorized, "captured"),
    "void": _Verb(_Void, orders.void, "voided"),
    "refund": _Verb(_Refund, orders.refund, "refunded"),
    "pack": _Verb(_Units, orders.pack, "packed"),
    "ship": _Verb(_Ship, orders.ship, "shipped"),
    "deliver": _Verb(_Deliver, orders.deliver, "delivered"),
    "cancel": _Verb(_Cancel, orders.cancel, "cancelled"),
    "return": _Verb(_Return, _returned, "returned"),
    "inspect": _Verb(_Inspect, orders.inspect_return, "inspected"),
    "claim": _Verb(_Claim, orders.claim, "claimed"),
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
            from shopctl.database import savepoint

            with savepoint(dry):
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
    given = _arguments(context, row)
    return lambda conn: _asked(conn, lambda: _VERBS[verb].do(conn, str(row.number), **given))


def _arguments(context: "Context", row: _Row) -> dict[str, Any]:
    """Return what a row asks for, in the names of the services."""
    given = {name: getattr(row, name) for name in row.__struct_fields__ if name not in ("number", "lines")}
    given["key"] = parsing.key(row.key)
    if isinstance(row, _Units):
        given["choices"] = tuple(Choice(unit.sku, unit.quantity) for unit in row.lines)
    for name, read in (("amount", lambda text: money(context, text)), ("parcel", str)):
        if given.get(name) is not None:
            given[name] = read(str(given[name]))
    return given


def _asked(conn: "Connection", do: "Callable[[], Order]") -> tuple[str, bool]:
    from shopctl.database import current

    before = len(current(conn).recorded)
    number = do().number
    return number, len(current(conn).recorded) == before
