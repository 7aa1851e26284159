"""Packing slips, and what documents look like."""

import pytest
from sqlalchemy import text

from shopctl.errors import NotFoundError, RefusedError
from shopctl.money import Money
from shopctl.services import documents, orders
from shopctl.services.documents import render
from shopctl.services.orders import Address, Choice


def test_a_packing_slip_tells_what_is_to_be_sent_and_no_price(place, take_back, shop):
    number = place(("MUG", 5), ("CAP", 1), ("BOOK", 2), name="Ada", ship_to=Address(name="Ada", city="Paris"))
    take_back(number, "MUG", cancelled=1, returned=1)
    take_back(number, "CAP", cancelled=1)
    with shop.read() as conn:
        made = documents.slip(conn, number)
    assert [(line.sku, line.name, line.quantity) for line in made.lines] == [("MUG", "Mug", 3), ("BOOK", "Notebook", 2)]
    for form in ("html", "md"):
        page = render(made, form)
        assert "Packing slip" in page
        assert "Paris" in page
        assert "9.90" not in page
        assert "3.33" not in page


def test_a_packing_slip_of_a_parcel_tells_what_is_in_it_and_how_it_goes(place, shop):
    number = place(("MUG", 5), ("CAP", 1))
    with shop.write() as conn:
        orders.pack(conn, number, (Choice("MUG", 2),))
        orders.ship(conn, number, parcel="1", carrier="DHL", tracking="4711")
    with shop.read() as conn:
        first, rest = documents.slip(conn, number, parcel="1"), documents.slip(conn, number)
        assert documents.slip(conn, number, parcel="1001-1") == first
    assert [(line.sku, line.quantity) for line in first.lines] == [("MUG", 2)]
    assert (first.parcel, first.carrier, first.tracking) == ("1001-1", "DHL", "4711")
    assert [(line.sku, line.quantity) for line in rest.lines] == [("MUG", 3), ("CAP", 1)]


def test_there_is_no_slip_of_what_is_not_to_be_sent(place, shop):
    number = place()
    with shop.read() as conn, pytest.raises(NotFoundError, match="has no parcel 1"):
        documents.slip(conn, number, parcel="1")
    with shop.write() as conn:
        orders.cancel(conn, number)
    with shop.read() as conn, pytest.raises(RefusedError, match="Nothing of order 1001 is to be sent: it is cancelled"):
        documents.slip(conn, number)


def test_a_page_holds_all_it_needs_and_repeats_its_header_row(place, issue):
    page = render(issue(place(("MUG", 2), ("CAP", 1), tax_rate=20_000, shipping=Money(490, "EUR"))), "html")
    assert page.startswith("<!doctype html>")
    assert not [part for part in ("http:", "https:", "src=", "url(", "<script", "<link", "@import") if part in page]
    assert page.count("<thead>") == 1
    assert "thead { display: table-header-group; }" in page
    assert page.count('<td class="code">') == 2
    for said in (
        "Invoice <b>INV-000001</b>",
        "Corner Books",
        "Total, EUR",
        "44.69",
        "includes 20% tax on 37.24",
        "7.45",
    ):
        assert said in page


def test_text_from_names_is_never_markup(place, issue, shop):
    with shop.write() as conn:
        conn.execute(text("UPDATE product SET name = :name"), {"name": "<b>Mug</b> | *1* \x1b[31m\u202e"})
    made = issue(place(("MUG", 1), name="<script>alert(1)</script>", ship_to=Address(line1="`rm` & {{ 7*7 }}")))
    page, plain = render(made, "html"), render(made, "md")
    assert "&lt;b&gt;Mug&lt;/b&gt; | *1* " in page
    assert "&lt;script&gt;" in page
    assert "&amp; {{ 7*7 }}" in page
    assert "<script" not in page
    assert r"\<b\>Mug\</b\> \| \*1\*" in plain
    assert not {"\x1b", "\u202e"} & {*page, *plain}


def test_markdown_has_its_columns_below_each_other(place, issue, shop):
    with shop.write() as conn:
        conn.execute(text("UPDATE product SET name = '抹茶碗' WHERE sku = 'CAP'"))
    plain = render(issue(place(("MUG", 2), ("CAP", 1), tax_rate=20_000)), "md")
    table = [line for line in plain.splitlines() if line.startswith("|")]
    assert table[:4] == [
        "| Item   | SKU | Quantity | Price | Tax | Amount |",
        "| ------ | --- | -------: | ----: | --: | -----: |",
        "| Mug    | MUG |        2 |  9.90 | 20% |  19.80 |",
        "| 抹茶碗 | CAP |        1 | 19.99 | 20% |  19.99 |",
    ]
    assert plain.startswith("# Invoice INV-000001\n")
