"""How many orders a shop takes: alone, against its own SQL replayed by sqlite3; and with eight processes at once."""

import multiprocessing
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import event

from benchmarks import sample
from benchmarks.measure import ROUNDS, Result, alternating, folder, milliseconds
from shopctl.errors import RefusedError
from shopctl.services import orders
from shopctl.services.orders import LineDraft, OrderDraft
from shopctl.shop import Shop

ORDERS = 300
"""How many are placed in a round."""

PROCESSES = 8
REFUSED = 5
"""How many of the orders for the hot product find none left."""


def results() -> Iterator[Result]:
    with folder() as temporary:
        yield _against_its_own_sql(temporary)
        yield from _in_many_processes(temporary)


def _against_its_own_sql(temporary: Path) -> Result:
    """Place the same orders in copies of one shop, so that the recorded statements and keys fit the replayed one."""
    original = sample.small(temporary / "original")
    recorded, ours, floor = (
        Path(shutil.copytree(original, temporary / name)) for name in ("recorded", "ours", "floor")
    )
    every = [sample.draft_of(i) for i in range(ROUNDS * ORDERS)]
    statements = iter(_recorded(recorded, every))
    drafts = iter(every)
    with Shop(ours) as shop:
        replayed = sqlite3.connect(floor / "shop.db", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            replayed.execute(f"PRAGMA {pragma}")
        times = alternating(
            lambda: milliseconds(lambda: [_replay(replayed, next(statements)) for _ in range(ORDERS)]),
            lambda: milliseconds(lambda: [_place(shop, next(drafts)) for _ in range(ORDERS)]),
        )
        replayed.close()
    assert _balances(ours) == _balances(floor), "the replay did something else"
    what = "an order of 2 lines / its SQL replayed by sqlite3"
    return Result(what, floor=times[0] / ORDERS, ours=times[1] / ORDERS, at_least=0.4)


def _place(shop: Shop, draft: OrderDraft) -> None:
    with shop.write() as conn:
        orders.place(conn, draft)


Statement = tuple[str, Any, bool]


def _recorded(home: Path, drafts: list[OrderDraft]) -> list[list[Statement]]:
    """Place the orders; return what each sent to the database: SQL, parameters, and whether it is one for many rows."""
    transactions: list[list[Statement]] = []
    with Shop(home) as shop:

        @event.listens_for(shop._engine, "before_cursor_execute")
        def note(_conn: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, many: bool) -> None:
            transactions[-1].append((sql, parameters, many))

        for draft in drafts:
            transactions.append([])
            _place(shop, draft)
    return transactions


def _replay(database: sqlite3.Connection, transaction: list[Statement]) -> None:
    for sql, parameters, many in transaction:
        cursor = database.cursor()
        if many:
            cursor.executemany(sql, parameters)
        else:
            cursor.execute(sql, parameters)
        if cursor.description:
            cursor.fetchall()
    database.execute("COMMIT")


def _balances(home: Path) -> list[Any]:
    database = sqlite3.connect(home / "shop.db")
    sql = "SELECT product_id, on_hand, reserved, (SELECT count(*) FROM order_line) FROM stock ORDER BY product_id"
    found = database.execute(sql).fetchall()
    database.close()
    return found


@dataclass
class Sale:
    """What one process sold, when (monotonic seconds), and its longest wait."""

    sold: int = 0
    refused: int = 0
    begun: float = 0.0
    ended: float = 0.0
    longest: float = 0.0
    errors: list[str] = field(default_factory=list)


def _in_many_processes(temporary: Path) -> Iterator[Result]:
    rounds = iter(range(2 * ROUNDS))
    longest: list[float] = []
    problems: list[str] = []

    def selling(processes: int) -> float:
        home = sample.small(temporary / f"hot-{next(rounds)}", hot=ORDERS)
        sales = _sell(home, processes, ORDERS + REFUSED)
        sold, refused = sum(sale.sold for sale in sales), sum(sale.refused for sale in sales)
        problems.extend(error for sale in sales for error in sale.errors)
        if (sold, refused) != (ORDERS, REFUSED):
            problems.append(f"{sold} sold of {ORDERS}, {refused} refused")
        if processes == PROCESSES:
            longest.append(max(sale.longest for sale in sales) * 1000)
        return (max(sale.ended for sale in sales) - min(sale.begun for sale in sales)) * 1000 / (ORDERS + REFUSED)

    alone, together = alternating(lambda: selling(1), lambda: selling(PROCESSES))
    yield Result(f"{PROCESSES} processes, one hot SKU / one process", floor=alone, ours=together, at_least=0.8)
    yield Result("  the longest wait of all of them", ours=max(longest), at_most=1000)
    assert not problems, problems


def _sell(home: Path, processes: int, total: int) -> list[Sale]:
    """Have so many processes buy the hot product at once; return what each of them saw."""
    spawn = multiprocessing.get_context("spawn")
    gate = spawn.Barrier(processes)
    answers = spawn.SimpleQueue()
    shares = [total // processes + (i < total % processes) for i in range(processes)]
    buyers = [spawn.Process(target=_buy, args=(home, share, gate, answers)) for share in shares]
    for buyer in buyers:
        buyer.start()
    sales = [answers.get() for _ in buyers]
    for buyer in buyers:
        buyer.join()
    return sales


def _buy(home: Path, count: int, gate: Any, answers: Any) -> None:
    sale = Sale()
    draft = OrderDraft(lines=(LineDraft(sample.HOT, 1),), customer="everyone@example.org")
    with Shop(home) as shop:
        with shop.write(dry_run=True) as conn:  # the statements are compiled before the clock runs
            orders.place(conn, draft)
        gate.wait()
        sale.begun = time.monotonic()
        for _ in range(count):
            asked = time.monotonic()
            try:
                _place(shop, draft)
                sale.sold += 1
            except RefusedError:
                sale.refused += 1
            except Exception as error:
                sale.errors.append(repr(error))
            sale.longest = max(sale.longest, time.monotonic() - asked)
        sale.ended = time.monotonic()
    answers.put(sale)
