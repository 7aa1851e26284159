"""What was done by mistake and is undone leaves no trace in the numbers: every inverse is exact."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from shopctl.money import Money
from shopctl.services import inventory, orders, products, terms
from shopctl.services.inventory import InsufficientStockError, Item, Want
from shopctl.services.orders import Choice, LineDraft, OrderDraft
from shopctl.services.products import ProductDraft

PRICES = {"MUG": 990, "CAP": 1, "PEN": 0}
PLACES = ("main", "attic")
FAST = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SPEAKING = {
    "stock": {"operation_id"},
    "reservation": {"id", "operation_id"},
    "orders": {"version", "operation_id"},
    "order_line": {"operation_id"},
    "discount_code": {"operation_id"},
    "shipment": {"operation_id"},
    "shipment_line": {"operation_id"},
}
"""The tables in which things stand, and their columns that only say when and by what they came to stand so."""

skus = st.sampled_from(sorted(PRICES))
stocked = st.lists(st.tuples(skus, st.sampled_from(PLACES), st.integers(1, 9)), min_size=2, max_size=6)
lines = st.lists(st.tuples(skus, st.integers(1, 3)), min_size=1, max_size=4)


class Undone(Exception):  # noqa: N818 (no error)
    pass


def standing(conn, *without):
    """Return how everything stands: units, orders, parcels, codes."""
    found = {}
    for table, silent in SPEAKING.items():
        if table not in without:
            rows = conn.exec_driver_sql(f"SELECT * FROM {table}").mappings()
            found[table] = sorted(sorted((n, str(v)) for n, v in row.items() if n not in silent) for row in rows)
    return found


@pytest.fixture
def stage(shop):
    """Give a shop with some stock, in a transaction that is rolled back in the end."""
    with shop.write() as conn:
        known = {}
        for sku, price in PRICES.items():
            made = products.add(conn, ProductDraft(name=sku, sku=sku, price=Money(price, "EUR")))
            known[sku] = Item(made.id, sku)
        inventory.add_location(conn, PLACES[1])
        terms.add_code(conn, "TENTH", rate=10_000, uses=5)
        for sku in PRICES:
            orders.receive(conn, known[sku], 1)

    @contextmanager
    def staged(stock) -> Iterator:
        with pytest.raises(Undone), shop.write() as conn:
            for sku, place, units in stock:
                orders.receive(conn, known[sku], units, location=place)
            yield conn, known
            raise Undone

    return staged


def placed(conn, wanted, **options):
    try:
        return orders.place(conn, OrderDraft(lines=tuple(LineDraft(*line) for line in wanted), **options))
    except InsufficientStockError:
        assume(False)
        raise


def some(data, order):
    """Choose units of an order, or all (no choice)."""
    if data.draw(st.booleans()):
        return []
    line = data.draw(st.sampled_from(order.lines))
    return [Choice(f"#{line.line}", data.draw(st.integers(1, line.quantity)))]


@FAST
@given(stock=stocked, wanted=lines)
def test_reserve_then_release_is_the_identity(stage, stock, wanted):
    with stage(stock) as (conn, known):
        before = standing(conn)
        wants = [Want(line, known[sku], units) for line, (sku, units) in enumerate(wanted, start=1)]
        try:
            inventory.reserve(conn, "R", wants)
        except InsufficientStockError:
            assert inventory.check(conn, wants) != []
        else:
            assert sum(kept.reserved for kept in inventory.reserved_for(conn, "R")) == sum(n for _, n in wanted)
            inventory.release(conn, "R")
        assert standing(conn) == before


@FAST
@given(stock=stocked, wanted=lines, paid=st.sampled_from([None, "card"]), data=st.data())
def test_ship_then_unship_is_the_identity(stage, stock, wanted, paid, data):
    with stage(stock) as (conn, _):
        order = placed(conn, wanted, paid=paid)
        orders.pack(conn, order.number, some(data, order))
        before, shown = standing(conn), orders.get(conn, order.number)
        orders.ship(conn, order.number)
        assert standing(conn)["stock"] != before["stock"]
        orders.unship(conn, order.number, reason="the wrong one")
        again = orders.get(conn, order.number)
        assert standing(conn) == before
        assert (again.status, again.next, again.fulfilment_status) == (
            shown.status,
            shown.next,
            shown.fulfilment_status,
        )
        assert again.shipments[0].shipped_at is None


@FAST
@given(stock=stocked, wanted=lines, data=st.data())
def test_pack_then_unpack_is_the_identity(stage, stock, wanted, data):
    with stage(stock) as (conn, _):
        order = placed(conn, wanted)
        before = standing(conn, "shipment", "shipment_line")
        orders.pack(conn, order.number, some(data, order))
        assert standing(conn, "shipment", "shipment_line") != before
        orders.unpack(conn, order.number)
        assert standing(conn, "shipment", "shipment_line") == before
        assert orders.get(conn, order.number).shipments == []


@FAST
@given(
    stock=stocked, wanted=lines, code=st.sampled_from([None, "TENTH"]), pieces=st.booleans(), confirmed=st.booleans()
)
def test_a_draft_or_an_order_that_is_cancelled_leaves_stock_and_codes_as_they_were(
    stage, stock, wanted, code, pieces, confirmed
):
    with stage(stock) as (conn, _):
        before = standing(conn, "orders", "order_line")
        order = placed(conn, wanted, code=code, draft=True)
        assert standing(conn, "orders", "order_line") != before
        if confirmed:
            orders.confirm(conn, order.number)
        for choice in [[Choice(f"#{line.line}", line.quantity)] for line in order.lines] if pieces else [[]]:
            ended = orders.cancel(conn, order.number, choice)
        assert standing(conn, "orders", "order_line") == before
        assert (ended.status, ended.next, ended.due.amount, ended.owed.amount) == ("cancelled", "none", 0, 0)


@FAST
@given(
    stock=stocked,
    wanted=lines,
    amounts=st.lists(st.none() | st.integers(1, 5000), min_size=1, max_size=3),
    voided=st.lists(st.integers(1, 3000), max_size=3),
)
def test_authorize_then_void_is_the_identity(stage, stock, wanted, amounts, voided):
    with stage(stock) as (conn, _):
        order = placed(conn, [("MUG", 1), *wanted])
        before, shown = standing(conn), orders.get(conn, order.number)
        promised = 0
        for amount in amounts:
            if amount is None and promised >= order.total.amount:
                continue
            orders.authorize(conn, order.number, method="card", amount=None if amount is None else Money(amount, "EUR"))
            promised += order.total.amount - promised if amount is None else amount
        assert orders.get(conn, order.number).authorized.amount == promised
        for part in voided:
            if part < promised:
                promised = orders.void(conn, order.number, amount=Money(part, "EUR")).authorized.amount
        again = orders.void(conn, order.number)
        assert standing(conn) == before
        assert (again.authorized, again.payment_status, again.next) == (shown.authorized, "unpaid", "pay")
