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

from benchmarks import copying, patterns, people
from benchmarks.people import Person
from shopctl import shop as shops
from shopctl.services.orders import searching
from shopctl.text import fold, identity

YEARS = 3
LATEST = 0.05
"""So large a part of the orders are the latest ones, of which many are still to be served."""
FIRST_NUMBER = 1001
_BEGIN = int(patterns.BEGIN.timestamp())


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
        counts = copying.rank(database)
        _plan(database, made, counts, buyers, orders, skus, latest)
        for table in copying.COPIED:
            copying.copy(database, table)
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
        f" WHERE sql IS NOT NULL AND tbl_name IN ({', '.join(repr(name) for name in copying.COPIED)})"
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
    firsts = ", ".join(f"first_{table} INTEGER" for table in copying.NUMBERED)
    database.execute(
        "CREATE TEMP TABLE plan (id INTEGER PRIMARY KEY, pattern INTEGER, number TEXT, channel TEXT, external TEXT,"
        f" customer INTEGER, email TEXT, name TEXT, search TEXT, shift INTEGER, tracking TEXT, {firsts})"
    )
    database.execute(
        "CREATE TEMP TABLE choice (id INTEGER, line INTEGER, product INTEGER, PRIMARY KEY (id, line)) WITHOUT ROWID"
    )
    lines: list[tuple[int, int, int]] = []
    marks = ", ".join("?" * (11 + len(copying.NUMBERED)))
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
        table: (database.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]) + 1
        for table in copying.NUMBERED
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
