"""Batches of JSON rows for each verb: a receipt for each row, and after a crash what was done is not done again."""

import json
import os
import signal
import subprocess
import sys

import pytest

from shopctl.cli import order
from shopctl.money import Money
from shopctl.services import inventory, orders, products
from shopctl.services.inventory import Item
from shopctl.services.orders import LineDraft, OrderDraft
from shopctl.services.products import ProductDraft
from shopctl.shop import Shop

pytestmark = pytest.mark.usefixtures("furnished")
MANY = 60


@pytest.fixture
def furnished(shop):
    """A thousand MUG at 10.00, and 5 CAP."""
    with shop.write() as conn:
        for sku, stock in (("MUG", 1000), ("CAP", 5)):
            made = products.add(conn, ProductDraft(name=sku.title(), sku=sku, price=Money(1000, "EUR")))
            inventory.receive(conn, Item(made.id, made.sku), stock)


@pytest.fixture
def place(shop):
    """Place orders of 4 MUG each: ``place(3, paid="card")`` answers with their numbers."""

    def run(many=1, **fields):
        numbers = []
        for _ in range(many):
            with shop.write() as conn:
                numbers.append(orders.place(conn, OrderDraft(lines=(LineDraft("MUG", 4),), **fields)).number)
        return numbers

    return run


@pytest.fixture
def send(shopctl):
    """Send rows: ``send("ship", {"number": "1001", "key": "a"})`` answers with the result."""

    def run(verb, *rows, options=()):
        lines = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
        return shopctl("order", verb, "-", "--json", *options, stdin=lines + "\n")

    return run


@pytest.fixture
def level(shopctl):
    """On hand and reserved."""

    def read(sku="MUG"):
        (row,) = shopctl("stock", "show", sku, "--json").json
        return row["on_hand"], row["reserved"]

    return read


@pytest.fixture
def show(shopctl):
    return lambda number: shopctl("order", "show", number, "--json").json


def results(result):
    return [receipt["result"] for receipt in result.json]


PAID = {"paid": "card"}
UNITS = {"lines": [{"sku": "MUG", "quantity": 2}]}
VERBS = {
    "confirm": ({"draft": True}, (), {"paid": "card"}, "placed", {"status": "placed", "payment_status": "paid"}),
    "pay": ({}, (), {"amount": "15.50", "method": "card", "reference": "r"}, "paid", {"paid": "15.50"}),
    "authorize": ({}, (), {"amount": "40", "method": "card"}, "authorized", {"authorized": "40.00"}),
    "capture": ({}, ("authorize",), {"amount": 12, "reference": "r"}, "captured", {"paid": "12.00"}),
    "void": ({}, ("authorize",), {"amount": "12"}, "voided", {"authorized": "28.00"}),
    "refund": (PAID, (), UNITS | {"method": "cash"}, "refunded", {"refunded": "20.00", "next": "pick"}),
    "pack": (PAID, (), UNITS, "packed", {"next": "ship"}),
    "ship": (PAID, (), UNITS | {"carrier": "DHL"}, "shipped", {"fulfilment_status": "partially_shipped"}),
    "deliver": (PAID, ("ship",), {"parcel": 1}, "delivered", {"fulfilment_status": "delivered"}),
    "cancel": (PAID, (), UNITS | {"reason": "x"}, "cancelled", {"owed": "20.00"}),
    "return": (PAID, ("ship",), UNITS | {"restock": True}, "returned", {"return_status": "partially_returned"}),
    "inspect": (PAID, ("ship", "return"), UNITS | {"restock": False}, "inspected", {"return_status": "returned"}),
    "claim": (PAID, ("ship",), UNITS | {"kind": "lost", "replace": True}, "claimed", {"status": "completed"}),
}
"""For each verb: how the order was placed, what came before, a row's fields, the receipt's word, what is so then."""


@pytest.mark.parametrize("verb", VERBS)
def test_each_row_has_its_receipt_and_sent_again_it_is_repeated(verb, place, send, show, level, shopctl):
    placed, before, fields, done, then = VERBS[verb]
    (number,) = place(**placed)
    for step in before:
        assert shopctl("order", step, number, *(["MUG=4"] if step == "return" else [])).status == 0
    row = {"number": number, "key": "k-1", **fields}
    first = send(verb, row)
    assert first.status == 0, first.err
    assert first.json == [{"row": 1, "key": "k-1", "number": number, "result": done, "code": None, "message": None}]
    after, balance = show(number), level()
    assert {name: after[name] for name in then} == then
    again = send(verb, row)
    assert (again.status, results(again)) == (0, ["repeated"])
    assert (show(number), level()) == (after, balance)
    other = send(verb, row | {"number": place()[0]})
    assert (other.status, other.json[0]["code"]) == (4, "conflict")


def test_every_verb_that_takes_a_batch_is_tried_here(shopctl):
    takes = [name for name in order.VERBS if "NUMBER | -" in shopctl("order", name, "--help").out]
    assert sorted(takes) == sorted(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_a_dry_run_of_a_batch_keeps_nothing(verb, place, send, shopctl, content):
    placed, before, fields, done, _ = VERBS[verb]
    (number,) = place(**placed)
    for step in before:
        shopctl("order", step, number, *(["MUG=4"] if step == "return" else []))
    kept = content()
    rows = [{"number": "9999", **fields}, {"number": number, "key": "k-1", **fields}]
    dry = send(verb, *rows, options=("--dry-run",))
    assert (results(dry), dry.status) == (["failed", done], 3)
    assert "Dry run: nothing was changed." in dry.err
    assert content() == kept


def test_a_row_that_fails_in_a_dry_run_leaves_the_others_as_they_would_be(send, content):
    kept = content()
    rows = [
        {"customer": "ada@example.org", "lines": [{"sku": "CAP", "quantity": 9}], "key": "a"},
        {"customer": "ada@example.org", "lines": [{"sku": "CAP", "quantity": 3}], "key": "b"},
        {"customer": "bob@example.org", "lines": [{"sku": "CAP", "quantity": 3}], "key": "c"},
        {"customer": "bob@example.org", "lines": [{"sku": "CAP", "quantity": 2}], "key": "d"},
        {"customer": "bob@example.org", "lines": [{"sku": "CAP", "quantity": 2}], "key": "d"},
    ]
    dry = send("place", *rows, options=("--dry-run",))
    assert results(dry) == ["failed", "placed", "failed", "placed", "repeated"]
    assert "It would send: ada@example.org: Your order 1001" in dry.err
    assert content() == kept
    assert results(send("place", *rows)) == results(dry)


def test_rows_that_cannot_be_done_are_told_and_the_others_are_done(place, send, level, show):
    first, second, third = place(3, paid="card")
    sent = send(
        "ship",
        {"number": first, "key": "a"},
        {"number": "9999", "key": "b"},
        {"number": second, "key": "c", "lines": [{"sku": "MUG", "quantity": 5}]},
        {"number": second, "key": "d", "lines": [{"sku": "CAP"}]},
        {"number": third, "key": "e", "colour": "red"},
        {"number": third, "key": "f", "link": "javascript:alert(1)"},
        {"key": "g"},
        {"number": int(third), "key": "a"},
        {"number": third, "key": "h", "lines": [{"sku": "mug"}, {"sku": "#1", "quantity": 2}]},
    )
    codes = [receipt["code"] for receipt in sent.json]
    assert codes == [
        None,
        "not_found",
        "refused",
        "not_found",
        "invalid_value",
        "invalid_value",
        "invalid_value",
        "conflict",
        None,
    ]
    assert (sent.status, [receipt["row"] for receipt in sent.json]) == (3, list(range(1, 10)))
    assert "7 of 9 rows failed" in sent.err
    assert [show(number)["lines"][0]["shipped"] for number in (first, second, third)] == [4, 0, 3]
    assert level() == (993, 5)


@pytest.mark.parametrize("line", ["{", "[1]", "1", "null", '{"number": "1001", "number": ', "\x00"])
def test_a_line_that_is_no_object_is_refused_before_anything_is_done(line, place, send, content):
    (number,) = place(paid="card")
    kept = content()
    sent = send("ship", {"number": number, "key": "a"}, line)
    assert (sent.status, sent.out) == (2, "")
    assert "2" in sent.error["message"]
    assert content() == kept


@pytest.mark.parametrize(
    "fields",
    [
        {"lines": [{"sku": "MUG", "quantity": 0}]},
        {"lines": [{"sku": "MUG", "quantity": -1}]},
        {"lines": [{"sku": "MUG", "quantity": 10**30}]},
        {"lines": [{"sku": "MUG", "quantity": 1.5}]},
        {"lines": [{"sku": "MUG", "quantity": "2"}]},
        {"lines": "MUG"},
        {"lines": None},
        {"key": ""},
        {"key": "k" * 201},
        {"key": 7},
        {"number": None},
        {"number": [1]},
        {"carrier": "x" * 100},
        {"tracking": "a\u0000b"},
        {"tracking": None},
        {"parcel": "9"},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_a_row_with_a_value_that_cannot_be_used_fails_alone(fields, place, send, content):
    (number,) = place(paid="card")
    kept = content()
    sent = send("ship", {"number": number, "key": "a", **fields})
    assert (sent.status, results(sent)) in ((2, ["failed"]), (3, ["failed"]))
    assert len(sent.json[0]["message"]) < 300
    assert content() == kept


def test_rows_without_a_key_are_counted_for_who_sends_them_again(place, send):
    numbers = place(2, paid="card")
    sent = send("ship", {"number": numbers[0]}, {"number": numbers[1], "key": "a"})
    assert "1 rows have no key" in sent.err


def test_an_empty_batch_does_nothing(send):
    assert (send("ship", "").status, send("ship", "").json) == (0, [])


def test_receipts_come_in_every_format(place, shopctl):
    number = place(paid="card")[0]
    row = json.dumps({"number": number, "key": "a", "lines": [{"sku": "MUG", "quantity": 1}]}) + "\n"
    assert shopctl("order", "ship", "-", stdin=row).out.split()[:5] == ["Row", "Key", "Number", "Result", "Message"]
    assert (
        shopctl("order", "ship", "-", "--format", "csv", stdin=row).out.splitlines()[1].startswith("1,a,1001,repeated")
    )
    assert json.loads(shopctl("order", "ship", "-", "--format", "jsonl", stdin=row).out)["result"] == "repeated"


def test_a_day_goes_through_batches_alone(send, shopctl, level):
    numbers = [str(1001 + i) for i in range(5)]
    placing = [
        {"key": f"web-{i}", "customer": f"c{i}@example.org", "lines": [{"sku": "MUG", "quantity": 2}], "draft": i == 0}
        for i in range(5)
    ]
    assert [receipt["number"] for receipt in send("place", *placing).json] == numbers
    for verb, rows in (
        ("confirm", [{"number": numbers[0]}]),
        ("pay", [{"number": number, "method": "transfer"} for number in numbers]),
        ("cancel", [{"number": numbers[4]}]),
        ("refund", [{"number": numbers[4]}]),
        ("pack", [{"number": number} for number in numbers[:2]]),
        ("ship", [{"number": number, "tracking": f"T{number}"} for number in numbers[:4]]),
        ("deliver", [{"number": number} for number in numbers[:3]]),
        ("return", [{"number": numbers[0], "lines": [{"sku": "MUG"}]}]),
        ("inspect", [{"number": numbers[0], "restock": True}]),
        ("refund", [{"number": numbers[0]}]),
        ("claim", [{"number": numbers[3], "kind": "lost", "replace": True, "reason": "the carrier says so"}]),
    ):
        done = send(verb, *({**row, "key": f"{verb}-{row['number']}-{i}"} for i, row in enumerate(rows)))
        assert done.status == 0, done.out
    listed = {order["number"]: order for order in shopctl("order", "list", "--json").json}
    assert {number: (order["status"], order["payment_status"]) for number, order in listed.items()} == {
        "1001": ("completed", "partially_refunded"),
        "1002": ("completed", "paid"),
        "1003": ("completed", "paid"),
        "1004": ("completed", "paid"),
        "1005": ("cancelled", "refunded"),
        "1006": ("placed", "paid"),
    }
    assert level() == (1000 - 8 + 1, 2)
    assert shopctl("doctor").status == 0


def test_a_batch_that_was_killed_midway_is_sent_again_and_each_order_has_left_once(place, home, send, level, shopctl):
    """The process is killed while it works: what was done is told as repeated, the rest is done, the stock is exact."""
    numbers = place(MANY, paid="card")
    rows = [{"number": number, "key": f"dhl-{number}", "lines": [{"sku": "MUG", "quantity": 3}]} for number in numbers]
    worker = subprocess.Popen(
        [sys.executable, "-m", "shopctl", "order", "ship", "-"],
        env={**os.environ, "SHOPCTL_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    worker.stdin.write("".join(json.dumps(row) + "\n" for row in rows))
    worker.stdin.close()
    with Shop(home) as watching:
        shipped = 0
        while shipped < 5:
            assert worker.poll() is None, worker.stderr.read()
            with watching.read() as conn:
                shipped = len(orders.page(conn, orders.OrderFilter(fulfilment="partially_shipped")))
    worker.send_signal(signal.SIGKILL)
    worker.wait(timeout=60)
    worker.stderr.close()
    on_hand, _ = level()
    done = (1000 - on_hand) // 3
    assert 5 <= done < MANY
    again = send("ship", *rows)
    assert (again.status, results(again)) == (0, ["repeated"] * done + ["shipped"] * (MANY - done))
    assert level() == (1000 - 3 * MANY, MANY)
    assert {order["fulfilment_status"] for order in shopctl("order", "list", "--json").json} == {"partially_shipped"}
    assert shopctl("doctor").status == 0
