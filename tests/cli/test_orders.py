"""Orders, from placing to refund, as a person or a script types them."""

import json

import pytest

pytestmark = pytest.mark.usefixtures("living")


def test_an_order_is_placed_paid_cancelled_and_refunded(shopctl):
    placed = shopctl(
        "order", "place", "MUG=2", "CAP=1@9.50", "--customer", "bob@example.org", "--name", "Bob", "--discount", "10%",
        "--shipping", "4.90", "--tax-rate", "20", "--ship-to", "Bob, 1 Road, 75005 Paris, France", "--json",
    ).json  # fmt: skip
    assert (placed["number"], placed["status"], placed["next"]) == ("1003", "placed", "pay")
    assert [placed[name] for name in ("subtotal", "discount", "shipping", "total")] == [
        "29.30",
        "2.93",
        "4.90",
        "31.27",
    ]
    assert placed["ship_to"]["city"] == "Paris"
    assert shopctl("stock", "show", "CAP", "--json").json[0]["available"] == 4
    partly = shopctl("order", "pay", "1003", "--amount", "11.27", "--json").json
    assert (partly["payment_status"], partly["paid"], partly["next"]) == ("partially_paid", "11.27", "pay")
    paid = shopctl("order", "pay", "1003", "--method", "card", "--reference", "4711", "--json").json
    assert (paid["payment_status"], paid["paid"], paid["next"]) == ("paid", "31.27", "pick")
    assert [(p["amount"], p["method"]) for p in paid["payments"]] == [("11.27", "cash"), ("20.00", "card")]
    cancelled = shopctl("order", "cancel", "1003", "--reason", "late", "--json").json
    assert (cancelled["status"], cancelled["owed"], cancelled["next"]) == ("cancelled", "31.27", "refund")
    assert shopctl("stock", "show", "CAP", "--json").json[0]["available"] == 5
    refunded = shopctl("order", "refund", "1003", "--json").json
    assert (refunded["payment_status"], refunded["owed"], refunded["next"]) == ("refunded", "0.00", "none")
    kinds = [step["type"] for step in refunded["timeline"]]
    assert kinds == ["OrderPlaced", "PaymentCaptured", "PaymentCaptured", "OrderCancelled", "PaymentRefunded"]
    assert shopctl("doctor").status == 0


def test_a_person_sees_all_of_an_order_at_once(shopctl):
    shopctl(
        "order", "place", "MUG=2", "--name", "Bob", "--customer", "bob@example.org", "--note", "gift", "--paid", "card"
    )
    shown = shopctl("order", "show", "1003").out
    for part in ("Order 1003", "bob@example.org", "gift", "MUG", "Mug", "9.90", "19.80 EUR", "card", "Placed: 2 units"):
        assert part in shown


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ((), ["1003", "1002", "1001"]),
        (("--sort", "number"), ["1001", "1002", "1003"]),
        (("--next", "pay"), ["1002"]),
        (("--next", "refund"), ["1003"]),
        (("--status", "cancelled"), ["1003"]),
        (("--status", "placed"), ["1002", "1001"]),
        (("--payment", "paid"), ["1003", "1001"]),
        (("--fulfilment", "shipped"), []),
        (("--status", "draft"), []),
        (("--channel", "shop"), ["1003", "1002", "1001"]),
        (("--channel", "market"), []),
        (("--next", "pick"), ["1001"]),
        (("--sort", "total"), ["1001", "1002", "1003"]),
        (("--sort", "-customer"), ["1002", "1001", "1003"]),
        (("--customer", "ADA@example.org"), ["1002", "1001"]),
        (("--owed",), ["1003"]),
        (("--since", "1h"), ["1003", "1002", "1001"]),
        (("--until", "2020-01-01"), []),
        (("--since", "2020-01-01", "--until", "today"), ["1003", "1002", "1001"]),
        (("--after", "1003"), ["1002", "1001"]),
        (("--limit", "1"), ["1003"]),
        (("1002",), ["1002"]),
        (("bob",), ["1003"]),
    ],
    ids=" ".join,
)
def test_a_list_shows_the_orders_that_its_filters_describe(filters, numbers, shopctl):
    shopctl("order", "place", "CAP=1", "--customer", "bob@example.org", "--paid", "card")
    shopctl("order", "cancel", "1003")
    assert [order["number"] for order in shopctl("order", "list", *filters, "--json").json] == numbers


@pytest.mark.parametrize(
    ("first", "other"),
    [
        (("order", "place", "MUG=1"), ("order", "place", "MUG=2")),
        (("order", "pay", "1002", "--amount", "1"), ("order", "pay", "1002", "--amount", "2")),
        (("order", "refund", "1001", "--amount", "1"), ("order", "refund", "1001", "--amount", "2")),
        (("order", "authorize", "1002"), ("order", "authorize", "1002", "--amount", "2")),
        (("order", "pack", "1001"), ("order", "pack", "1001", "MUG=1")),
        (("order", "ship", "1001"), ("order", "ship", "1001", "--tracking", "X")),
        (("order", "cancel", "1002"), ("order", "cancel", "1001")),
        (("stock", "receive", "MUG", "1"), ("stock", "receive", "MUG", "2")),
        (("stock", "adjust", "MUG", "-1", "--reason", "x"), ("stock", "adjust", "CAP", "-1", "--reason", "x")),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_key_makes_a_repeated_request_do_nothing_and_refuses_another(first, other, shopctl, content):
    once = shopctl(*first, "--key", "k1", "--json")
    after = content()
    again = shopctl(*first, "--key", "k1", "--json")
    assert (once.status, again.status) == (0, 0)
    assert again.json == once.json
    refused = shopctl(*other, "--key", "k1", "--json")
    assert (refused.status, refused.error["code"]) == (4, "conflict")
    assert refused.error["details"]["key"] == "k1"
    assert content() == after


def test_the_request_is_compared_and_not_the_price_it_came_to(shopctl):
    first = shopctl("order", "place", "MUG=1", "--key", "k1", "--json").json
    shopctl("product", "edit", "MUG", "--price", "20")
    assert shopctl("order", "place", "MUG=1", "--key", "k1", "--json").json == first


def test_a_batch_gives_a_receipt_for_each_line_and_can_be_sent_again(shopctl):
    rows = [
        {"key": "a", "customer": "bob@example.org", "lines": [{"sku": "MUG", "quantity": 2}]},
        {"key": "b", "lines": [{"sku": "CAP", "quantity": 99}]},
        {"key": "c", "lines": [{"sku": "NONE"}]},
        {"key": "d", "lines": [{"sku": "cap", "quantity": 1, "price": "5.00"}], "shipping": "1", "paid": "card"},
    ]
    batch = "\n".join(map(json.dumps, rows))
    first = shopctl("order", "place", "-", "--json", stdin=batch)
    assert first.status == 1
    told = [(receipt["row"], receipt["key"], receipt["number"], receipt["result"]) for receipt in first.json]
    assert told == [
        (1, "a", "1003", "placed"),
        (2, "b", None, "failed"),
        (3, "c", None, "failed"),
        (4, "d", "1004", "placed"),
    ]
    assert [receipt["code"] for receipt in first.json] == [None, "insufficient_stock", "not_found", None]
    assert "2 of 4 rows failed" in first.err
    assert shopctl("order", "show", "1004", "--json").json["total"] == "6.00"
    shopctl("stock", "receive", "CAP", "200")
    again = shopctl("order", "place", "-", "--json", stdin=batch)
    assert [receipt["result"] for receipt in again.json] == ["repeated", "placed", "failed", "repeated"]
    assert len(shopctl("order", "list", "--json").json) == 5
    assert shopctl("doctor").status == 0


def test_a_batch_says_which_rows_would_be_placed_twice(shopctl):
    result = shopctl("order", "place", "-", stdin='{"lines": [{"sku": "MUG"}]}\n')
    assert result.status == 0
    assert "no key" in result.err


def test_an_order_for_more_than_there_is_says_how_much_there_is(shopctl):
    error = shopctl("order", "place", "MUG=9", "CAP=6", "--json").error
    assert error["details"]["lines"] == [
        {"sku": "MUG", "wanted": 9, "available": 8},
        {"sku": "CAP", "wanted": 6, "available": 5},
    ]


def test_money_goes_back_the_way_it_came_unless_somebody_says_otherwise(shopctl):
    shopctl("order", "place", "MUG=1", "--key", "refunded")
    number = shopctl("order", "place", "MUG=1", "--key", "refunded", "--json").json["number"]
    shopctl("order", "pay", number, "--method", "transfer")
    shopctl("order", "cancel", number)
    refunded = shopctl("order", "refund", number, "--json").json
    assert [(p["kind"], p["method"]) for p in refunded["payments"]] == [("capture", "transfer"), ("refund", "transfer")]
