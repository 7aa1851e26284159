"""The catalogue: SKUs, changes, variants, prices and search."""

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from shopctl.errors import BadValueError, ConflictError, NotFoundError, RefusedError
from shopctl.money import Money
from shopctl.services import products
from shopctl.services.products import ProductChange, ProductDraft
from shopctl.shop import Shop

TEN = Money(1000, "EUR")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
many = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
skus = st.text(st.sampled_from("AbzÉßıİΣς０Ｍµ5-_./ ﬁǅ\u0301"), min_size=1, max_size=12)


def read(shop, sku):
    with shop.read() as conn:
        return products.get(conn, sku)


def edit(shop, called, version=None, **change):
    with shop.write() as conn:
        return products.edit(conn, called, ProductChange(**change), version=version)


def test_a_product_is_kept_as_given(shop, add):
    given_ = {"description": "Two\nlines", "compare_at": Money(1200, "EUR"), "cost": Money(0, "EUR"), "weight": 350}
    made = add("Mug 1", price=990, name="Enamel mug", category="Kitchen", tags=("blue", "tin", "blue"), **given_)
    assert made == read(shop, "mug 1")
    assert (made.sku, made.price, made.tags, made.version) == ("Mug 1", Money(990, "EUR"), ["blue", "tin"], 1)
    assert {name: getattr(made, name) for name in given_} == given_


@many
@given(sku=skus)
def test_a_sku_is_printed_as_given_and_found_however_it_is_written(shop, sku):
    with shop.write(dry_run=True) as conn:
        try:
            made = products.add(conn, ProductDraft(name="x", price=TEN, sku=sku))
        except BadValueError:
            assume(False)
        assert made.sku == unicodedata.normalize("NFKC", sku).strip(" ")
        for spelling in (sku.upper(), sku.lower(), sku.casefold(), f" {sku} ", unicodedata.normalize("NFD", sku)):
            if unicodedata.normalize("NFKC", spelling).casefold() == unicodedata.normalize("NFKC", sku).casefold():
                assert products.get(conn, spelling).id == made.id
                with pytest.raises(ConflictError):
                    products.add(conn, ProductDraft(name="y", price=TEN, sku=spelling))


@pytest.mark.parametrize("spelling", ["mug", "Mug", "ＭＵＧ", " MUG "])
def test_no_two_products_share_a_sku_under_any_spelling(shop, add, spelling):
    add("MUG")
    add("CAP")
    for change in (lambda: add(spelling), lambda: edit(shop, "CAP", sku=spelling)):
        with pytest.raises(ConflictError, match="already a product"):
            change()


@pytest.mark.parametrize(
    "sku",
    [
        "",
        " ",
        "-",
        "a  b",
        "a\tb",
        "a\nb",
        "a\0",
        "a\x1b[31m",
        "a\u202eb",
        "a\u200bb",
        "\ud800",
        "a,b",
        "a=b",
        "a@b",
        "a'b",
        "%",
        "x" * 65,
    ],
)
def test_what_is_no_sku_is_refused(shop, add, sku):
    with pytest.raises(BadValueError, match="SKU"):
        add(sku)


def test_a_sku_is_made_from_the_name_and_stays_free_of_others(shop):
    with shop.write() as conn:
        made = [
            products.add(conn, ProductDraft(name=name, price=TEN)).sku for name in ("Café “Noir”!", "café noir", "🎁")
        ]
    assert made == ["café-noir", "café-noir-2", "product"]


@pytest.mark.parametrize(
    "field",
    [
        {"name": " "},
        {"name": "x" * 301},
        {"name": "a\0"},
        {"price": -1},
        {"price": 10**13 + 1},
        {"weight": -1},
        {"weight": 10**10},
    ]
    + [{"cost": Money(-1, "EUR")}, {"compare_at": Money(10**14, "EUR")}, {"tags": (" ",)}, {"options": {"size": ""}}],
)
def test_a_value_that_cannot_be_kept_is_refused(shop, add, field):
    with pytest.raises(BadValueError):
        add("MUG", **field)
    with shop.read() as conn, pytest.raises(NotFoundError):
        products.get(conn, "MUG")


def test_a_product_that_is_not_there_is_answered_with_the_nearest(shop, add):
    add("MUG-BLUE")
    with shop.read() as conn, pytest.raises(NotFoundError) as refused:
        products.get(conn, "mug-bleu")
    assert refused.value.hint == "Did you mean MUG-BLUE?"


def test_a_change_keeps_what_it_does_not_name_and_counts_versions(shop, add):
    before = add("MUG", category="Kitchen", tags=("tin",), cost=Money(300, "EUR"))
    after = edit(shop, "mug", name="Big mug", cost=None)
    assert (after.name, after.cost, after.version) == ("Big mug", None, 2)
    assert (after.category, after.tags, after.price, after.sku) == ("Kitchen", ["tin"], before.price, "MUG")


def test_of_two_changes_of_the_same_version_the_second_is_refused(shop, add):
    add("MUG")
    edit(shop, "MUG", version=1, name="First")
    with pytest.raises(ConflictError, match="in the meantime") as refused:
        edit(shop, "MUG", version=1, name="Second")
    assert refused.value.details["version"] == 2
    assert read(shop, "MUG").name == "First"


def test_only_active_products_can_be_ordered(shop, add):
    add("MUG")
    with shop.write() as conn:
        assert [found.version for found in products.set_status(conn, ["mug", "MUG"], "archived")] == [2]
        with pytest.raises(RefusedError, match="archived"):
            products.sellable(conn, ["MUG"])
        products.set_status(conn, ["MUG"], "active")
        assert products.sellable(conn, ["MUG"])[0].sku == "MUG"
        with pytest.raises(NotFoundError, match="NONE"):
            products.set_status(conn, ["MUG", "NONE"], "archived")
        assert products.get(conn, "MUG").status == "active"


def test_a_product_with_variants_is_ordered_by_its_variants(shop, add):
    add("SHIRT")
    made = add("SHIRT-L", variant_of="shirt", options={"size": "L"})
    assert (made.variant_of, made.options) == ("SHIRT", {"size": "L"})
    with shop.read() as conn:
        assert products.sellable(conn, ["SHIRT-L"])
        with pytest.raises(RefusedError, match="SHIRT-L"):
            products.sellable(conn, ["SHIRT"])


def test_variants_have_no_variants(shop, add):
    add("SHIRT")
    add("SHIRT-L", variant_of="SHIRT")
    add("COAT")
    with pytest.raises(NotFoundError):
        add("CAP", variant_of="NONE")
    for change in (
        lambda: add("SHIRT-L-RED", variant_of="SHIRT-L"),
        lambda: edit(shop, "SHIRT", variant_of="SHIRT"),
        lambda: edit(shop, "SHIRT", variant_of="COAT"),
    ):
        with pytest.raises(BadValueError, match="variant"):
            change()


def test_every_price_that_held_is_remembered_with_who_set_it(shop, add):
    add("MUG", price=1000)
    edit(shop, "MUG", price=Money(1100, "EUR"))
    edit(shop, "MUG", price=Money(1100, "EUR"), name="Mug")
    with shop.write() as conn:
        products.set_price(conn, "MUG", Money(900, "EUR"))
        history = products.prices(conn, "MUG")
    assert [(price.price.amount, price.actor, price.ends_at) for price in history] == [
        (900, "tester", None),
        (1100, "tester", None),
        (1000, "tester", None),
    ]


@pytest.fixture
def at(home):
    """Do something at so many hours past noon: ``at(3, lambda conn: …)``."""

    def run(hours, action):
        with Shop(home, actor="tester", clock=lambda: NOON + timedelta(hours=hours)) as shop, shop.write() as conn:
            return action(conn)

    return run


def test_a_price_for_a_period_reverts_by_itself(at):
    def price(hours):
        return at(hours, lambda conn: products.get(conn, "MUG").price.amount)

    at(0, lambda conn: products.add(conn, ProductDraft(name="Mug", sku="MUG", price=TEN)))
    day = {"starts_at": NOON + timedelta(hours=10), "ends_at": NOON + timedelta(hours=20)}
    at(1, lambda conn: products.set_price(conn, "MUG", Money(700, "EUR"), **day))
    at(2, lambda conn: products.set_price(conn, "MUG", Money(1200, "EUR"), starts_at=NOON + timedelta(hours=15)))
    assert [price(hours) for hours in (2, 9.99, 10, 16, 19.99, 20, 999)] == [1000, 1000, 700, 700, 700, 1200, 1200]
    at(12, lambda conn: products.edit(conn, "MUG", ProductChange(name="Blue mug")))
    assert [price(hours) for hours in (12, 20)] == [700, 1200]


@pytest.mark.parametrize(("begin", "end"), [(2, 2), (2, 1), (-2, -1), (-1, None), (None, 0), (-1, 5)])
def test_a_price_period_that_is_over_or_upside_down_is_refused(at, begin, end):
    at(0, lambda conn: products.add(conn, ProductDraft(name="Mug", sku="MUG", price=TEN)))
    moments = [None if hours is None else NOON + timedelta(hours=hours) for hours in (begin, end)]
    with pytest.raises(BadValueError):
        at(0, lambda conn: products.set_price(conn, "MUG", TEN, starts_at=moments[0], ends_at=moments[1]))


@pytest.mark.parametrize(
    ("code", "expected"), [("4006381333931", ""), ("4006381333932", "1"), ("12345", ""), ("A-1", "")]
)
def test_a_barcode_that_looks_mistyped_is_kept_with_a_warning(add, code, expected):
    assert add("MUG", barcode=code).barcode == code
    assert (f"would be {expected}." in products.gtin_warning(code)) == bool(expected)
