"""Documents of orders, as a person or a script asks for them."""

import pytest

pytestmark = pytest.mark.usefixtures("living")


def test_an_invoice_is_issued_once_and_printed_as_often_as_wanted(shopctl):
    first = shopctl("order", "document", "1001", "--kind", "invoice")
    assert first.status == 0
    assert first.out.startswith("# Invoice INV-000001\n")
    assert "Issued INV-000001" in first.err
    again = shopctl("order", "document", "1001", "--kind", "invoice")
    assert again.out == first.out
    assert "nothing has changed since" in again.err
    assert shopctl("order", "document", "1001", "--number", "INV-000001").out == first.out
    assert shopctl("order", "document", "1002", "--kind", "invoice").out.startswith("# Invoice INV-000002\n")
    assert shopctl("doctor").status == 0


def test_without_a_kind_the_documents_of_an_order_are_listed(shopctl):
    shopctl("order", "document", "1001", "--kind", "invoice")
    shopctl("order", "cancel", "1001")
    shopctl("order", "document", "1001", "--kind", "credit-note")
    listed = shopctl("order", "document", "1001", "--json").json
    assert [(made["number"], made["kind"], made["total"], made["corrects"]) for made in listed] == [
        ("INV-000001", "invoice", "9.90", []),
        ("CN-000001", "credit_note", "9.90", ["INV-000001"]),
    ]
    table = shopctl("order", "document", "1001").out.splitlines()
    assert [line.split()[0] for line in table] == ["Number", "INV-000001", "CN-000001"]
    assert shopctl("order", "document", "1002", "--json").json == []


def test_a_document_as_json_is_what_was_frozen(shopctl):
    made = shopctl("order", "document", "1001", "--kind", "invoice", "--json").json
    assert set(made) == {
        "kind", "number", "issued_at", "order_number", "placed_at", "timezone", "seller", "seller_address", "tax_id",
        "customer", "bill_to", "ship_to", "currency", "prices_include_tax", "lines", "subtotal", "discount",
        "shipping", "shipping_tax_rate", "shipping_tax", "rounding", "taxes", "tax", "total", "paid", "corrects",
    }  # fmt: skip
    assert set(made["lines"][0]) == {
        "line", "sku", "name", "quantity", "unit_price", "discount", "tax_rate", "tax", "total",
    }  # fmt: skip
    assert (made["seller"], made["customer"]) == ("Corner Books", {"email": "ada@example.org", "name": "Ada"})
    shopctl("order", "cancel", "1001")
    assert shopctl("order", "document", "1001", "--kind", "invoice", "--json").json == made


@pytest.mark.parametrize("kind", ["invoice", "slip"])
def test_the_name_of_the_file_decides_between_a_page_and_markdown(kind, shopctl, tmp_path):
    page, plain = tmp_path / "made.html", tmp_path / "made.md"
    for file in (page, plain):
        done = shopctl("order", "document", "1001", "--kind", kind, "--output", str(file))
        assert (done.status, done.out) == (0, "")
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert plain.read_text("utf-8").startswith("# ")
    assert page.stat().st_mode & 0o077 == 0
    assert shopctl("order", "document", "1001", "--kind", kind, "--html").out == page.read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--kind", "invoice", "--output", "taken.html"), 2, "exists already"),
        (("--kind", "invoice", "--output", "invoice.pdf"), 2, "is no name for a document"),
        (("--kind", "invoice", "--output", "invoice.md", "--html"), 2, "is no name for a document"),
        (("--kind", "invoice", "--number", "INV-000001"), 2, "--number names what was issued"),
        (("--kind", "invoice", "--parcel", "1"), 2, "--parcel is for packing slips"),
        (("--html",), 2, "Which document?"),
        (("--number", "INV-000001"), 3, "has no document INV-000001"),
        (("--kind", "credit-note"), 1, "has no invoice that could be corrected"),
        (("--kind", "slip", "--parcel", "7"), 3, "has no parcel 7"),
        (("--kind", "receipt"), 2, "receipt"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_does_not_go_is_refused_and_nothing_is_issued(
    options, status, said, shopctl, content, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken.html").write_text("mine")
    before = content()
    refused = shopctl("order", "document", "1001", *options)
    assert (refused.status, refused.out) == (status, "")
    assert said in refused.err
    assert content() == before
    assert [(file.name, file.read_text()) for file in tmp_path.glob("*.*")] == [("taken.html", "mine")]


def test_a_file_is_replaced_when_that_is_asked_for(shopctl, tmp_path):
    file = tmp_path / "invoice.html"
    file.write_text("old")
    assert shopctl("order", "document", "1001", "--kind", "invoice", "--output", str(file), "--force").status == 0
    assert "INV-000001" in file.read_text("utf-8")


def test_a_dry_run_shows_the_document_and_keeps_nothing(shopctl, content, tmp_path):
    before = content()
    file = tmp_path / "invoice.html"
    shown = shopctl("order", "document", "1001", "--kind", "invoice", "--output", str(file), "--dry-run")
    assert shown.status == 0
    assert "INV-000001" in shown.out
    assert {"document 1", "event 1"} <= set(shown.err.strip().rpartition("would write: ")[2].rstrip(".").split(", "))
    assert "Issued" not in shown.err
    assert content() == before
    assert not file.exists()


def test_a_slip_is_printed_without_changing_anything(shopctl, content):
    before = content()
    slip = shopctl("order", "document", "1001", "--kind", "slip")
    assert slip.out.startswith("# Packing slip 1001\n")
    assert "MUG" in slip.out
    assert "9.90" not in slip.out
    made = shopctl("order", "document", "1001", "--kind", "slip", "--json").json
    assert made["lines"] == [{"sku": "MUG", "name": "Mug", "quantity": 1}]
    assert content() == before
