"""A writer that dies at any moment leaves an order whole or absent, and nobody waiting."""

import json
import subprocess
import sys

from shopctl.services import orders

MOMENTS = """
import json, os, signal, sys, time
from pathlib import Path
from sqlalchemy import event, text
from shopctl.money import Money
from shopctl.services import inventory, orders
from shopctl.services.inventory import Item
from shopctl.services.orders import Address, LineDraft, OrderDraft
from shopctl.services.reports import soundness
from shopctl.shop import Shop

home, item = Path(sys.argv[1]), Item(int(sys.argv[2]), "MUG")
DRAFT = OrderDraft(
    lines=(LineDraft("MUG", 1), LineDraft("PEN", 2), LineDraft("MUG", 1)), customer="ada@example.org", name="Ada",
    ship_to=Address(line1="1 Mill Lane"), shipping=Money(490, "EUR"), tax_rate=20_000, paid="card", key="k",
)

def place_and_die(at):
    shop, passed = Shop(home), 0
    def moment(what, *_):
        nonlocal passed
        passed += 1
        if passed == at:
            os.write(2, json.dumps(what).encode())
            os.kill(os.getpid(), signal.SIGKILL)
    event.listen(shop._engine, "before_cursor_execute", lambda c, cursor, statement, *_: moment(statement))
    event.listen(shop._engine, "commit", lambda conn: moment("COMMIT"))
    with shop.write() as conn:
        orders.place(conn, DRAFT)
    moment("after the COMMIT")
    os._exit(7)

at = 0
while True:
    at += 1
    what_out, what_in = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(what_in, 2)
        place_and_die(at)
    os.close(what_in)
    status = os.waitpid(child, 0)[1]
    said = os.read(what_out, 9999).decode()
    os.close(what_out)
    if not os.WIFSIGNALED(status):
        break
    began = time.monotonic()
    with Shop(home) as shop:
        with shop.write() as conn:
            inventory.receive(conn, item, 1)
        waited = time.monotonic() - began
        with shop.read() as conn:
            problems = [problem for finding in soundness.prove(conn, workers=0) for problem in finding.problems]
            tables = "orders order_line order_address payment customer reservation idempotency_key event"
            rows = {t: conn.execute(text(f"SELECT count(*) FROM {t}")).scalar_one() for t in tables.split()}
    print(json.dumps({"at": json.loads(said), "rows": rows, "problems": problems, "waited": waited}))
print(json.dumps(os.waitstatus_to_exitcode(status)))
"""
ABSENT = dict.fromkeys(
    ("orders", "order_line", "order_address", "payment", "customer", "reservation", "idempotency_key", "event"), 0
)
WHOLE = {**ABSENT, **dict.fromkeys(("orders", "order_address", "payment", "customer", "idempotency_key"), 1)} | {
    "order_line": 3,
    "reservation": 3,
    "event": 2,
}


def test_a_writer_killed_at_any_statement_leaves_its_order_whole_or_absent(home, shop, add):
    item = add("MUG", stock=5)
    add("PEN", stock=5)
    done = subprocess.run(
        [sys.executable, "-c", MOMENTS, home, str(item.id)], capture_output=True, text=True, timeout=240, check=False
    )
    *kills, exit_status = [json.loads(line) for line in done.stdout.splitlines()] or [done.stderr]
    assert exit_status == 7, done.stderr
    *before, after = kills
    assert len(before) > 12
    assert before[0]["at"] == "BEGIN IMMEDIATE"
    assert (before[-1]["at"], after["at"]) == ("COMMIT", "after the COMMIT")
    assert [kill for kill in before if kill["rows"] != ABSENT] == []
    assert after["rows"] == WHOLE
    assert [kill for kill in kills if kill["problems"] or kill["waited"] > 5] == []
    with shop.read() as conn:
        assert orders.get(conn, "1001").payment_status == "paid"
