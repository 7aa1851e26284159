"""What no program may write: the database refuses it; and what was tampered with: doctor finds it."""

import sqlite3
from contextlib import closing

import pytest

from shopctl.money import Money
from shopctl.services import inventory, orders, terms
from shopctl.services.inventory import Item
from shopctl.services.orders import Choice, LineDraft, OrderDraft


@pytest.fixture
def traded(home, shop, add):
    """The folder of a shop in which five mugs came in and two were ordered and paid."""
    item = add("MUG", stock=5)
    with shop.write() as conn:
        orders.place(conn, OrderDraft(lines=(LineDraft("MUG", 2),), customer="ada@example.org", paid="card"))
        inventory.set_shelf(conn, Item(item.id, item.sku), bin="A3", reorder_point=1)
    return home


@pytest.fixture
def busy(home, shop, add):
    """The folder of a shop with a parcel shipped, one packed, one being picked, a return, a claim, and more."""
    add("MUG", stock=6)
    add("CAP", stock=1)
    with shop.write() as conn:
        terms.add_code(conn, "TENTH", rate=10_000)
        number = orders.place(conn, OrderDraft(lines=(LineDraft("MUG", 5),), code="TENTH")).number
        orders.authorize(conn, number, method="card")
        orders.capture_authorized(conn, number, amount=Money(1000, "EUR"))
        orders.ship(conn, number, [Choice("MUG", 2)])
        orders.pack(conn, number, [Choice("MUG", 1)])
        orders.pick(conn, [number])
        orders.receive_return(conn, number, [Choice("MUG", 1)], restock=True)
        orders.claim(conn, number, [Choice("MUG", 1)], "damaged")
        orders.place(conn, OrderDraft(lines=(LineDraft("MUG", 1),), draft=True))
        orders.place(conn, OrderDraft(lines=(LineDraft("CAP", 3),), channel="market", external_number="A1"))
    return home


def execute(home, statement, *pragmas):
    with closing(sqlite3.connect(home / "shop.db")) as database, database:
        for pragma in ("foreign_keys=ON", *pragmas):
            database.execute(f"PRAGMA {pragma}")
        database.execute(statement)


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE stock SET reserved = on_hand + 1", "ck_stock_covered"),
        ("UPDATE stock SET on_hand = 1", "ck_stock_covered"),
        ("UPDATE stock SET unsellable = on_hand - reserved + 1", "ck_stock_covered"),
        ("UPDATE stock SET on_hand = -1, reserved = -1", "ck_stock"),
        ("UPDATE stock SET on_hand = 1000000001", "ck_stock_on_hand"),
        ("UPDATE stock SET reserved = -1", "ck_stock_(reserved|packed)"),
        ("UPDATE stock SET held = -1", "ck_stock_held"),
        ("UPDATE stock SET unsellable = -1", "ck_stock_unsellable"),
        ("UPDATE stock SET packed = reserved + 1", "ck_stock_packed"),
        ("UPDATE stock SET safety = -1", "ck_stock_safety"),
        ("UPDATE stock SET on_hand = 5.5", "cannot store REAL"),
        ("UPDATE stock SET on_hand = 'five'", "cannot store TEXT"),
        ("UPDATE stock SET on_hand = on_hand + 9223372036854775807", "cannot store REAL"),
        ("UPDATE reservation SET reserved = -1", "ck_reservation"),
        ("UPDATE reservation SET short = -1", "ck_reservation_short"),
        ("UPDATE reservation SET packed = 3", "ck_reservation_packed"),
        ("UPDATE orders SET total = total + 1", "ck_orders_total"),
        ("UPDATE orders SET subtotal = subtotal + 1", "ck_orders_total"),
        ("UPDATE orders SET discount = subtotal + 1, total = -1", "ck_orders_discount"),
        ("UPDATE orders SET tax = -1", "ck_orders_charges"),
        ("UPDATE orders SET shipping = -1, total = total - 1", "ck_orders_charges"),
        ("UPDATE orders SET refunded = paid + 1", "ck_orders_refunded"),
        ("UPDATE orders SET owed = -1", "ck_orders_owed"),
        ("UPDATE orders SET status = 'gone'", "ck_orders_status"),
        ("UPDATE orders SET payment_status = 'gone'", "ck_orders_payment_status"),
        ("UPDATE orders SET next = 'gone'", "ck_orders_next"),
        ("UPDATE order_line SET ordered = 0, total = 0", "ck_order_line"),
        ("UPDATE order_line SET cancelled = 1, shipped = 2", "ck_order_line_shipped"),
        ("UPDATE order_line SET returned = 1", "ck_order_line_returned"),
        ("UPDATE order_line SET restocked = 1", "ck_order_line_restocked"),
        ("UPDATE order_line SET total = total - 1", "ck_order_line_total"),
        ("UPDATE order_line SET discount = total + 1", "ck_order_line_discount"),
        ("UPDATE payment SET amount = 0", "ck_payment_amount"),
        ("UPDATE payment SET kind = 'gift'", "ck_payment_kind"),
        ("UPDATE product SET status = 'gone'", "ck_product_status"),
        ("UPDATE product SET sku = ''", "ck_product_sku"),
        ("UPDATE product_price SET price = -1", "ck_product_price_price"),
        ("UPDATE product_price SET ends_at = starts_at", "ck_product_price_period"),
        (
            "INSERT INTO product_price SELECT 9, 99, price, starts_at, ends_at, operation_id FROM product_price",
            "FOREIGN",
        ),
        ("INSERT INTO stock SELECT 99, location_id, 0,0,0,0,0,0,'',NULL,NULL,operation_id FROM stock", "FOREIGN"),
        ("DELETE FROM orders", "FOREIGN"),
        ("DELETE FROM product", "FOREIGN"),
        ("DELETE FROM operation", "FOREIGN"),
        ("UPDATE location SET priority = -1", "ck_location_priority"),
        ("UPDATE operation SET origin = 'nowhere'", "ck_operation_origin"),
        ("UPDATE stock_movement SET on_hand = on_hand + 1", "append-only"),
        ("DELETE FROM stock_movement", "append-only"),
        ("INSERT INTO orders SELECT * FROM orders", "UNIQUE"),
    ],
)
def test_the_database_refuses(traded, shopctl, statement, rule):
    with pytest.raises(sqlite3.IntegrityError, match=rule):
        execute(traded, statement)
    assert shopctl("doctor").status == 0


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE stock SET on_hand = on_hand + 1", "Every quantity is the sum of its ledger"),
        ("UPDATE stock SET held = 1", "Every quantity is the sum of its ledger"),
        ("UPDATE stock SET unsellable = 1", "Every quantity is the sum of its ledger"),
        ("UPDATE stock SET reserved = 9", "Reserved is what orders have reserved"),
        ("UPDATE stock SET packed = 1", "Reserved is what orders have reserved"),
        ("DELETE FROM stock", "Every quantity is the sum of its ledger"),
        ("UPDATE reservation SET reserved = 1", "Reserved is what orders have reserved"),
        ("DELETE FROM reservation", "Every unit of an order is somewhere"),
        ("UPDATE reservation SET reserved = 3", "Every unit of an order is somewhere"),
        (
            "INSERT INTO reservation SELECT 9,'1002',1,product_id,location_id,1,0,0,operation_id,0,NULL FROM stock",
            "Reserved is",
        ),
        ("UPDATE order_line SET ordered = 3", "Every unit of an order is somewhere"),
        ("UPDATE order_line SET cancelled = 1", "Every unit of an order is somewhere"),
        ("UPDATE orders SET status = 'cancelled'", "Every unit of an order is somewhere"),
        ("UPDATE orders SET total = total + 1", "Totals add up"),
        ("UPDATE orders SET total = total + 1, subtotal = subtotal + 1", "Totals add up"),
        ("UPDATE orders SET tax = tax + 1", "Totals add up"),
        ("UPDATE orders SET discount = 1, total = total - 1", "Totals add up"),
        ("UPDATE orders SET paid = paid - 1", "Totals add up"),
        ("UPDATE order_line SET total = total + 1", "Totals add up"),
        ("DELETE FROM order_line", "Totals add up"),
        ("DELETE FROM payment", "Totals add up"),
        ("UPDATE payment SET kind = 'refund'", "Totals add up"),
        ("UPDATE orders SET payment_status = 'unpaid'", "Statuses follow"),
        ("UPDATE orders SET owed = 5", "Statuses follow"),
        ("UPDATE orders SET next = 'pay'", "Statuses follow"),
        ("UPDATE orders SET fulfilment_status = 'shipped'", "Statuses follow"),
        ("DELETE FROM product_price", "Every product has a price"),
        ("UPDATE stock SET location_id = 99", "The database file is whole"),
        ("UPDATE orders SET status = 'gone'", "The database file is whole"),
        ("UPDATE event SET error = 'TemplateError: broken'", "Events are handed on"),
    ],
)
def test_doctor_finds_what_was_tampered_with(traded, shopctl, tampering, found):
    execute(traded, tampering, "ignore_check_constraints=ON", "foreign_keys=OFF")
    diagnosis = shopctl("doctor", "--json")
    assert diagnosis.status == 6
    assert diagnosis.error["code"] == "unsound"
    assert diagnosis.json["sound"] is False
    assert any(finding["name"].startswith(found) for finding in diagnosis.json["findings"] if finding["problems"])
    shown = shopctl("doctor")
    assert shown.status == 6
    assert "Traceback" not in shown.err


@pytest.mark.parametrize(
    ("tampering", "found", "problem"),
    [
        ("UPDATE reservation SET held = 2 WHERE held", "Reserved is", "MUG at main: 1 held, orders have 2"),
        ("UPDATE stock SET reserved = 0", "Nobody is short", "order 1003, line 1: 2 units are short, and 1 are"),
        (
            "UPDATE reservation SET expires_at = NULL",
            "Stock is kept as long",
            "order 1002: its stock is kept until another moment than the order",
        ),
        ("UPDATE orders SET expires_at = NULL", "Stock is kept as long", "order 1002: its stock is kept until"),
        (
            "UPDATE orders SET status = 'placed' WHERE status = 'draft'",
            "Stock is kept as long",
            "order 1002 is placed: 1 units are held for it as for a draft",
        ),
        (
            "UPDATE shipment SET status = 'cancelled' WHERE status = 'shipped'",
            "Parcels hold",
            "order 1001, line 1 (MUG): 2 shipped, parcels that left hold 0",
        ),
        ("UPDATE order_line SET shipped = 1 WHERE shipped = 2", "Parcels hold", "1 shipped, parcels that left hold 2"),
        ("DELETE FROM shipment_line", "Parcels hold", "order 1001, line 1: 1 packed, packed parcels hold 0"),
        (
            "UPDATE reservation SET packed = 0",
            "Parcels hold",
            "order 1001, line 1: 0 packed, packed parcels hold 1",
        ),
        (
            "UPDATE shipment_line SET quantity = 4",
            "Parcels hold",
            "order 1001, line 1: 4 being picked, 2 on the shelf",
        ),
        (
            "UPDATE return_line SET quantity = 2",
            "Returns hold",
            "order 1001, line 1 (MUG): 1 returned, its returns say 2",
        ),
        ("UPDATE return_line SET restocked = 0", "Returns hold", "1 restocked, its returns say 0"),
        ("UPDATE return_line SET written_off = 1", "Returns hold", "0 written off, its returns say 1"),
        (
            "UPDATE order_return SET status = 'requested', received_at = NULL",
            "Returns hold",
            "1 returned, its returns say 0",
        ),
        ("UPDATE claim_line SET quantity = 2", "Claims hold", "order 1001, line 1 (MUG): 1 claimed, its claims say 2"),
        ("DELETE FROM claim_line", "Claims hold", "order 1001: a claim is about nothing"),
        (
            "UPDATE payment SET amount = 999 WHERE kind = 'authorize'",
            "No more is captured",
            "order 1001: 1,000 of 999 minor units authorized were captured or voided",
        ),
        (
            "UPDATE payment SET order_id = 2 WHERE kind = 'authorize'",
            "No more is captured",
            "order 1001: a capture uses what is no authorization of this order",
        ),
        (
            "UPDATE payment SET kind = 'void', authorization_id = NULL WHERE kind = 'capture'",
            "No more is captured",
            "order 1001: a void gives back no authorization",
        ),
        ("UPDATE discount_code SET used = 0", "Codes count", "code TENTH: used 0 times, 1 orders have it"),
        ("UPDATE orders SET discount_code_id = NULL", "Codes count", "code TENTH: used 1 times, 0 orders have it"),
        ("UPDATE orders SET status = 'completed' WHERE id = 1", "Statuses follow", "order 1001: status is completed"),
    ],
)
def test_doctor_says_in_plain_words_what_was_tampered_with(busy, shopctl, tampering, found, problem):
    assert shopctl("doctor").status == 0
    execute(busy, tampering, "ignore_check_constraints=ON", "foreign_keys=OFF")
    diagnosis = shopctl("doctor", "--json")
    assert diagnosis.status == 6
    problems = [p for named in diagnosis.json["findings"] if named["name"].startswith(found) for p in named["problems"]]
    assert any(problem in said for said in problems), problems


def test_doctor_finds_a_ledger_that_was_rewritten(traded, shopctl):
    execute(traded, "DROP TRIGGER stock_movement_kept")
    execute(traded, "UPDATE stock_movement SET on_hand = 4 WHERE kind = 'receive'")
    diagnosis = shopctl("doctor", "--json")
    assert diagnosis.status == 6
    problems = [problem for finding in diagnosis.json["findings"] for problem in finding["problems"]]
    assert problems == ["MUG at main: on_hand is 5, its ledger adds up to 4"]


def test_a_shop_in_which_all_was_done_by_its_commands_is_sound(busy, shopctl):
    for steps in (["document", "1001", "--kind", "invoice"], ["cancel", "1001"], ["refund", "1001"]):
        assert shopctl("order", *steps).status == 0
    diagnosis = shopctl("doctor", "--json")
    assert (diagnosis.status, diagnosis.json["sound"]) == (0, True)
    assert all(finding["checked"] for finding in diagnosis.json["findings"] if "Messages" not in finding["name"])
