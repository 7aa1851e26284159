"""A shop is asked and changed from an event loop by the same functions, and a cancelled change harms nobody."""

import asyncio
import threading
from datetime import timedelta

import pytest

from shopctl import clock
from shopctl.errors import NotFoundError
from shopctl.money import Money
from shopctl.services import inventory, orders, products
from shopctl.services.inventory import InsufficientStockError, Item
from shopctl.services.orders import LineDraft, OrderDraft, OrderFilter
from shopctl.services.reports import soundness
from shopctl.shop import Shop

ONE_MUG = OrderDraft(lines=(LineDraft("MUG", 1),), customer="ada@example.org")


def run(shop, story):
    """Run a story on an event loop, then let go of what the shop opened for it."""

    async def told():
        try:
            return await story()
        finally:
            await shop.aclose()

    return asyncio.run(told())


def test_asking_on_the_event_loop_answers_as_reading_does(shop, add):
    add("MUG", stock=5, description="ein Becher\u2026 \U0001f375")
    with shop.write() as conn:
        number = orders.place(conn, ONE_MUG).number
    questions = [
        (orders.get, number),
        (orders.page, OrderFilter(query="ada")),
        (products.get, "mug"),
        (inventory.locations,),
    ]

    async def ask():
        return await asyncio.gather(*(shop.ask(*question) for question in questions))

    answers = run(shop, ask)
    with shop.read() as conn:
        assert answers == [question(conn, *arguments) for question, *arguments in questions]


def test_a_clock_that_was_set_back_stops_no_sale(home, shop, add):
    add("MUG", price=990, stock=5)
    with Shop(home, clock=lambda: clock.now() - timedelta(days=1)) as yesterday, yesterday.write() as conn:
        assert orders.place(conn, ONE_MUG).total == Money(990, "EUR")


def test_errors_of_a_service_reach_the_one_who_asked(shop, add):
    add("MUG")

    async def ask():
        with pytest.raises(NotFoundError, match="9999"):
            await shop.ask(orders.get, "9999")
        with pytest.raises(InsufficientStockError):
            await shop.do(orders.place, ONE_MUG)

    run(shop, ask)


def test_a_change_runs_on_a_thread_of_its_own_while_the_loop_goes_on(shop, add):
    add("MUG", stock=5)
    threads, paints = [], []

    def slowly_place(conn, draft):
        threads.append(threading.current_thread())
        painted.wait(10)
        return orders.place(conn, draft)

    painted = threading.Event()

    async def story():
        placing = asyncio.ensure_future(shop.do(slowly_place, ONE_MUG))
        while not threads:
            await asyncio.sleep(0)
        paints.append(await shop.ask(orders.page, OrderFilter()))  # a reader waits for no writer
        painted.set()
        return await placing

    order = run(shop, story)
    assert order.number == "1001"
    assert paints == [[]]
    assert threads[0] is not threading.main_thread()


def test_changes_of_one_shop_are_made_in_the_order_they_were_asked(shop, add):
    add("MUG", stock=5)

    async def story():
        return await asyncio.gather(*(shop.do(orders.place, ONE_MUG) for _ in range(7)), return_exceptions=True)

    placed = run(shop, story)
    assert [order.number for order in placed[:5]] == ["1001", "1002", "1003", "1004", "1005"]
    assert [type(refused) for refused in placed[5:]] == [InsufficientStockError] * 2


@pytest.mark.parametrize("units", [1, 9], ids=["kept", "refused"])
@pytest.mark.parametrize("moment", ["queued", "writing"])
def test_a_cancelled_change_is_whole_or_absent_and_later_ones_work(shop, add, moment, units):
    item = add("MUG", stock=5)
    begun, cancelled = threading.Event(), threading.Event()

    def place_once_cancelled(conn):
        begun.set()
        assert cancelled.wait(10)
        return orders.place(conn, OrderDraft(lines=(LineDraft("MUG", units),))) if moment == "writing" else None

    async def story():
        first = asyncio.ensure_future(shop.do(place_once_cancelled))
        second = asyncio.ensure_future(shop.do(orders.place, OrderDraft(lines=(LineDraft("MUG", units),))))
        while not begun.is_set():
            await asyncio.sleep(0)
        (first if moment == "writing" else second).cancel()
        cancelled.set()
        await asyncio.gather(first, second, return_exceptions=True)
        return await asyncio.wait_for(shop.do(inventory.receive, Item(item.id, item.sku), 1), timeout=10)

    level = run(shop, story)
    with shop.read() as conn:
        placed = orders.page(conn, OrderFilter())
        assert [finding for finding in soundness.prove(conn, workers=0) if finding.problems] == []
    assert (level.on_hand, level.reserved) == (6, len(placed))
    assert len(placed) == (0 if units == 9 else 2 if moment == "writing" else 1)
