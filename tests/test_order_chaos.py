"""Many people work on the same orders at once: nothing is lost, sold twice or left half done.

`SHOPCTL_CHAOS=1` (`make chaos`) lets them work for a minute instead of seconds.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

from sqlalchemy import text

from shopctl.money import Money
from shopctl.services import inventory, terms
from shopctl.services.inventory import Item

CLERKS = 8
CHAOS = bool(os.environ.get("SHOPCTL_CHAOS"))
SECONDS = 60 if CHAOS else 6
PACE = 6 * 24 * 3600 / SECONDS
"""Six days of the shop's pass in a run: drafts and unpaid orders are made, and lapse."""
CLERK = Path(__file__).with_name("clerk.py")


def hired(home, seed, began):
    arguments = [home, seed, began, SECONDS, PACE]
    return subprocess.Popen(
        [sys.executable, CLERK, *map(str, arguments)],
        env={**os.environ, "SHOPCTL_ORDERS__UNPAID_EXPIRY": "2d", "SHOPCTL_ORDERS__DRAFT_EXPIRY": "1d"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def summed(reports, name):
    return sum((Counter(report[name]) for report in reports), Counter())


def test_eight_clerks_doing_everything_to_the_same_orders_at_once_leave_a_sound_shop(home, shop, add, shopctl, capsys):
    items = [add(sku, price=price, stock=20) for sku, price in {"MUG": 990, "CAP": 1, "PEN": 0}.items()]
    with shop.write() as conn:
        inventory.add_location(conn, "attic")
        for item in items:
            inventory.receive(conn, Item(item.id, item.sku), 5, location="attic")
        terms.add_code(conn, "TENTH", rate=10_000, uses=5)
        terms.add_code(conn, "FIVER", amount=Money(500, "EUR"), uses=9)
        terms.set_method(conn, "post", Money(490, "EUR"), free_from=Money(3000, "EUR"))
    began = time.time()
    ended = [clerk.communicate(timeout=SECONDS + 120) for clerk in [hired(home, n, began) for n in range(CLERKS)]]
    assert all(out for out, _ in ended), [errors for _, errors in ended]
    reports = [json.loads(out) for out, _ in ended]
    done, refused, errors = (summed(reports, name) for name in ("done", "refused", "errors"))
    longest = max(report["longest_wait"] for report in reports)
    with capsys.disabled() if CHAOS else nullcontext():
        print(f"\n{CLERKS} processes in {SECONDS} s: {sum(done.values()):,} done, {sum(refused.values()):,} refused")
        print(f"{sum(done.values()) / SECONDS:.0f} a second", dict(done.most_common()))
        print("refused", dict(errors.most_common()), dict(refused.most_common()))
        print(f"longest wait {longest:.2f} s, longest with its work {max(r['longest'] for r in reports):.2f} s")
    assert [failure for report in reports for failure in report["failures"]] == []
    assert errors["unreachable"] == 0
    assert longest < 10
    diagnosis = shopctl("doctor", "--json").json
    assert [problem for finding in diagnosis["findings"] for problem in finding["problems"]] == []
    with shop.read() as conn:
        assert conn.execute(text(UNITS_NOT_CONSERVED)).all() == []
        assert conn.execute(text("SELECT code FROM discount_code WHERE used > use_limit")).all() == []
        once = conn.execute(text("SELECT count(*), count(DISTINCT result) FROM idempotency_key WHERE scope = 'order'"))
        asked, placed = once.one()
    assert asked == placed
    assert asked <= max(report["drafted"] for report in reports)
    assert {"place", "ship"} <= set(done)  # in seconds, on a busy machine, chance may leave out any of the others
    assert not CHAOS or {"cancel", "edit", "receive_return", "lapse"} <= set(done)


UNITS_NOT_CONSERVED = """
    SELECT p.sku, s.on_hand, m.came, l.shipped, l.restocked FROM product p
    JOIN (SELECT product_id, sum(on_hand) on_hand FROM stock GROUP BY 1) s ON s.product_id = p.id
    JOIN (SELECT product_id, sum(on_hand) came FROM stock_movement WHERE kind IN ('receive', 'adjust') GROUP BY 1) m
        ON m.product_id = p.id
    JOIN (SELECT product_id, sum(shipped) shipped, sum(restocked) restocked FROM order_line GROUP BY 1) l
        ON l.product_id = p.id
    WHERE s.on_hand <> m.came - l.shipped + l.restocked"""
"""Products of which there is not what came in, less what orders say was shipped, and what they say came back."""
