"""Documents are numbered without gaps: by many processes at once, and when one is killed on the way."""

import json
import signal
import subprocess
import sys

from shopctl.services import documents, orders
from shopctl.services.orders import LineDraft, OrderDraft
from shopctl.services.reports import soundness

PROCESSES, ORDERS = 8, 5

CLERK = """
import json, sys
from pathlib import Path
from shopctl.services import documents
from shopctl.shop import Shop

issued = []
with Shop(Path(sys.argv[1])) as shop:
    for number in sys.argv[2:]:
        with shop.write() as conn:
            issued.append(documents.issue(conn, number, "invoice").number)
print(json.dumps(issued))
"""

DYING = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from shopctl.services import documents
from shopctl.shop import Shop

shop = Shop(Path(sys.argv[1]))
event.listen(shop._engine, "commit", lambda conn: os.kill(os.getpid(), signal.SIGKILL))
with shop.write() as conn:
    print(documents.issue(conn, sys.argv[2], "invoice").number, flush=True)
"""


def placed(shop, add, count):
    add("MUG", price=990, stock=count)
    numbers = []
    for _ in range(count):
        with shop.write() as conn:
            numbers.append(orders.place(conn, OrderDraft(lines=(LineDraft("MUG", 1),), paid="card")).number)
    return numbers


def unsound(shop):
    with shop.read() as conn:
        return [finding for finding in soundness.prove(conn, workers=0) if finding.problems]


def test_eight_processes_that_issue_at_once_leave_no_gap_and_bill_no_order_twice(home, shop, add):
    numbers = placed(shop, add, PROCESSES * ORDERS)
    shares = [numbers[i : i + 2 * ORDERS] for i in range(0, len(numbers), ORDERS)]  # neighbours bill the same orders
    clerks = [
        subprocess.Popen(
            [sys.executable, "-c", CLERK, home, *share], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for share in shares
    ]
    said = [clerk.communicate(timeout=240) for clerk in clerks]
    assert [errors for _, errors in said if errors] == []
    issued = {name for out, _ in said for name in json.loads(out)}
    assert sorted(issued) == [f"INV-{n:06d}" for n in range(1, len(numbers) + 1)]
    assert unsound(shop) == []


def test_a_process_killed_before_its_commit_spends_no_number(home, shop, add):
    first, second = placed(shop, add, 2)
    done = subprocess.run(
        [sys.executable, "-c", DYING, home, first], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "INV-000001\n"), done.stderr
    with shop.read() as conn:
        assert documents.issued(conn, first) == []
    with shop.write() as conn:
        assert documents.issue(conn, second, "invoice").number == "INV-000001"
    assert unsound(shop) == []
