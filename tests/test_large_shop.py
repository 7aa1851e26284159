"""The large shop that benchmarks measure: it is sound, and its lists are right, whichever index they are read from."""

import re
from datetime import timedelta

import pytest

from benchmarks import people, shop_of
from shopctl.services import orders
from shopctl.services.orders import OrderFilter, narrowing, searching
from shopctl.services.reports import soundness
from shopctl.shop import Shop
from shopctl.text import fold

ORDERS = 300
STEP = 37


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    home = tmp_path_factory.mktemp("large") / "home"
    shop_of.make(home, orders=ORDERS, skus=400, customers=60, each=0, latest=0.6)
    with Shop(home) as opened:
        yield opened


@pytest.fixture(params=["few", "many"])
def conn(large, request, monkeypatch):
    """A connection to the large shop, which takes all its orders for few, or none."""
    if request.param == "many":
        for module, name in ((narrowing, "FEW"), (narrowing, "FEW_OF_SEVERAL"), (searching, "FEW")):
            monkeypatch.setattr(module, name, 1)
    with large.read() as opened:
        yield opened


@pytest.fixture
def known(large):
    """All orders with the words that they are found by, as they were recorded."""
    with large.read() as conn:
        found = {one.number: one for one in orders.page(conn, OrderFilter(sort="number"))}
        texts = dict(conn.exec_driver_sql("SELECT number, search FROM orders ORDER BY id").all())
    assert len(found) == ORDERS
    return [(found[number], text.split()) for number, text in texts.items()]


def numbers(conn, **wanted):
    """Return the numbers of a list, read a few at a time."""
    found = []
    while True:
        after = found[-1] if found else None
        more = [one.number for one in orders.page(conn, OrderFilter(**wanted, after=after, limit=STEP))]
        found += more
        if len(more) < STEP:
            return found


def in_order(found, sort):
    """Return the numbers of these orders in the order that `sort` names; those never placed are the oldest."""
    keys = {
        "placed_at": lambda one: (one.placed_at is not None, one.placed_at, int(one.number)),
        "number": lambda one: int(one.number),
        "total": lambda one: (one.total.amount, int(one.number)),
        "customer": lambda one: (one.customer.name.encode(), int(one.number)),
    }
    key = keys[sort.removeprefix("-")]
    if sort.endswith("placed_at"):
        drafts = sorted((one for one in found if one.placed_at is None), key=lambda one: int(one.number))
        placed = sorted((one for one in found if one.placed_at is not None), key=key)
        ordered = [*drafts, *placed]
    else:
        ordered = sorted(found, key=key)
    return [one.number for one in (reversed(ordered) if sort.startswith("-") else ordered)]


def test_a_shop_copied_from_patterns_is_sound_and_has_orders_of_every_kind(large):
    with large.read() as conn:
        found = soundness.prove(conn, workers=0)
        states = conn.exec_driver_sql("SELECT DISTINCT next FROM orders UNION SELECT DISTINCT status FROM orders")
        assert {state for (state,) in states} == {
            *("pay", "unhold", "wait_stock", "pick", "pack", "ship", "refund", "none"),
            *("draft", "placed", "completed", "cancelled", "expired"),
        }
    assert [finding for finding in found if finding.problems] == []
    assert all(finding.checked for finding in found[:8])


SORTS = ["-placed_at", "placed_at", "-number", "number", "-total", "total", "customer", "-customer"]
FILTERS = {
    "all": ({}, lambda _: True),
    "status": ({"status": "placed"}, lambda one: one.status == "placed"),
    "draft": ({"status": "draft"}, lambda one: one.status == "draft"),
    "done": ({"status": "completed"}, lambda one: one.status == "completed"),
    "next": ({"next": "pick"}, lambda one: one.next == "pick"),
    "nothing next": ({"next": "none"}, lambda one: one.next == "none"),
    "channel": ({"channel": "etsy"}, lambda one: one.channel == "etsy"),
    "owed": ({"owed": True}, lambda one: one.owed.amount > 0),
    "two": (
        {"payment": "unpaid", "fulfilment": "unfulfilled"},
        lambda one: (one.payment_status, one.fulfilment_status) == ("unpaid", "unfulfilled"),
    ),
    "three": (
        {"status": "placed", "next": "pick", "channel": "shop"},
        lambda one: (one.status, one.next, one.channel) == ("placed", "pick", "shop"),
    ),
    "none at all": ({"payment": "unpaid", "fulfilment": "delivered"}, lambda _: False),
}


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("name", FILTERS)
def test_a_list_read_page_by_page_has_each_order_that_meets_all_conditions_once(conn, known, name, sort):
    wanted, meets = FILTERS[name]
    assert numbers(conn, **wanted, sort=sort) == in_order([one for one, _ in known if meets(one)], sort)


@pytest.mark.parametrize("sort", ["-placed_at", "-total"])
def test_a_list_of_a_period_has_its_first_moment_and_not_its_last(conn, known, sort):
    moments = sorted(one.placed_at for one, _ in known if one.placed_at)
    since, until = moments[ORDERS // 3], moments[2 * ORDERS // 3]
    within = [one for one, _ in known if one.placed_at and since <= one.placed_at < until]
    assert numbers(conn, since=since, until=until, sort=sort) == in_order(within, sort)
    placed = [one for one in within if one.status == "placed"]
    assert placed
    assert numbers(conn, since=since, until=until, status="placed", sort=sort) == in_order(placed, sort)
    assert numbers(conn, since=until, until=until + timedelta(0)) == []


def test_a_customers_orders_are_those_of_the_customer(conn, known):
    email = next(one.customer.email for one, _ in known if one.customer.email)
    mine = [one for one, _ in known if one.customer.email == email]
    assert numbers(conn, customer=email) == in_order(mine, "-placed_at")
    assert numbers(conn, customer=email, sort="total") == in_order(mine, "total")


def has(texts, query):
    """Return whether every word of `query` begins one of the words of an order (a single letter: is one)."""
    return all(
        any(text == word or (len(word) > 1 and text.startswith(word)) for text in texts)
        for word in re.findall(r"\w+", fold(query))
    )


@pytest.mark.parametrize("sort", ["-placed_at", "number", "-total"])
@pytest.mark.parametrize("query", [people.COMMON, "MÜLL", "ma", "gmail", "berlin gmail", "e", "be de", "zzzz"])
def test_a_search_finds_every_order_whose_words_begin_so(conn, known, query, sort):
    found = [one for one, texts in known if has(texts, query)]
    expected = in_order(found, "-number" if sort == "-placed_at" else sort)
    assert numbers(conn, query=query, sort=sort) == expected
    placed = [one for one in found if one.status == "placed"]
    assert numbers(conn, query=query, sort=sort, status="placed") == [
        number for number in expected if number in {one.number for one in placed}
    ]


def test_a_parcel_an_address_and_a_number_elsewhere_are_found_by_what_stands_on_them(conn):
    row = conn.exec_driver_sql(
        "SELECT o.number, o.external_number, s.tracking, a.postcode, a.phone, o.customer_email FROM orders o"
        " JOIN shipment s ON s.order_id = o.id JOIN order_address a ON a.order_id = o.id"
        " WHERE o.external_number IS NOT NULL AND s.tracking <> '' LIMIT 1"
    ).one()
    assert numbers(conn, query=row.external_number) == [row.number]
    assert numbers(conn, query=row.number) == [row.number]
    assert numbers(conn, query=row.tracking) == [row.number]
    for text in (row.postcode, row.phone, row.phone.replace("+49 ", "0"), row.customer_email):
        assert row.number in numbers(conn, query=text)
