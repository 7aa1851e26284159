"""What no program may write: the database refuses it; and what was tampered with: doctor finds it."""

import sqlite3
from contextlib import closing

import pytest

from shopctl.services import inventory, orders
from shopctl.services.inventory import Item
from shopctl.services.orders import LineDraft, OrderDraft


@pytest.fixture
def traded(home, shop, add):
    """The folder of a shop in which five mugs came in and two were ordered and paid."""
    item = add("MUG", stock=5)
    with shop.write() as conn:
        orders.place(conn, OrderDraft(lines=(LineDraft("MUG", 2),), customer="ada@example.org", paid="card"))
        inventory.set_shelf(conn, Item(item.id, item.sku), bin="A3", reorder_point=1)
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


def test_doctor_finds_a_ledger_that_was_rewritten(traded, shopctl):
    execute(traded, "DROP TRIGGER stock_movement_kept")
    execute(traded, "UPDATE stock_movement SET on_hand = 4 WHERE kind = 'receive'")
    diagnosis = shopctl("doctor", "--json")
    assert diagnosis.status == 6
    problems = [problem for finding in diagnosis.json["findings"] for problem in finding["problems"]]
    assert problems == ["MUG at main: on_hand is 5, its ledger adds up to 4"]


def test_a_shop_in_which_all_was_done_by_its_commands_is_sound(traded, shopctl):
    assert shopctl("order", "cancel", "1001").status == 0
    assert shopctl("order", "refund", "1001").status == 0
    diagnosis = shopctl("doctor", "--json")
    assert (diagnosis.status, diagnosis.json["sound"]) == (0, True)
    assert all(finding["checked"] for finding in diagnosis.json["findings"] if "Messages" not in finding["name"])
