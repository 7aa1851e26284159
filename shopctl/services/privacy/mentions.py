"""Addresses that somebody wrote into texts of the shop: notes, reasons, remarks, about whomever."""

import re
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select, update

from shopctl.database import operation_id
from shopctl.services.customers.tables import customer
from shopctl.services.orders.tables import order, remark

ERASED = "(erased)"
_PLACES: tuple[tuple[Table, tuple[str, ...]], ...] = (
    (remark, ("before", "after")),
    (order, ("note", "cancel_reason")),
    (customer, ("note",)),
)


def erase_mentions(conn: Connection, names: Collection[str]) -> int:
    """Erase the e-mail addresses among `names` wherever a text mentions them; return how many texts' rows."""
    return sum(_erase(conn, address) for address in names if "@" in address)


def _erase(conn: Connection, address: str) -> int:
    pattern = re.compile(rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)", re.IGNORECASE)
    rewritten = 0
    for table, columns in _PLACES:
        wanted = or_(*(_may_hold(table.c[name], address) for name in columns))
        for row in conn.execute(select(table.c.id, *(table.c[name] for name in columns)).where(wanted)).all():
            was = {name: getattr(row, name) for name in columns}
            values: dict[str, Any] = {name: pattern.sub(ERASED, text) for name, text in was.items()}
            if values != was:
                if table is not remark:  # a remark is of the operation in which it was written
                    values["operation_id"] = operation_id(conn)
                conn.execute(update(table).where(table.c.id == row.id).values(**values))
                rewritten += 1
    return rewritten


def _may_hold(column: ColumnElement[Any], address: str) -> ColumnElement[bool]:
    if not address.isascii():  # SQLite's lower() is for ASCII (sqlite.org/lang_corefunc.html)
        return func.instr(column, "@") > 0
    return func.instr(func.lower(column), address.lower()) > 0
