"""Copying orders by SQL: the rows of a pattern, under the ids, names and times that a plan gives each copy."""

import sqlite3

_MOMENT = "%Y-%m-%dT%H:%M:%S.000000Z"
NUMBERED = {
    "operation": None,
    "order_line": "order_id",
    "payment": "order_id",
    "shipment": "order_id",
    "order_return": "order_id",
    "claim": "order_id",
    "order_remark": "order_id",
}
"""Tables whose rows others refer to: the copies' ids are counted from the first of each order."""
_REFERENCES = {
    "operation_id": "operation",
    "order_line_id": "order_line",
    "shipment_id": "shipment",
    "return_id": "order_return",
    "claim_id": "claim",
    "authorization_id": "payment",
}
_THROUGH = {"shipment_line": "shipment", "return_line": "order_return", "claim_line": "claim"}
_PAYLOAD = """
    replace(
        replace(t.payload, '"number":"' || t.subject || '"', '"number":"' || p.number || '"'),
        '"remark":' || json_extract(t.payload, '$.remark') || ',',
        '"remark":' || coalesce(p.first_order_remark + (
            SELECT rank FROM ranked WHERE "of" = 'order_remark' AND ranked.id = json_extract(t.payload, '$.remark')
        ), 0) || ','
    )
"""
"""An event names its order and the row of its remark."""
COPIED = (
    *("operation", "orders", "order_line", "payment", "shipment", "shipment_line", "order_return", "return_line"),
    *("claim", "claim_line", "order_remark", "event", "stock_movement", "reservation"),
)


def rank(database: sqlite3.Connection) -> dict[int, dict[str, int]]:
    """Tell which rows belong to which pattern, and give each its place among them; return how many there are."""
    database.execute(
        'CREATE TEMP TABLE ranked ("of" TEXT, id INTEGER, pattern INTEGER, rank INTEGER, PRIMARY KEY ("of", id))'
    )
    for table, column in NUMBERED.items():
        mine = (
            f"SELECT id, {column} AS pattern FROM original.{table}"
            if column
            else "SELECT DISTINCT e.operation_id AS id, o.id AS pattern"
            " FROM original.event e JOIN original.orders o ON o.number = e.subject"
        )
        ranked = (
            f"SELECT '{table}', id, pattern, row_number() OVER (PARTITION BY pattern ORDER BY id) - 1 FROM ({mine})"
        )
        database.execute(f"INSERT INTO ranked {ranked}")
    counts: dict[int, dict[str, int]] = {}
    for table, pattern, count in database.execute('SELECT "of", pattern, count(*) FROM ranked GROUP BY 1, 2'):
        counts.setdefault(pattern, {})[table] = count
    return counts


def copy(database: sqlite3.Connection, table: str) -> None:
    """Write the rows of `table` that each planned order has of its pattern."""
    columns = [row[1] for row in database.execute(f"PRAGMA main.table_info({table})")]
    ranks = "".join(
        f", (SELECT rank FROM ranked WHERE \"of\" = '{of}' AND ranked.id = t.{column}) AS rank_of_{column}"
        for column, of in _REFERENCES.items()
        if column in columns
    )
    pattern = {
        "operation": "(SELECT pattern FROM ranked WHERE \"of\" = 'operation' AND ranked.id = t.id)",
        "orders": "t.id",
        "event": "(SELECT id FROM original.orders WHERE number = t.subject)",
        "stock_movement": "(SELECT id FROM original.orders WHERE number = t.reference)",
        "reservation": "(SELECT id FROM original.orders WHERE number = t.reference)",
    }.get(table, "t.order_id")
    if table in _THROUGH:
        (key,) = (column for column, of in _REFERENCES.items() if of == _THROUGH[table])
        pattern = f"(SELECT order_id FROM original.{_THROUGH[table]} x WHERE x.id = t.{key})"
    own = f"(SELECT rank FROM ranked WHERE \"of\" = '{table}' AND ranked.id = t.id)" if table in NUMBERED else "NULL"
    line = {
        "order_line": "t.line",
        "reservation": "t.line",
        "stock_movement": "(SELECT line FROM original.order_line l JOIN original.orders o ON o.id = l.order_id"
        " WHERE o.number = t.reference AND l.product_id = t.product_id)",
    }.get(table, "NULL")
    database.execute(
        f"CREATE TEMP TABLE from_{table} AS"
        f" SELECT {pattern} AS pattern, {own} AS rank, {line} AS of_line, t.*{ranks} FROM original.{table} t"
    )
    database.execute(f"CREATE INDEX temp.from_{table}_pattern ON from_{table} (pattern)")
    values = [_value(table, column) for column in columns]
    joined = ""
    if "product_id" in columns:
        joined = "JOIN choice c ON c.id = p.id AND c.line = t.of_line JOIN product ON product.id = c.product"
    database.execute(
        f"INSERT INTO main.{table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM plan p"
        f" CROSS JOIN from_{table} t ON t.pattern = p.pattern {joined} ORDER BY p.id, t.rowid"
    )


def _value(table: str, column: str) -> str:
    """Return the expression that gives the copy of a column: `t` is the original row, `p` the plan."""
    special = {
        "orders.number": "p.number",
        "orders.channel": "p.channel",
        "orders.external_number": "p.external",
        "orders.customer_id": "p.customer",
        "orders.customer_email": "p.email",
        "orders.customer_name": "p.name",
        "orders.search": "p.search",
        "orders.id": "p.id",
        "order_line.sku": "product.sku",
        "order_line.name": "product.name",
        "shipment.tracking": "CASE t.tracking WHEN '' THEN '' ELSE p.tracking || t.parcel END",
        "event.subject": "p.number",
        "event.payload": _PAYLOAD,
        "stock_movement.reference": "p.number",
        "reservation.reference": "p.number",
    }
    if found := special.get(f"{table}.{column}"):
        return found
    if column == "id":
        return f"p.first_{table} + t.rank" if table in NUMBERED else "NULL"
    if column == "order_id":
        return "p.id"
    if column == "product_id":
        return "c.product"
    if column in _REFERENCES:
        return f"p.first_{_REFERENCES[column]} + t.rank_of_{column}"
    if column == "at" or column.endswith("_at"):
        return f"strftime('{_MOMENT}', strftime('%s', t.{column}) + p.shift, 'unixepoch')"
    return f"t.{column}"
