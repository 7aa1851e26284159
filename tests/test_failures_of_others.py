"""What the leaders of this field fail at, each as a rule that holds here."""

import json
import os
import subprocess
import sys

import pytest

from shopctl.errors import RefusedError
from shopctl.money import Money
from shopctl.services import inventory, orders
from shopctl.services.inventory import InsufficientStockError, Item
from shopctl.services.orders import Choice, LineDraft, OrderDraft
from shopctl.services.reports import soundness


@pytest.fixture
def do(shop):
    """Do one thing in a transaction: ``do(orders.ship, "1001")``."""

    def run(change, *arguments, **options):
        with shop.write() as conn:
            return change(conn, *arguments, **options)

    return run


@pytest.fixture
def place(do):
    """Place an order, paid: ``place(MUG=2)`` or ``place(("MUG", 1), ("MUG", 1))``."""

    def run(*lines, **skus):
        wanted = tuple(LineDraft(sku, units) for sku, units in (*lines, *skus.items()))
        return do(orders.place, OrderDraft(lines=wanted, paid="card")).number

    return run


@pytest.fixture
def mug(add):
    """There are 5 MUG, at 10.00."""
    made = add("MUG", stock=5)
    return Item(made.id, made.sku)


@pytest.fixture
def stock(shop, mug):
    """The balance of MUG: on hand, reserved, available."""

    def read():
        with shop.read() as conn:
            level = inventory.level(conn, mug, inventory.get_location(conn, None))
        return level.on_hand, level.reserved, level.available

    return read


@pytest.fixture(autouse=True)
def sound(shop):
    yield
    with shop.read() as conn:
        assert [found for found in soundness.prove(conn, workers=0) if found.problems] == []


def started(*arguments, home, stdin=subprocess.DEVNULL):
    """A process of shopctl of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "shopctl", *arguments],
        env={**os.environ, "SHOPCTL_HOME": str(home)},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_lines_of_one_order_do_not_both_pass_on_the_same_stock(mug, place, stock):
    """Medusa #16502: lines of one order that share stock were each checked against all of it, and both passed."""
    with pytest.raises(InsufficientStockError, match="MUG: 6 wanted, 5 available"):
        place(("MUG", 3), ("mug", 3))
    assert stock() == (5, 0, 5)
    place(("MUG", 3), ("mug", 2))
    assert stock() == (5, 5, 0)


@pytest.mark.usefixtures("mug")
@pytest.mark.parametrize("taken_back", ["unpacked", "unshipped and unpacked", "unshipped twice", "picked and given up"])
def test_a_parcel_that_is_taken_back_leaves_the_stock_as_it_was(taken_back, do, place, stock):
    """Medusa #11703, #12796: cancelling a fulfilment left wrong reservations, or stock that was counted twice."""
    number = place(MUG=3)
    before = stock()
    if taken_back == "unpacked":
        do(orders.pack, number, (Choice("MUG", 2),))
        do(orders.unpack, number)
    elif taken_back == "picked and given up":
        do(orders.pick, [number])
        do(orders.pack, number, (Choice("MUG", 1),))
        do(orders.unpack, number)
    else:
        for _ in range(2 if "twice" in taken_back else 1):
            do(orders.ship, number)
            assert stock() == (2, 0, 2)
            do(orders.unship, number, reason="the courier did not come")
        do(orders.unpack, number)
    assert stock() == before == (5, 3, 2)
    do(orders.cancel, number)
    assert stock() == (5, 0, 5)


@pytest.mark.usefixtures("mug")
def test_a_fulfilment_that_is_cancelled_after_a_part_of_it_left_gives_back_the_rest_and_no_more(do, place, stock):
    """Medusa #12796: the units of the parcels that had left were given back as well."""
    number = place(MUG=4)
    do(orders.ship, number, (Choice("MUG", 1),))
    do(orders.pack, number, (Choice("MUG", 2),))
    do(orders.cancel, number)
    assert stock() == (4, 0, 4)


@pytest.mark.usefixtures("mug")
def test_a_return_that_is_restocked_can_be_sold_again(do, place, stock):
    """Saleor #16667: returned goods did not come back into stock."""
    number = place(MUG=5)
    do(orders.ship, number)
    with pytest.raises(InsufficientStockError):
        place(MUG=1)
    do(orders.receive_return, number, (Choice("MUG", 2),), restock=True)
    assert stock() == (2, 0, 2)
    place(MUG=2)
    assert stock() == (2, 2, 0)


@pytest.mark.usefixtures("mug")
def test_an_item_is_cancelled_without_a_refund_and_refunded_without_a_cancellation(do, place, stock):
    """Vendure #569: an item could be cancelled only together with a refund."""
    number = place(MUG=3)
    cancelled = do(orders.cancel, number, (Choice("MUG", 1),))
    assert (cancelled.refunded.amount, cancelled.owed.amount, stock()) == (0, 1000, (5, 2, 3))
    refunded = do(orders.refund, number, amount=Money(300, "EUR"))
    assert (refunded.lines[0].cancelled, refunded.owed.amount, stock()) == (1, 700, (5, 2, 3))


def test_an_unpaid_item_is_cancelled_and_nothing_is_owed(mug, do):
    """Vendure #569, for an order that nobody has paid yet: there is nothing to refund."""
    number = do(orders.place, OrderDraft(lines=(LineDraft("MUG", 2),))).number
    cancelled = do(orders.cancel, number, (Choice("MUG", 1),))
    assert (cancelled.owed.amount, cancelled.due.amount) == (0, 1000)


@pytest.mark.usefixtures("mug")
@pytest.mark.parametrize("how", ["cancelled, refunded", "refunded, cancelled", "shipped, returned, refunded"])
def test_a_refunded_order_does_not_stay_open(how, do, place, shop):
    """Medusa #5457: a refunded order stayed open until somebody edited the database."""
    number = place(MUG=2)
    whole = Money(2000, "EUR")
    if how == "cancelled, refunded":
        do(orders.cancel, number)
        done = do(orders.refund, number)
    elif how == "refunded, cancelled":
        waiting = do(orders.refund, number, amount=whole)
        with shop.read() as conn:
            assert orders.why(conn, number).reasons[0].command == f"shopctl order cancel {number}"
        assert waiting.next == "pay"
        done = do(orders.cancel, number)
    else:
        do(orders.ship, number)
        do(orders.receive_return, number, (Choice("MUG", 2),), restock=True)
        done = do(orders.refund, number)
    assert (done.payment_status, done.next, done.owed.amount, done.due.amount) == ("refunded", "none", 0, 0)
    assert done.status == ("completed" if "shipped" in how else "cancelled")


@pytest.mark.usefixtures("mug")
def test_two_processes_that_ship_the_same_order_at_once_take_its_stock_once(home, place, stock):
    """WooCommerce #38786: handlers that raced for one order each took its stock."""
    number = place(MUG=3)
    racing = [started("order", "ship", number, "--json", home=home) for _ in range(4)]
    ended = [(*process.communicate(timeout=60), process.returncode) for process in racing]
    assert sorted(status for *_, status in ended) == [0, 1, 1, 1], ended
    assert all("nothing on the shelf" in errors for _, errors, status in ended if status)
    assert stock() == (2, 0, 2)


@pytest.mark.usefixtures("mug")
def test_two_processes_that_ship_the_same_under_one_key_take_its_stock_once_and_both_are_told_so(home, place, stock):
    """WooCommerce #38786, for a handler that is called twice for one message of a carrier."""
    number = place(MUG=3)
    command = ("order", "ship", number, "MUG=2", "--key", "carrier-4711", "--json")
    racing = [started(*command, home=home) for _ in range(3)]
    ended = [(*process.communicate(timeout=60), process.returncode) for process in racing]
    assert [status for *_, status in ended] == [0, 0, 0], ended
    shipped = [json.loads(out)["lines"][0]["shipped"] for out, *_ in ended]
    assert (shipped, stock()) == ([2, 2, 2], (3, 1, 2))


@pytest.mark.usefixtures("mug")
def test_two_processes_that_place_the_same_order_at_once_reserve_its_stock_once(home, stock, shop):
    """WooCommerce #38786, for a checkout that is sent twice."""
    command = ("order", "place", "MUG=2", "MUG=1", "--paid", "card", "--key", "checkout-1", "--json")
    racing = [started(*command, home=home) for _ in range(4)]
    ended = [(*process.communicate(timeout=60), process.returncode) for process in racing]
    assert [status for *_, status in ended] == [0] * 4, ended
    assert {json.loads(out)["number"] for out, *_ in ended} == {"1001"}
    assert stock() == (5, 3, 2)
    with shop.read() as conn:
        assert orders.get(conn, "1001").paid == Money(3000, "EUR")


@pytest.mark.usefixtures("mug")
def test_a_process_that_cancels_and_one_that_ships_at_once_do_one_of_both(home, place, stock, shop):
    """WooCommerce #38786, for handlers that want different things: the units are away or released, never both."""
    number = place(MUG=3)
    racing = [started("order", verb, number, home=home) for verb in ("ship", "cancel", "ship", "cancel")]
    for process in racing:
        process.communicate(timeout=60)
    with shop.read() as conn:
        line = orders.get(conn, number).lines[0]
    assert sorted((line.shipped, line.cancelled)) == [0, 3]
    assert stock() == ((2, 0, 2) if line.shipped else (5, 0, 5))


def test_no_refund_is_paid_twice_by_processes_that_race(home, mug, do, place):
    """WooCommerce #38786, for money: what is owed is refunded once."""
    number = place(MUG=3)
    do(orders.cancel, number)
    racing = [started("order", "refund", number, home=home) for _ in range(3)]
    statuses = [(process.communicate(timeout=60), process.returncode)[1] for process in racing]
    assert sorted(statuses) == [0, 1, 1]
    with pytest.raises(RefusedError, match="owes its customer nothing"):
        do(orders.refund, number)
