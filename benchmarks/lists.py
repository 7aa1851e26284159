"""Lists, searches and single orders in a large shop, against the same in a shop of 10,000 orders.

Both have 100,000 SKUs and 200,000 customers, and are kept for the next run in ``BENCH_FOLDER`` (default
``/var/tmp/shopctl-bench``). The large one has ``BENCH_ORDERS`` orders: 1,000,000 if that one is there already, else
100,000.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection

from benchmarks import people, shop_of
from benchmarks.measure import Result, milliseconds
from shopctl.services import customers, orders
from shopctl.services.customers import CustomerFilter
from shopctl.services.orders import OrderFilter
from shopctl.services.products import ProductFilter
from shopctl.services.reports import catalogue
from shopctl.services.reports import customers as report
from shopctl.shop import Shop

SMALL, USUAL, LARGE = 10_000, 100_000, 1_000_000
ROUNDS = 7
PAGE = 50
DEEP = 2_000
"""So many pages deep a list is continued, where there are as many."""
AT_MOST = 50
"""Milliseconds that any of them may take."""

Question = Callable[[Connection], object]


def results() -> Iterator[Result]:
    small, large = shop(SMALL), shop(_size())
    print(f"{_size():,} orders (BENCH_ORDERS, kept in {_folder()}); the floor is the same with {SMALL:,}.")
    asked_small, asked_large = questions(small), questions(large)
    slowest, slowest_first = ("", 0.0), ("", 0.0)
    for name, question in asked_large.items():
        rows, first, ours = _timed(large, question)
        rows_small, _, floor = _timed(small, asked_small[name])
        slowest, slowest_first = max(slowest, (name, ours), key=_time), max(slowest_first, (name, first), key=_time)
        if rows_small < rows:  # no page of it is there: what is measured is not the same
            yield Result(f"{name} ({rows_small} / {rows} rows)", ours=ours, at_most=AT_MOST)
        else:
            yield Result(name, floor=floor, ours=ours, at_most=2)
    yield Result(f"the slowest: {slowest[0]}", ours=slowest[1], at_most=AT_MOST)
    yield Result(f"the slowest first call: {slowest_first[0]}", ours=slowest_first[1], at_most=AT_MOST)
    small.close()
    large.close()


def shop(size: int) -> Shop:
    """Open the shop of so many orders, made now if it is not there yet."""
    home = _folder() / f"orders-{size}"
    done = home / "made"
    if not done.exists():
        print(f"Making a shop of {size:,} orders in {home} …", flush=True)
        shutil.rmtree(home, ignore_errors=True)  # what an interrupted run left
        shop_of.make(home, orders=size, skus=100_000, customers=200_000)
        done.touch()
    return Shop(home)


def questions(shop: Shop) -> dict[str, Question]:
    """Return what is asked, by name, with words and numbers that are found in this shop."""
    with shop.read() as conn:
        known = _Known(conn)
    return {
        **{f"order list {name}".rstrip(): _page(wanted) for name, wanted in _lists(known).items()},
        **{f"order list QUERY: {name}": _page(wanted) for name, wanted in _searches(known).items()},
        "completing an order's number": lambda conn: orders.completing(conn, known.number[:3]),
        "order show": lambda conn: orders.get(conn, known.number),
        "order show, a number that is none": lambda conn: _missing(conn, "x" + known.number),
        "order why": lambda conn: orders.why(conn, known.waiting),
        "product list": lambda conn: catalogue.page(conn, ProductFilter(limit=PAGE)),
        "product list QUERY": lambda conn: catalogue.page(conn, ProductFilter(query="blue clock", limit=PAGE)),
        "product list --low": lambda conn: catalogue.page(conn, ProductFilter(limit=PAGE), low=True),
        "customer list": lambda conn: report.page(conn, CustomerFilter(limit=PAGE)),
        "customer list QUERY": lambda conn: report.page(conn, CustomerFilter(query=known.surname, limit=PAGE)),
        "customer list --sort -spent": lambda conn: report.page(conn, CustomerFilter(sort="-spent", limit=PAGE)),
        "customer show": lambda conn: report.profile(conn, known.email),
        "customer by e-mail": lambda conn: customers.get(conn, known.email),
    }


class _Known:
    """Words and numbers that are found in a shop."""

    def __init__(self, conn: Connection) -> None:
        def one(sql: str, *values: object) -> Any:
            return conn.exec_driver_sql(sql, values).scalar_one()

        self.count = one("SELECT count(*) FROM orders")
        middle = self.count // 2
        rare = " AND customer_id IN (SELECT id FROM customer GROUP BY name HAVING count(*) = 1)"
        self.id = one(
            "SELECT o.id FROM orders o JOIN shipment s ON s.order_id = o.id WHERE o.id > ? AND s.tracking <> ''"
            f" AND o.external_number IS NOT NULL {rare} ORDER BY o.id LIMIT 1",
            middle,
        )
        self.number, self.name, self.email, self.external = conn.exec_driver_sql(
            "SELECT number, customer_name, customer_email, external_number FROM orders WHERE id = ?", (self.id,)
        ).one()
        self.surname = self.name.split()[-1]
        self.tracking = one("SELECT tracking FROM shipment WHERE order_id = ? LIMIT 1", self.id)
        self.postcode = one("SELECT postcode FROM order_address WHERE order_id = ?", self.id)
        self.phone = one("SELECT phone FROM order_address WHERE order_id = ?", self.id)
        self.waiting = one("SELECT number FROM orders WHERE next = 'pick' ORDER BY id DESC LIMIT 1")
        self.buyer = one("SELECT email FROM customer WHERE id = 1")
        offset = min(DEEP * PAGE, self.count * 9 // 10)
        self.deep = {
            sort: one(f"SELECT number FROM orders ORDER BY {column}, id DESC LIMIT 1 OFFSET ?", offset)
            for sort, column in (("-placed_at", "placed_at DESC"), ("-total", "total DESC"))
        }


def _lists(known: _Known) -> dict[str, dict[str, Any]]:
    week = datetime.now(UTC) - timedelta(days=7)
    found: dict[str, dict[str, Any]] = {"": {}, "--since 7d": {"since": week}, "--owed": {"owed": True}}
    found |= {
        f"--next {step}": {"next": step} for step in ("pay", "unhold", "wait_stock", "pick", "pack", "ship", "none")
    }
    found |= {f"--status {one}": {"status": one} for one in ("draft", "placed", "completed", "cancelled", "expired")}
    found |= {f"--payment {one}": {"payment": one} for one in ("unpaid", "authorized", "paid", "refunded")}
    found |= {f"--fulfilment {one}": {"fulfilment": one} for one in ("unfulfilled", "partially_shipped", "delivered")}
    found |= {"--channel etsy": {"channel": "etsy"}, "--customer, a good one": {"customer": known.buyer}}
    found |= {
        f"--sort {sign}{sort}": {"sort": sign + sort}
        for sort in ("placed_at", "number", "total", "customer")
        for sign in ("", "-")
    }
    found |= {
        f"--sort {sort} --after, {DEEP:,} pages deep": {"sort": sort, "after": number}
        for sort, number in known.deep.items()
    }
    deep = known.deep["-placed_at"]
    return found | {
        "--next pick --since 7d": {"next": "pick", "since": week},
        "--next pick --sort -total": {"next": "pick", "sort": "-total"},
        "--next wait_stock --sort -total": {"next": "wait_stock", "sort": "-total"},
        "--status placed --sort -total": {"status": "placed", "sort": "-total"},
        "--status completed --sort -total": {"status": "completed", "sort": "-total"},
        "--status completed --sort customer": {"status": "completed", "sort": "customer"},
        "--status completed --after, deep": {"status": "completed", "after": deep},
        "--status placed --payment unpaid": {"status": "placed", "payment": "unpaid"},
        "--status completed --payment refunded": {"status": "completed", "payment": "refunded"},
        "--payment unpaid --fulfilment delivered": {"payment": "unpaid", "fulfilment": "delivered"},
        "--status cancelled --since 7d": {"status": "cancelled", "since": week},
        "--customer --status placed": {"customer": known.buyer, "status": "placed"},
        "--channel etsy --next pick": {"channel": "etsy", "next": "pick"},
        "--owed --sort -total": {"owed": True, "sort": "-total"},
        "--since 7d --sort -total": {"since": week, "sort": "-total"},
    }


def _searches(known: _Known) -> dict[str, dict[str, Any]]:
    words = {
        "a number": known.number,
        "a rare surname": known.surname,
        "a very common first name": people.COMMON,
        "a common surname": "Müller",
        "first name and surname": f"{people.COMMON} Müller",
        "first name and rare surname": known.name,
        "an e-mail address": known.email,
        "a mail provider": people.PROVIDER,
        "a provider's beginning": "gma",
        "a phone": known.phone,
        "a phone, as at home": known.phone.replace("+49 ", "0"),
        "a postcode": known.postcode,
        "a city": "Berlin",
        "a tracking number": known.tracking,
        "an external number": known.external,
        "two letters": "ma",
        "one letter": "m",
        "two digits": "10",
        "two common words that rarely meet": "astrid kowalski",
        "no hit": "zzqqxx",
    }
    found: dict[str, dict[str, Any]] = {name: {"query": text} for name, text in words.items()}
    return found | {
        "a first name, --next pick": {"query": people.COMMON, "next": "pick"},
        "a first name, --next unhold": {"query": people.COMMON, "next": "unhold"},
        "a provider, --next wait_stock": {"query": people.PROVIDER, "next": "wait_stock"},
        "a first name, --sort -total": {"query": people.COMMON, "sort": "-total"},
        "a provider, --sort -total": {"query": people.PROVIDER, "sort": "-total"},
        "a provider, --after, deep": {"query": people.PROVIDER, "after": known.deep["-placed_at"]},
        "a first name, --since 7d": {"query": people.COMMON, "since": datetime.now(UTC) - timedelta(days=7)},
        "a rare surname, --sort -total": {"query": known.surname, "sort": "-total"},
    }


def _page(wanted: dict[str, Any]) -> Question:
    wanted_page = OrderFilter(**wanted, limit=PAGE)
    return lambda conn: orders.page(conn, wanted_page)


def _missing(conn: Connection, number: str) -> None:
    from shopctl.errors import NotFoundError

    try:
        orders.get(conn, number)
    except NotFoundError:
        return
    raise AssertionError(number)


def _timed(shop: Shop, question: Question) -> tuple[int, float, float]:
    """Return how many rows the answer has, how long the first call takes, and the median of the next."""
    rows = 0

    def ask() -> None:
        nonlocal rows
        with shop.read() as conn:
            answer = question(conn)
        rows = len(answer) if isinstance(answer, list) else 1

    first = milliseconds(ask)
    return rows, first, median(milliseconds(ask) for _ in range(ROUNDS if first < 2_000 else 1))


def _time(named: tuple[str, float]) -> float:
    return named[1]


def _folder() -> Path:
    return Path(os.environ.get("BENCH_FOLDER", "/var/tmp/shopctl-bench"))


def _size() -> int:
    there = (_folder() / f"orders-{LARGE}" / "made").exists()
    return int(os.environ.get("BENCH_ORDERS", LARGE if there else USUAL))
