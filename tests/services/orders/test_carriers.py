"""What carriers are told of parcels, and what becomes of what they say."""

from datetime import UTC, datetime

import msgspec
import pytest

from shopctl.errors import NotFoundError
from shopctl.files import Row, Sheet
from shopctl.services import orders, products
from shopctl.services.orders import Address, carriers, consigning, parcel_listing
from shopctl.services.orders.parcel_listing import ParcelFilter
from shopctl.services.products import ProductChange
from shopctl.settings import OrderSettings

PARIS = Address(name="Ada", line1="1 Road", postcode="75005", city="Paris", country="FR", phone="+33 1 23")


def sheet(*rows):
    return Sheet(list(rows[0]), [Row(i, cells) for i, cells in enumerate(rows, start=2)], "dict")


@pytest.fixture
def plan(shop):
    """Check rows of a carrier's file: ``plan({"shipment": "1001-1", "tracking": "T1"})``."""

    def run(*rows, **options):
        with shop.read() as conn:
            return carriers.plan(conn, sheet(*rows), **options)

    return run


@pytest.fixture
def load(shop, plan):
    """Do what rows of a file say, of which none may be bad; give how many were shipped, tracked, delivered."""

    def run(*rows, **options):
        planned = plan(*rows, **options)
        assert planned.problems == []
        with shop.write() as conn:
            done = [carriers.apply(conn, report) for report in planned.reports]
        return tuple(sum(getattr(one, name) for one in done) for name in ("shipped", "tracked", "delivered"))

    return run


@pytest.fixture
def problems(plan):
    return lambda *rows: [(problem.row, problem.column) for problem in plan(*rows).problems]


@pytest.fixture
def parcel(shop):
    def read(number):
        with shop.read() as conn:
            return parcel_listing.get(conn, number)

    return read


@pytest.fixture
def told(shop):
    """What a carrier is told of the parcels in these statuses."""

    def read(*statuses):
        with shop.read() as conn:
            return consigning.handover(conn, statuses or ("packed",))

    return read


@pytest.fixture
def listed(shop):
    def read(**wanted):
        with shop.read() as conn:
            return [row.number for row in parcel_listing.page(conn, ParcelFilter(**wanted))]

    return read


@pytest.fixture
def two_parcels(place, desk):
    """Order 1001 in two parcels: 1001-1 with a MUG, 1001-2 with a MUG and a CAP."""
    place(("MUG", 2), ("CAP", 1), customer="ada@example.org", paid="card", ship_to=PARIS)
    desk.pack("1001", {"MUG": 1})
    desk.pack("1001", {"MUG": 1, "CAP": 1})


def weigh(shop, **grams):
    with shop.write() as conn:
        for sku, weight in grams.items():
            products.edit(conn, sku, ProductChange(weight=weight))


@pytest.mark.usefixtures("two_parcels")
def test_a_carrier_is_told_the_address_the_weight_the_contents_and_the_value(told, shop):
    weigh(shop, MUG=300, CAP=120)
    first, second = told().parcels
    assert (first.shipment, first.order, first.reference, first.email) == ("1001-1", "1001", "1001", "ada@example.org")
    assert (first.name, first.line1, first.city, first.phone) == ("Ada", "1 Road", "Paris", "+33 1 23")
    assert (first.weight, first.units, first.contents, str(first.value)) == (300, 1, "1 MUG", "9.90")
    assert (second.weight, second.units, second.contents, str(second.value)) == (420, 2, "1 MUG; 1 CAP", "29.90")


@pytest.mark.usefixtures("two_parcels")
def test_the_weight_is_left_empty_when_that_of_one_product_is_unknown(told, shop):
    weigh(shop, MUG=300)
    assert [parcel.weight for parcel in told().parcels] == [300, None]


def test_the_value_is_what_was_paid_after_the_discount(told, place, desk):
    place(("MUG", 2), discount=orders.Discount(rate=50_000))
    desk.pack("1001", {"MUG": 1})
    assert [str(parcel.value) for parcel in told().parcels] == ["4.95"]


def test_the_reference_of_an_order_made_elsewhere_is_the_number_it_has_there(told, sold_elsewhere, desk):
    desk.pack(sold_elsewhere(("MUG", 1)).number)
    assert [parcel.reference for parcel in told().parcels] == ["M-1"]


def test_parcels_of_orders_on_hold_are_held_back(told, place, desk):
    for number in (place().number, place().number):
        desk.pack(number)
    desk.hold("1001", reason="the address is odd")
    assert [parcel.shipment for parcel in told().parcels] == ["1002-1"]
    assert told().held_back == ["1001-1"]


def test_only_parcels_in_the_asked_statuses_are_told(told, place, desk):
    for number in ("1001", "1002", "1003"):
        place(("MUG", 1))
        desk.pick([number])
    desk.pack("1002")
    desk.ship("1003")
    assert [parcel.shipment for parcel in told().parcels] == ["1002-1"]
    assert [parcel.shipment for parcel in told("pending", "packed").parcels] == ["1001-1", "1002-1"]
    assert [parcel.shipment for parcel in told("shipped").parcels] == ["1003-1"]


@pytest.mark.usefixtures("two_parcels")
def test_a_packed_parcel_is_shipped_with_what_the_carrier_says(load, parcel):
    row = {"shipment": "1001-2", "tracking": "T2", "carrier": "Bike", "link": "https://bike.example/T2"}
    assert load(row) == (1, 0, 0)
    found = parcel("1001-2")
    assert (found.status, found.carrier, found.tracking) == ("shipped", "Bike", "T2")
    assert found.link == "https://bike.example/T2"
    assert parcel("1001-1").status == "packed"


@pytest.mark.usefixtures("two_parcels")
def test_the_same_rows_again_change_nothing(load, shop):
    rows = [
        {"shipment": "1001-1", "tracking": "T1", "carrier": "DHL", "status": ""},
        {"shipment": "1001-2", "tracking": "T2", "carrier": "DHL", "status": "Delivered"},
    ]
    assert load(*rows) == (2, 0, 1)
    with shop.read() as conn:
        before = orders.get(conn, "1001")
    assert load(*rows) == (0, 0, 0)
    with shop.read() as conn:
        assert orders.get(conn, "1001") == before


@pytest.mark.usefixtures("two_parcels")
def test_a_parcel_on_its_way_gets_its_number_and_arrives(load, parcel, desk):
    desk.ship("1001", parcel="1", carrier="DHL")
    assert load({"shipment": "1001-1", "tracking": "T1"}) == (0, 1, 0)
    assert (parcel("1001-1").carrier, parcel("1001-1").tracking) == ("DHL", "T1")
    assert load({"shipment": "1001-1", "status": "delivered"}) == (0, 0, 1)
    assert load({"shipment": "1001-1", "status": "shipped"}) == (0, 0, 0)
    assert (parcel("1001-1").status, parcel("1001-1").tracking) == ("delivered", "T1")


def test_an_order_stands_for_the_one_parcel_that_is_packed_or_on_its_way(load, parcel, place, desk):
    place(("MUG", 3))
    desk.pack("1001", {"MUG": 1})
    assert load({"order": "1001", "tracking": "T1"}) == (1, 0, 0)
    desk.deliver("1001")
    desk.pack("1001", {"MUG": 1})
    assert load({"order": "1001", "tracking": "T1"}) == (0, 0, 0)
    assert load({"shipment": "#1001", "tracking": "T2"}) == (1, 0, 0)
    assert (parcel("1001-1").status, parcel("1001-2").tracking) == ("delivered", "T2")


def test_an_order_made_elsewhere_is_known_by_its_number_there(load, parcel, sold_elsewhere, desk):
    number = sold_elsewhere(("MUG", 1)).number
    desk.pack(number)
    assert load({"order": "M-1", "tracking": "T1"}) == (1, 0, 0)
    assert parcel(f"{number}-1").tracking == "T1"


@pytest.mark.usefixtures("two_parcels")
def test_an_order_with_several_parcels_is_refused_and_they_are_named(plan):
    planned = plan({"order": "1001", "tracking": "T1"}, {"order": "1001", "tracking": "T2"})
    assert planned.reports == []
    assert {problem.expected for problem in planned.problems} == {"the number of one of its parcels: 1001-1, 1001-2"}


def test_without_a_tracking_number_an_order_stands_only_for_its_only_parcel(load, problems, place, desk):
    place(("MUG", 2))
    desk.pack("1001", {"MUG": 1})
    row = {"order": "1001", "status": "delivered"}
    assert load(row) == (1, 0, 1)
    assert load(row) == (0, 0, 0)
    desk.track("1001", parcel="1", tracking="T1")
    desk.pack("1001", {"MUG": 1})
    assert problems(row) == [(2, "order")]


@pytest.mark.usefixtures("two_parcels")
def test_rows_of_one_parcel_are_taken_together(load, parcel):
    rows = [
        {"shipment": "1001-1", "tracking": "T1", "status": "shipped"},
        {"shipment": "1001-1", "tracking": "", "status": "delivered"},
    ]
    assert load(*rows, carrier="DHL") == (1, 0, 1)
    assert (parcel("1001-1").tracking, parcel("1001-1").carrier) == ("T1", "DHL")


@pytest.mark.usefixtures("two_parcels")
def test_rows_that_contradict_each_other_are_all_set_aside(plan):
    planned = plan(
        {"shipment": "1001-1", "tracking": "T1"},
        {"shipment": "1001-2", "tracking": "T2"},
        {"shipment": "1001-1", "tracking": "T3"},
    )
    assert [(report.parcel, report.tracking) for report in planned.reports] == [(2, "T2")]
    assert [(problem.row, problem.column) for problem in planned.problems] == [(2, "tracking"), (4, "tracking")]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"tracking": "T"}, "shipment"),
        ({"shipment": "1001-9", "tracking": "T"}, "shipment"),
        ({"shipment": "7777-1", "tracking": "T"}, "shipment"),
        ({"shipment": "Jan 01", "tracking": "T"}, "shipment"),
        ({"shipment": "-", "tracking": "T"}, "shipment"),
        ({"order": "7777", "tracking": "T"}, "order"),
        ({"order": "1002", "tracking": "T"}, "order"),
        ({"shipment": "1001-1", "order": "1002", "tracking": "T"}, "order"),
        ({"shipment": "1001-1", "tracking": "T" * 101}, "tracking"),
        ({"shipment": "1001-1", "tracking": "T\0"}, "tracking"),
        ({"shipment": "1001-1", "tracking": ["T"]}, "tracking"),
        ({"shipment": "1001-1", "tracking": True}, "tracking"),
        ({"shipment": "1001-1", "tracking": "T", "carrier": "x" * 61}, "carrier"),
        ({"shipment": "1001-1", "tracking": "T", "link": "javascript:alert(1)"}, "link"),
        ({"shipment": "1001-1", "tracking": "T", "status": "somewhere"}, "status"),
        ({"shipment": "1003-1", "tracking": "T"}, "shipment"),
        ({"shipment": "1004-1", "status": "delivered"}, "status"),
    ],
    ids=str,
)
def test_a_row_that_cannot_be_used_is_told_with_its_column(row, column, problems, two_parcels, place, desk):
    place(("MUG", 1))
    for number in (place(("MUG", 1)).number, place(("MUG", 1)).number):
        desk.pack(number)
    desk.hold("1003", reason="odd")
    desk.ship("1004")
    desk.lose("1004", parcel="1")
    assert problems(row) == [(2, column)]


@pytest.mark.usefixtures("two_parcels")
def test_rows_that_say_nothing_are_left_alone(plan):
    planned = plan({"shipment": "1001-1", "tracking": " "}, {"shipment": "gone", "tracking": None}, carrier="DHL")
    assert (planned.reports, planned.problems, planned.silent) == ([], [], 2)


@pytest.mark.usefixtures("two_parcels")
def test_a_parcel_that_was_opened_meanwhile_is_not_shipped(plan, shop, desk, parcel):
    (report,) = plan({"shipment": "1001-1", "tracking": "T1"}).reports
    desk.unpack("1001", parcel="1")
    with pytest.raises(NotFoundError), shop.write() as conn:
        carriers.apply(conn, report)
    assert parcel("1001-2").status == "packed"


@pytest.mark.usefixtures("two_parcels")
def test_a_label_that_a_packed_parcel_has_stays_when_it_is_shipped_without_one(desk, parcel):
    desk.track("1001", parcel="1", carrier="DHL", tracking="T1")
    desk.ship("1001", parcel="1")
    assert (parcel("1001-1").carrier, parcel("1001-1").tracking) == ("DHL", "T1")
    desk.unship("1001", parcel="1", reason="not collected")
    desk.ship("1001", parcel="1")
    assert parcel("1001-1").tracking == "T1"


@pytest.mark.usefixtures("two_parcels")
def test_a_link_goes_with_the_number_that_it_shows(desk, parcel):
    desk.ship("1001", parcel="1", carrier="DHL", tracking="T1")
    assert parcel("1001-1").link.endswith("T1")
    desk.track("1001", parcel="1", tracking="T2")
    assert parcel("1001-1").link.endswith("T2")
    desk.track("1001", parcel="1", carrier="Bike", tracking="T3")
    assert parcel("1001-1").link == ""
    desk.track("1001", parcel="1", link="https://bike.example/T3")
    desk.track("1001", parcel="1", carrier="Bicycle")
    assert parcel("1001-1").link == "https://bike.example/T3"


def test_parcels_are_listed_by_status_order_carrier_and_time(listed, place, desk, later):
    for number in ("1001", "1002", "1003", "1004"):
        place(("MUG", 1))
        desk.pack(number)
    desk.ship("1001", carrier="DHL", tracking="A")
    later(days=1)
    desk.ship("1003", carrier="Bike", tracking="B")
    later(days=1)
    desk.ship("1002", carrier="dhl", tracking="C")
    desk.lose("1003", parcel="1")
    assert listed() == ["1004-1", "1003-1", "1002-1", "1001-1"]
    assert listed(statuses=("packed",)) == ["1004-1"]
    assert listed(statuses=("lost", "shipped")) == ["1003-1", "1002-1", "1001-1"]
    assert listed(statuses=("delivered",)) == []
    assert listed(order="1002") == ["1002-1"]
    assert listed(carrier=" DHL ") == ["1002-1", "1001-1"]
    assert listed(carrier="") == ["1004-1"]
    assert listed(since=datetime(2026, 11, 24, tzinfo=UTC)) == ["1002-1", "1003-1"]


def test_a_list_goes_on_where_the_last_page_ended(listed, place, desk, later):
    for number in ("1001", "1002", "1003", "1004", "1005"):
        place(("MUG", 1))
        desk.pack(number)
    for number in ("1004", "1002", "1005"):
        later(hours=1)
        desk.ship(number)
    start = datetime(2026, 11, 23, tzinfo=UTC)
    for wanted, all_of_them in (
        ({}, ["1005-1", "1004-1", "1003-1", "1002-1", "1001-1"]),
        ({"since": start}, ["1005-1", "1002-1", "1004-1"]),
    ):
        seen = listed(limit=1, **wanted)
        while page := listed(limit=1, after=seen[-1], **wanted):
            seen += page
        assert seen == all_of_them


@pytest.mark.usefixtures("two_parcels")
def test_parcels_that_were_given_up_are_neither_listed_nor_told_nor_shown(listed, told, desk, parcel):
    desk.unpack("1001", parcel="1")
    assert listed() == ["1001-2"]
    assert [found.shipment for found in told().parcels] == ["1001-2"]
    with pytest.raises(NotFoundError, match="has no parcel"):
        parcel("1001-1")


def test_the_parcels_of_an_order_are_offered_before_those_of_orders_whose_numbers_begin_alike(shop, place, desk):
    for number in (place(("MUG", 1)).number, place(("MUG", 1)).number):
        desk.pack(number)
    with shop.write() as conn:
        conn.exec_driver_sql("UPDATE orders SET number = '10010' WHERE number = '1002'")
        conn.exec_driver_sql("UPDATE reservation SET reference = '10010' WHERE reference = '1002'")
    with shop.read() as conn:
        assert [name for name, _ in parcel_listing.completing(conn, "1001-", limit=1)] == ["1001-1"]
        assert [name for name, _ in parcel_listing.completing(conn, "1001")] == ["10010-1", "1001-1"]


def test_a_parcel_of_an_order_that_has_expired_meanwhile_is_a_bad_row_and_stops_no_other(
    shop, place, desk, later, problems
):
    shop.settings = msgspec.structs.replace(shop.settings, orders=OrderSettings(unpaid_expiry="1h"))
    later()
    unpaid, paid = place(("MUG", 1)).number, place(("MUG", 1), paid="card").number
    desk.pick([unpaid, paid])
    later(hours=2)
    rows = [{"shipment": f"{number}-1", "tracking": f"T{number}"} for number in (unpaid, paid)]
    assert problems(*rows) == [(2, "shipment")]
