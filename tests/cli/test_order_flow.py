"""An order's whole way through the command line alone, stock and money to the unit and the cent."""

import json

import pytest

PARIS = "Ada Lovelace, 1 Mill Lane, 75005 Paris, FR"


@pytest.fixture
def run(shopctl):
    """Run a command that must succeed; answer with what it printed as JSON."""

    def done(*command):
        result = shopctl(*command, "--json")
        assert result.status == 0, result.err
        return result.json

    return done


@pytest.fixture
def furnished(run):
    """10 MUG at 9.90, 5 CAP at 20.00; 20% tax in France, a code for 10%, post at 4.90."""
    run("product", "add", "Mug", "--sku", "MUG", "--price", "9.90", "--stock", "10")
    run("product", "add", "Cap", "--sku", "CAP", "--price", "20", "--stock", "5")
    run("tax", "set", "standard", "FR", "20")
    run("discount", "add", "TEN", "10%", "--uses", "1")
    run("shipping", "set", "Post", "4.90", "--free-from", "100")


@pytest.fixture
def stock(run):
    """On hand, reserved, held, available."""

    def read(sku):
        (level,) = run("stock", "show", sku)
        return tuple(level[name] for name in ("on_hand", "reserved", "held", "available"))

    return read


def money(order, *names):
    return [order[name] for name in names or ("total", "paid", "refunded", "owed")]


@pytest.mark.usefixtures("furnished")
def test_from_the_draft_to_the_parcel_and_back(run, shopctl, stock):
    draft = run(
        "order", "place", "MUG=4", "CAP=2", "--customer", "ada@example.org", "--name", "Ada", "--ship-to", PARIS,
        "--code", "ten", "--shipping", "post", "--draft", "--actor", "ada",
    )  # fmt: skip
    assert (draft["number"], draft["status"], draft["next"]) == ("1001", "draft", "none")
    assert money(draft, "subtotal", "discount", "shipping", "tax", "total") == [
        "79.60",
        "7.96",
        "4.90",
        "12.76",
        "76.54",
    ]
    assert (stock("MUG"), stock("CAP")) == ((10, 0, 4, 6), (5, 0, 2, 3))

    placed = run("order", "confirm", "1001", "--actor", "bob")
    assert (placed["status"], placed["next"], placed["due"]) == ("placed", "pay", "76.54")
    assert (stock("MUG"), stock("CAP")) == ((10, 4, 0, 6), (5, 2, 0, 3))
    assert run("order", "authorize", "1001", "--method", "card", "--reference", "auth 1")["next"] == "pick"
    assert [(row["sku"], row["quantity"]) for row in run("order", "pick", "--ready")] == [("CAP", 2), ("MUG", 4)]

    first = run("order", "ship", "1001", "MUG=3", "CAP=1", "--carrier", "DHL", "--tracking", "A1", "--actor", "carol")
    assert (first["fulfilment_status"], first["status"], first["next"]) == ("partially_shipped", "placed", "pick")
    assert (stock("MUG"), stock("CAP")) == ((7, 1, 0, 6), (4, 1, 0, 3))
    captured = run("order", "capture", "1001")
    assert (captured["payment_status"], *money(captured)) == ("paid", "76.54", "76.54", "0.00", "0.00")
    second = run("order", "ship", "1001", "--carrier", "DHL", "--tracking", "A2", "--actor", "carol")
    assert (second["fulfilment_status"], second["status"], second["next"]) == ("shipped", "completed", "none")
    assert [(parcel["number"], parcel["tracking"]) for parcel in second["shipments"]] == [
        ("1001-1", "A1"),
        ("1001-2", "A2"),
    ]
    assert (stock("MUG"), stock("CAP")) == ((6, 0, 0, 6), (3, 0, 0, 3))
    assert run("order", "deliver", "1001")["fulfilment_status"] == "delivered"

    assert run("order", "return", "1001", "MUG=2", "--request", "--reason", "too small")["return_status"] == "requested"
    one = run("order", "return", "1001", "MUG=1", "--restock", "--actor", "dave")
    assert (one["owed"], stock("MUG")) == ("8.91", (7, 0, 0, 7))
    other = run("order", "return", "1001", "MUG=1", "--write-off", "--actor", "dave")
    assert (other["owed"], other["return_status"], stock("MUG")) == ("17.82", "partially_returned", (7, 0, 0, 7))
    assert [other["lines"][0][name] for name in ("shipped", "returned", "restocked", "written_off")] == [4, 2, 1, 1]

    partly = run("order", "refund", "1001", "--amount", "10", "--key", "back-1")
    assert (partly["payment_status"], *money(partly)) == ("partially_refunded", "76.54", "76.54", "10.00", "7.82")
    assert run("order", "refund", "1001", "--amount", "10", "--key", "back-1") == partly
    rest = run("order", "refund", "1001")
    assert (rest["next"], *money(rest)) == ("none", "76.54", "76.54", "17.82", "0.00")

    claimed = run("order", "claim", "1001", "CAP=1", "--damaged", "--replace", "--reason", "torn", "--actor", "erin")
    assert [(claim["kind"], claim["replacement"]) for claim in claimed["claims"]] == [("damaged", "1002")]
    again = run("order", "show", "1002")
    assert (again["replaces"], again["next"], *money(again)) == ("1001", "pick", "0.00", "0.00", "0.00", "0.00")
    assert (again["customer"], again["ship_to"]) == (placed["customer"], placed["ship_to"])
    assert stock("CAP") == (3, 1, 0, 2)
    assert run("order", "ship", "1002")["status"] == "completed"
    assert (stock("MUG"), stock("CAP")) == ((7, 0, 0, 7), (2, 0, 0, 2))

    steps = [(step["type"], step["actor"], step["summary"]) for step in run("order", "show", "1001")["timeline"]]
    told = [(kind, summary) for kind, _, summary in steps]
    assert told == [
        ("OrderDrafted", "Drafted: 6 units held, total 76.54 EUR"),
        ("OrderPlaced", "Placed: 6 units reserved, total 76.54 EUR"),
        ("PaymentAuthorized", "Authorized 76.54 EUR by card"),
        ("PickingStarted", "Picking 6 units for parcel 1001-1"),
        ("ParcelPacked", "Packed 4 units in parcel 1001-1"),
        ("ShipmentSent", "Shipped parcel 1001-1: 4 units"),
        ("PaymentCaptured", "Paid 76.54 EUR by card"),
        ("ParcelPacked", "Packed 2 units in parcel 1001-2"),
        ("ShipmentSent", "Shipped parcel 1001-2: 2 units"),
        ("ShipmentDelivered", "Delivered parcel 1001-1"),
        ("ShipmentDelivered", "Delivered parcel 1001-2"),
        ("ReturnRequested", "Return of 2 units requested: too small"),
        ("ReturnReceived", "1 unit came back: 1 restocked"),
        ("ReturnReceived", "1 unit came back: 1 written off"),
        ("PaymentRefunded", "Refunded 10.00 EUR by card"),
        ("PaymentRefunded", "Refunded 7.82 EUR by card"),
        ("ClaimOpened", "Claim: 1 unit damaged, replaced by order 1002: torn"),
    ]
    actors = {kind: actor for kind, actor, _ in steps}
    assert [
        actors[kind] for kind in ("OrderDrafted", "OrderPlaced", "ShipmentSent", "ReturnReceived", "ClaimOpened")
    ] == [
        "ada",
        "bob",
        "carol",
        "dave",
        "erin",
    ]
    ledger = [move for move in run("stock", "moves", "MUG") if move["reference"] == "1001"]
    for quantity, total in (("on_hand", -3), ("reserved", 0), ("held", 0), ("packed", 0)):
        assert sum(move[quantity] for move in ledger) == total
    assert [move["reason"] for move in ledger if move["kind"] == "return_writeoff"] == ["1 written off"]
    assert shopctl("worker", "run", "--burst").status == 0
    assert shopctl("doctor").status == 0


@pytest.mark.usefixtures("furnished")
def test_a_sale_from_a_market_waits_for_stock_and_leaves_when_it_is_there(run, shopctl, stock):
    row = {"customer": "17850", "channel": "market", "external_number": "M-1", "total": "110.00", "paid": "market"}
    row |= {"lines": [{"sku": "MUG", "quantity": 12, "price": "9.17"}], "key": "M-1", "tax_rate": "0"}
    assert shopctl("order", "place", "-", "--json", stdin=json.dumps(row)).json[0]["number"] == "1001"
    sale = run("order", "show", "1001")
    assert (sale["next"], sale["rounding"], *money(sale)) == ("wait_stock", "-0.04", "110.00", "110.00", "0.00", "0.00")
    assert stock("MUG") == (10, 10, 0, 0)
    waits = run("order", "why", "1001")["reasons"][0]
    assert waits["command"] == "shopctl stock receive MUG 2"
    received = shopctl(*waits["command"].split()[1:])
    assert received.status == 0
    assert run("order", "ship", "1001")["status"] == "completed"
    assert stock("MUG") == (0, 0, 0, 0)
    assert shopctl("doctor").status == 0


@pytest.mark.usefixtures("furnished")
def test_an_edit_is_seen_before_it_is_made(run, shopctl, stock):
    run("order", "place", "MUG=2", "--ship-to", PARIS, "--name", "Ada")
    before = run("order", "show", "1001")
    command = ("order", "edit", "1001", "MUG=3", "CAP=1@15", "--shipping", "post")
    dry = shopctl(*command, "--dry-run")
    assert "Total 19.80 → 49.60 EUR (+29.80)." in dry.err
    assert run("order", "show", "1001") == before
    assert "Total 19.80 → 49.60 EUR (+29.80)." in shopctl(*command).err
    assert (stock("MUG"), stock("CAP")) == ((10, 3, 0, 7), (5, 1, 0, 4))
    edited = run("order", "edit", "1001", "--ship-to", "Ada, 2 Harbour, 69001 Lyon, FR", "--email", "ada@example.org")
    changes = [(change["what"], change["before"], change["after"]) for change in edited["timeline"][-1]["changes"]]
    assert changes == [
        ("email", "", "ada@example.org"),
        ("ship to", "Ada Lovelace, 1 Mill Lane, 75005 Paris, FR", "Ada, 2 Harbour, 69001 Lyon, FR"),
    ]
    stale = shopctl("order", "edit", "1001", "MUG=1", "--version", str(before["version"]), "--json")
    assert (stale.status, stale.error["code"]) == (4, "conflict")


@pytest.mark.usefixtures("furnished")
def test_a_held_order_goes_on_when_somebody_says_so(run, shopctl):
    run("order", "place", "MUG=1", "--ship-to", PARIS, "--paid", "card")
    assert run("order", "hold", "1001", "--reason", "address looks wrong")["next"] == "unhold"
    refused = shopctl("order", "ship", "1001", "--json")
    assert (refused.status, refused.error["details"]["next"]) == (1, "unhold")
    assert "address looks wrong" in shopctl("order", "why", "1001").out
    run("order", "note", "1001", "called: it is right")
    assert run("order", "unhold", "1001")["next"] == "pick"
    assert run("order", "pack", "1001")["next"] == "ship"
    assert run("order", "unpack", "1001")["next"] == "pick"
    run("order", "ship", "1001")
    assert run("order", "unship", "1001", "--reason", "still here")["next"] == "ship"
    back = run("order", "cancel", "1001")
    assert (back["status"], back["shipments"], back["owed"]) == ("cancelled", [], "9.90")


@pytest.mark.usefixtures("furnished")
def test_a_person_reads_where_everything_is(run, shopctl):
    run("order", "place", "MUG=3", "CAP=1", "--name", "Ada", "--ship-to", PARIS, "--paid", "card")
    told = shopctl("order", "ship", "1001", "MUG=2", "--carrier", "DHL", "--tracking", "A1")
    assert "Shipped parcel 1001-1: 2 units." in told.err
    shopctl("order", "return", "1001", "MUG=1")
    owed = shopctl("order", "cancel", "1001", "CAP=1")
    assert "29.90 EUR are owed to the customer: shopctl order refund 1001" in owed.err
    replaced = shopctl("order", "claim", "1001", "MUG=1", "--lost", "--replace")
    assert "Order 1002 replaces them: shopctl order show 1002" in replaced.err
    shown = shopctl("order", "show", "1001").out
    for part in (
        "partially_shipped", "1001-1", "DHL", "A1", "2 MUG", "1 MUG", "1 to inspect", "lost", "1002",
        "Owed to the customer", "29.90", "of which tax", "Claim: 1 unit lost, replaced by order 1002",
    ):  # fmt: skip
        assert part in shown, part
    assert "Replaces" in shopctl("order", "show", "1002").out
