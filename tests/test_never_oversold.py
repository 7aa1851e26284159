"""Stock is never oversold and no change of it is lost, whatever the number of processes."""

import json
import os
import subprocess
import sys
from collections import Counter

import pytest
from sqlalchemy import text

BUYERS, UNITS = 16, 5
PROCESSES, THREADS, ROUNDS = 4, 3, 5

CLERK = """
import json, sys, threading, time
from pathlib import Path
from shopctl.services import inventory, orders
from shopctl.services.inventory import Item
from shopctl.services.orders import LineDraft, OrderDraft
from shopctl.shop import Shop

shop, item, threads, rounds = Shop(Path(sys.argv[1])), Item(int(sys.argv[2]), "MUG"), int(sys.argv[3]), int(sys.argv[4])
waits, failures = [], []

def write(change, *arguments, **options):
    began = time.monotonic()
    with shop.write() as conn:
        waits.append(time.monotonic() - began)
        return change(conn, *arguments, **options)

def work():
    try:
        for _ in range(rounds):
            write(inventory.receive, item, 3)
            number = write(orders.place, OrderDraft(lines=(LineDraft("mug", 2), LineDraft("MUG", 1)))).number
            write(orders.cancel, number)
            write(inventory.adjust, item, -1, reason="broken")
    except Exception as error:
        failures.append(repr(error))

working = [threading.Thread(target=work) for _ in range(threads)]
for thread in working: thread.start()
for thread in working: thread.join()
shop.close()
print(json.dumps({"longest_wait": max(waits), "failures": failures}))
"""


def started(*arguments, home):
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        env={**os.environ, "SHOPCTL_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_sixteen_processes_sell_the_last_five_units_once_each(home, add, shopctl):
    add("MUG", stock=UNITS)
    add("PEN", stock=1000)
    buyers = [started("-m", "shopctl", "order", "place", "PEN=2", "MUG=1", home=home) for _ in range(BUYERS)]
    said = [(buyer.communicate(timeout=120)[1], buyer.returncode) for buyer in buyers]
    assert Counter(status for _, status in said) == {0: UNITS, 1: BUYERS - UNITS}, said
    assert all("MUG: 1 wanted, 0 available" in errors for errors, status in said if status == 1)
    assert shopctl("order", "list", "--json").json[0]["number"] == str(1000 + UNITS)
    assert shopctl("stock", "show", "MUG", "--json").json[0]["available"] == 0
    assert shopctl("doctor").status == 0


def test_no_change_is_lost_among_threads_and_processes_and_none_waits_long(home, shop, add, shopctl):
    item = add("MUG", stock=10)
    clerks = [started("-c", CLERK, home, item.id, THREADS, ROUNDS, home=home) for _ in range(PROCESSES)]
    ended = [clerk.communicate(timeout=240) for clerk in clerks]
    reports = [json.loads(out) for out, errors in ended if out or pytest.fail(errors)]
    assert [report["failures"] for report in reports] == [[]] * PROCESSES
    rounds = PROCESSES * THREADS * ROUNDS
    level = shopctl("stock", "show", "MUG", "--json").json[0]
    assert (level["on_hand"], level["reserved"], level["available"]) == (10 + 2 * rounds, 0, 10 + 2 * rounds)
    with shop.read() as conn:
        kinds = dict(conn.execute(text("SELECT kind, count(*) FROM stock_movement GROUP BY kind")).all())
    assert kinds == {"receive": rounds + 1, "reserve": 2 * rounds, "release": 2 * rounds, "adjust": rounds}
    assert shopctl("doctor").status == 0
    assert max(report["longest_wait"] for report in reports) < 10
