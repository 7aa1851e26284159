"""``shopctl order place -``: an order for each line of JSON, each in its own transaction, each with a receipt."""

from typing import TYPE_CHECKING, Any

import msgspec
import typer

from shopctl import files
from shopctl.cli import output
from shopctl.cli.order import tell_how_mail_leaves
from shopctl.cli.output import Column
from shopctl.errors import ShopError, UnreachableError
from shopctl.services import orders
from shopctl.services.orders import parsing
from shopctl.text import safe

if TYPE_CHECKING:
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
    """What became of a row: ``placed``, ``repeated`` (placed before under its key), or ``failed`` and why."""

    row: int
    key: str | None
    number: str | None = None
    result: str
    code: str | None = None
    message: str | None = None


def place_all(context: "Context", *, dry_run: bool) -> None:
    """Place all orders on stdin; exit with the status of the first that failed."""
    sheet = files.read("-", "jsonl")
    receipts: list[Receipt] = []
    status = 0
    if dry_run:
        with context.writing(dry_run=True) as conn:
            for row in sheet.rows:
                receipt, failed = _placed(context, row, conn)
                receipts.append(receipt)
                status = status or failed
    else:
        for row in sheet.rows:
            receipt, failed = _placed(context, row, None)
            receipts.append(receipt)
            status = status or failed
        if any(receipt.result == "placed" for receipt in receipts):
            tell_how_mail_leaves(context.shop)
    context.print(receipts, _COLUMNS)
    keyless = sum(1 for receipt in receipts if receipt.key is None and receipt.result == "placed")
    if keyless:
        output.tell(f"{keyless:,} rows have no key: sent again, they would be placed again.", style="yellow")
    if status:
        failures = sum(1 for receipt in receipts if receipt.result == "failed")
        output.tell(f"{failures:,} of {len(receipts):,} rows failed; mend them and send all again.", style="red")
        raise typer.Exit(status)


def _placed(context: "Context", row: files.Row, dry: "Connection | None") -> tuple[Receipt, int]:
    """Place one row: in its own transaction, or within a savepoint of a dry run's."""
    key = row.cells.get("key")
    try:
        draft = parsing.order(row.cells, context.shop.settings.shop.currency)
        if dry is not None:
            with dry.begin_nested():
                number, repeated = _place(dry, draft)
        else:
            with context.writing() as conn:
                number, repeated = _place(conn, draft)
    except ShopError as error:
        if error.status >= UnreachableError.status:  # not this row's fault: the others would fare no better
            raise
        failed = Receipt(row=row.number, key=_text(key), result="failed", code=error.code, message=error.message)
        return failed, error.status
    return Receipt(row=row.number, key=draft.key, number=number, result="repeated" if repeated else "placed"), 0


def _place(conn: "Connection", draft: orders.OrderDraft) -> tuple[str, bool]:
    from shopctl.database import current

    before = len(current(conn).recorded)
    number = orders.place(conn, draft).number
    return number, len(current(conn).recorded) == before


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
