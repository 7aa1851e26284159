"""A shop of so many orders, made in minutes: orders of every kind that the services made, copied by SQL.

``python -m benchmarks.shop_of HOME 1000000`` makes one. What is copied is what the services wrote, row by row, with
other customers, products, times and numbers; so the copies hold as the originals do, which ``shopctl doctor`` proves.
Stock is received so that it suffices. Left out: messages, documents, idempotency keys.
"""

import random
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import patterns, people
from benchmarks.people import Person
from shopctl import shop as shops
from shopctl.services.orders import searching
from shopctl.text import fold, identity

YEARS = 3
LATEST = 0.05
"""So large a part of the orders are the latest ones, of which many are still to be served."""
FIRST_NUMBER = 1001
_MOMENT = "%Y-%m-%dT%H:%M:%S.000000Z"
_BEGIN = int(patterns.BEGIN.timestamp())
_NUMBERED = {
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
_COPIED = (
    *("operation", "orders", "order_line", "payment", "shipment", "shipment_line", "order_return", "return_line"),
    *("claim", "claim_line", "order_remark", "event", "stock_movement", "reservation"),
)


def make(home: Path, *, orders: int, skus: int, customers: int, each: int = 400, latest: float = LATEST) -> Path:
    """Make a shop in `home`; return it. `each` is how many patterns there are for 1,000 orders."""
    shops.create(home, {"shop.name": "Large", "shop.currency": "EUR"}, location="main", actor="bench").close()
    with TemporaryDirectory() as folder, closing(sqlite3.connect(home / "shop.db", isolation_level=None)) as database:
        made = patterns.make(Path(folder) / "patterns", each=each)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-1000000"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("ATTACH ? AS original", [str(Path(folder) / "patterns" / "shop.db")])
        database.execute("BEGIN")
        waiting = _set_aside(database)
        _add_products(database, skus)
        buyers = _add_customers(database, customers)
        counts = _rank(database)
        _plan(database, made, counts, buyers, orders, skus, latest)
        for table in _COPIED:
            _copy(database, table)
        _send_to_customers(database)
        _fill_stock(database)
        database.execute("UPDATE sequence SET value = ? WHERE name = 'order'", [FIRST_NUMBER + orders - 1])
        for statement in waiting:
            database.execute(statement)
        database.execute("INSERT INTO order_search (order_search) VALUES ('rebuild')")
        database.execute("COMMIT")
        database.execute("PRAGMA journal_mode=WAL")
    return home


def _set_aside(database: sqlite3.Connection) -> list[str]:
    """Drop the triggers, and the indexes of the tables that are filled; return what makes them again."""
    sql = (
        "SELECT type, name, sql FROM main.sqlite_schema"
        f" WHERE sql IS NOT NULL AND tbl_name IN ({', '.join(repr(name) for name in _COPIED)})"
        " AND type IN ('index', 'trigger')"
    )
    found = database.execute(sql).fetchall()
    for kind, name, _ in found:
        database.execute(f"DROP {kind} {name}")
    return [statement for _, _, statement in found]


def _add_products(database: sqlite3.Connection, skus: int) -> None:
    chance = random.Random(2)
    things = ("Mug", "Lamp", "Chair", "Print", "Bowl", "Scarf", "Candle", "Clock", "Basket", "Notebook")
    colours = ("blue", "red", "green", "white", "black", "oak", "brass", "linen")
    at = "2023-01-02T08:00:00.000000Z"

    def rows() -> Iterator[tuple[object, ...]]:
        for i in range(1, skus + 1):
            name = f"{chance.choice(colours).capitalize()} {chance.choice(things).lower()} no. {i}"
            sku, category = f"{chance.choice(things)[:3].upper()}-{i:06}", chance.choice(things)
            search = fold(f"{sku} {name} {category}")
            yield (i, sku, identity(sku), name, "", "EUR", "standard", "active", category, "[]", "", "{}", search)

    database.executemany(
        "INSERT INTO product (id, sku, sku_key, name, description, currency, tax_class, status, category, tags,"
        " barcode, options, search, version, created_at, updated_at, operation_id)"
        f" VALUES (?, {'?, ' * 12} 1, '{at}', '{at}', 1)",
        rows(),
    )
    database.executemany(
        "INSERT INTO product_price (product_id, price, starts_at, operation_id) VALUES (?, ?, ?, 1)",
        ((i, chance.randrange(195, 9995, 10), at) for i in range(1, skus + 1)),
    )


def _add_customers(database: sqlite3.Connection, customers: int) -> list[Person]:
    chance = random.Random(3)
    found = [people.made(i, chance) for i in range(1, customers + 1)]
    at = "2023-01-02T08:00:00.000000Z"
    database.executemany(
        "INSERT INTO customer (id, identity, identity_key, email, name, phone, created_at, operation_id)"
        f" VALUES (?, ?, ?, ?, ?, ?, '{at}', 1)",
        ((i, one.email, identity(one.email), one.email, one.name, one.phone) for i, one in enumerate(found, start=1)),
    )
    parts = ("name", "company", "line1", "line2", "postcode", "city", "region", "country", "phone")
    database.executemany(
        f"INSERT INTO customer_address (customer_id, kind, {', '.join(parts)}, operation_id)"
        " VALUES (?, 'ship_to', ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
        ((i, *(getattr(one.address, part) for part in parts)) for i, one in enumerate(found, start=1)),
    )
    return found


def _rank(database: sqlite3.Connection) -> dict[int, dict[str, int]]:
    """Tell which rows belong to which pattern, and give each its place among them; return how many there are."""
    database.execute(
        'CREATE TEMP TABLE ranked ("of" TEXT, id INTEGER, pattern INTEGER, rank INTEGER, PRIMARY KEY ("of", id))'
    )
    for table, column in _NUMBERED.items():
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


def _plan(
    database: sqlite3.Connection,
    made: Sequence[patterns.Pattern],
    counts: dict[int, dict[str, int]],
    buyers: Sequence[Person],
    orders: int,
    skus: int,
    latest: float,
) -> None:
    """Decide for each order of which pattern it is, who buys what, and when."""
    firsts = ", ".join(f"first_{table} INTEGER" for table in _NUMBERED)
    database.execute(
        "CREATE TEMP TABLE plan (id INTEGER PRIMARY KEY, pattern INTEGER, number TEXT, channel TEXT, external TEXT,"
        f" customer INTEGER, email TEXT, name TEXT, search TEXT, shift INTEGER, tracking TEXT, {firsts})"
    )
    database.execute(
        "CREATE TEMP TABLE choice (id INTEGER, line INTEGER, product INTEGER, PRIMARY KEY (id, line)) WITHOUT ROWID"
    )
    lines: list[tuple[int, int, int]] = []
    marks = ", ".join("?" * (11 + len(_NUMBERED)))
    rows = _planned(database, made, counts, buyers, orders, skus, latest, lines)
    database.executemany(f"INSERT INTO plan VALUES ({marks})", rows)
    database.executemany("INSERT INTO choice VALUES (?, ?, ?)", lines)


def _planned(
    database: sqlite3.Connection,
    made: Sequence[patterns.Pattern],
    counts: dict[int, dict[str, int]],
    buyers: Sequence[Person],
    orders: int,
    skus: int,
    latest: float,
    lines: list[tuple[int, int, int]],
) -> Iterator[tuple[object, ...]]:
    chance = random.Random(4)
    lasting = dict(
        database.execute(
            "SELECT o.id, strftime('%s', max(e.at)) - strftime('%s', min(e.at))"
            " FROM original.orders o JOIN original.event e ON e.subject = o.number GROUP BY o.id"
        )
    )
    parcels = dict(database.execute("SELECT order_id, count(*) FROM original.shipment WHERE tracking <> '' GROUP BY 1"))
    outside = dict(database.execute("SELECT id, channel FROM original.orders WHERE external_number IS NOT NULL"))
    sizes = dict(database.execute("SELECT order_id, count(*) FROM original.order_line GROUP BY 1"))
    next_ids = {
        table: (database.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]) + 1 for table in _NUMBERED
    }
    of_kind = {kind: [one.order for one in made if one.kind is kind] for kind in patterns.KINDS}
    now = datetime.now(UTC)
    begin = now - timedelta(days=365 * YEARS)
    for i in range(1, orders + 1):
        age = (now - begin) * (1 - i / orders)
        pattern = _fitting(chance, of_kind, lasting, age, latest=i > orders * (1 - latest))
        external = f"{chance.randrange(100, 1000)}-{i:07}" if pattern in outside or chance.random() < 0.1 else None
        channel = (outside.get(pattern) or chance.choice(("etsy", "amazon"))) if external else "shop"
        who = None if chance.random() < 0.03 else min(int(chance.random() ** 1.5 * len(buyers)), len(buyers) - 1)
        buyer = buyers[who] if who is not None else None
        tracking = f"JD{chance.randrange(10**9, 10**10)}"
        number = str(FIRST_NUMBER + i - 1)
        search = searching.terms(
            number=number,
            external_number=external,
            name=buyer.name if buyer else "",
            email=buyer.email if buyer else None,
            phone=buyer.phone if buyer else "",
            addresses=[buyer.address] if buyer else [],
            tracking=[f"{tracking}{parcel + 1}" for parcel in range(parcels.get(pattern, 0))],
        )
        short = pattern in outside
        lines += ((i, line, product) for line, product in _products(chance, sizes[pattern], skus, none_left=short))
        yield (
            *(i, pattern, number, channel, external, who + 1 if who is not None else None),
            *(buyer.email if buyer else None, buyer.name if buyer else "", search),
            *(int((now - age).timestamp()) - _BEGIN, tracking, *next_ids.values()),
        )
        for table, count in counts[pattern].items():
            next_ids[table] += count


def _fitting(
    chance: random.Random,
    of_kind: dict[patterns.Kind, list[int]],
    lasting: dict[int, int],
    age: timedelta,
    *,
    latest: bool,
) -> int:
    """Return a pattern of which everything has happened within `age`."""
    kinds = list(of_kind)
    weights = [kind.latest if latest else kind.old for kind in kinds]
    while True:
        found = chance.choice(of_kind[chance.choices(kinds, weights)[0]])
        if lasting[found] <= age.total_seconds():
            return found


def _products(chance: random.Random, count: int, skus: int, *, none_left: bool) -> Iterable[tuple[int, int]]:
    """Return the product of each line, some products far more often than others; every fiftieth has none left."""
    found: dict[int, None] = {}
    while len(found) < count:
        product = 1 + int(chance.random() ** 3 * skus)
        if (product % 50 == 0) == none_left:
            found[product] = None
    return enumerate(found, start=1)


def _copy(database: sqlite3.Connection, table: str) -> None:
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
    own = f"(SELECT rank FROM ranked WHERE \"of\" = '{table}' AND ranked.id = t.id)" if table in _NUMBERED else "NULL"
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
        return f"p.first_{table} + t.rank" if table in _NUMBERED else "NULL"
    if column == "order_id":
        return "p.id"
    if column == "product_id":
        return "c.product"
    if column in _REFERENCES:
        return f"p.first_{_REFERENCES[column]} + t.rank_of_{column}"
    if column == "at" or column.endswith("_at"):
        return f"strftime('{_MOMENT}', strftime('%s', t.{column}) + p.shift, 'unixepoch')"
    return f"t.{column}"


def _send_to_customers(database: sqlite3.Connection) -> None:
    parts = "name, company, line1, line2, postcode, city, region, country, phone"
    database.execute(
        f"INSERT INTO order_address (order_id, kind, {parts}) SELECT p.id, a.kind,"
        f" {', '.join(f'a.{part}' for part in parts.split(', '))}"
        " FROM plan p JOIN customer_address a ON a.customer_id = p.customer ORDER BY p.id"
    )


def _fill_stock(database: sqlite3.Connection) -> None:
    """Receive what the orders took, and some more; every fiftieth product has nothing to spare."""
    sums = "sum(on_hand) AS on_hand, sum(reserved) AS reserved, sum(held) AS held, sum(packed) AS packed"
    database.execute(
        f"CREATE TEMP TABLE taken AS SELECT product_id, {sums} FROM stock_movement"
        " GROUP BY product_id ORDER BY product_id"
    )
    database.execute("CREATE UNIQUE INDEX temp.taken_product ON taken (product_id)")
    database.execute("""
        INSERT INTO stock_movement (at, product_id, location_id, kind, on_hand, reserved, held, unsellable, packed,
            unit_cost, reason, reference, operation_id)
        SELECT '2023-01-02T08:00:00.000000Z', p.id, 1, 'receive',
            max(0, coalesce(t.reserved + t.held - t.on_hand, 0))
                + CASE WHEN p.id % 50 = 0 THEN 0 ELSE 1 + p.id * 7919 % 200 END,
            0, 0, 0, 0, 250, '', 'opening', 1
        FROM product p LEFT JOIN taken t ON t.product_id = p.id ORDER BY p.id
    """)
    database.execute("""
        INSERT INTO stock (product_id, location_id, on_hand, reserved, held, unsellable, packed, safety, bin,
            reorder_point, operation_id)
        SELECT m.product_id, 1, m.on_hand + coalesce(t.on_hand, 0), coalesce(t.reserved, 0), coalesce(t.held, 0), 0,
            coalesce(t.packed, 0), 0, printf('%c%d', 65 + m.product_id % 26, m.product_id / 26), 5, 1
        FROM stock_movement m LEFT JOIN taken t ON t.product_id = m.product_id
        WHERE m.reference = 'opening' ORDER BY m.product_id
    """)


if __name__ == "__main__":
    make(Path(sys.argv[1]), orders=int(sys.argv[2]), skus=100_000, customers=200_000)
