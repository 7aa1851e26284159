"""Importing products: checked whole, written by SKU, and the same again changes nothing."""

import csv
import io

import pytest

PLAIN = "sku,name,price,stock\nMUG,Mug,9.90,5\nCAP,Cap,15,0\n"


@pytest.fixture
def load(shopctl, tmp_path):
    """Import a table: ``load("sku,name\\n…", "--map", "…")``."""

    def run(content, *options, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return shopctl("product", "import", str(path), *options, "--json")

    return run


@pytest.fixture
def catalogue(shopctl):
    """All products by SKU, as JSON shows them."""

    def read():
        rows = shopctl("product", "list", "--json").json
        return {row["sku"]: row for row in rows + shopctl("product", "list", "--status", "archived", "--json").json}

    return read


def counts(result):
    assert result.status == 0, result.err
    return tuple(result.json[name] for name in ("added", "changed", "unchanged", "skipped"))


def problems(result):
    assert (result.status, result.error["code"]) == (2, "bad_rows")
    return [(problem["row"], problem["column"]) for problem in result.error["details"]["problems"]]


def test_the_same_import_twice_changes_nothing_the_second_time(load, catalogue):
    assert counts(load(PLAIN)) == (2, 0, 0, 0)
    before = catalogue()
    assert counts(load(PLAIN)) == (0, 0, 2, 0)
    assert catalogue() == before
    assert [(row["price"], row["on_hand"], row["version"]) for row in before.values()] == [
        ("15.00", 0, 1),
        ("9.90", 5, 1),
    ]


def test_columns_are_mapped_and_constants_set(load, catalogue):
    table = "StockCode;Description;UnitPrice;Country\n85123A;HOLDER;2,55;UK\n"
    made = load(table, "--map", "sku=StockCode,name=Description,price=UnitPrice,category:=Gifts")
    assert counts(made) == (1, 0, 0, 0)
    assert "semicolons, decimals with a comma" in made.err
    assert "Columns not used: Country" in made.err
    row = catalogue()["85123A"]
    assert (row["name"], row["price"], row["category"]) == ("HOLDER", "2.55", "Gifts")


def test_one_bad_row_writes_nothing_and_every_bad_row_is_listed(load, catalogue):
    table = (
        "sku,name,price,stock,cost,weight,status,variant_of,options,location\n"
        "OK,Good,1,1,,,,,,\n"
        "a\tb,No sku,1,,,,,,,\n"
        ",,1,,,,,,,\n"
        "P1,,1,,,,,,,\n"
        "P2,No price,,,,,,,,\n"
        "P3,Bad amounts,9.999,-1,1e5,,,,,\n"
        "P4,Bad words,nan,1.5,,1kg,sold,,size,\n"
        "P5,Orphan,1,,,,,NONE,,\n"
        "P6,Own child,1,,,,,P6,,\n"
        "P7,Nowhere,1,1,,,,,,moon\n"
    )
    assert problems(load(table)) == [
        *[(3, "sku"), (4, "sku"), (5, "name"), (6, "price"), (7, "price"), (7, "stock"), (7, "cost"), (8, "price")],
        *[
            (8, "stock"),
            (8, "weight"),
            (8, "status"),
            (8, "options"),
            (9, "variant_of"),
            (10, "variant_of"),
            (11, "location"),
        ],
    ]
    assert catalogue() == {}


def test_a_problem_tells_row_column_expected_and_got(load):
    told = load("sku,name,price\nMUG,Mug,9.999\n")
    assert told.error["details"]["problems"] == [
        {"row": 2, "column": "price", "expected": "an amount in EUR such as 9.90", "got": "9.999"}
    ]
    assert "row 2, price: expected an amount in EUR such as 9.90, got '9.999'" in told.err


def test_rows_of_one_sku_are_one_product_and_the_last_value_of_each_column_counts(load, catalogue):
    made = load("sku,name,price,category\nMUG,Mug,9.90,Kitchen\nmug,Big mug,,\nＭＵＧ,,12,\n")
    assert counts(made) == (1, 0, 0, 0)
    assert "2 rows repeat a SKU" in made.err
    row = catalogue()["MUG"]
    assert (row["name"], row["price"], row["category"]) == ("Big mug", "12.00", "Kitchen")


def test_an_import_changes_only_the_columns_it_has_and_keeps_the_printed_sku(load, catalogue):
    load('sku,name,price,category,tags,cost\nMug,Mug,9.90,Kitchen,"tin, blue",3\n')
    assert counts(load("sku,price,category\nMUG,10.50,\n")) == (0, 1, 0, 0)
    row = catalogue()["Mug"]
    assert (row["price"], row["category"], row["tags"], row["cost"]) == ("10.50", "Kitchen", ["tin", "blue"], "3.00")


def test_a_file_says_the_tax_class_of_each_product_and_an_export_brings_it_back(load, catalogue, shopctl):
    assert counts(load("sku,name,price,tax_class\nMUG,Mug,9.90,reduced\nCAP,Cap,15,\n")) == (2, 0, 0, 0)
    assert {sku: row["tax_class"] for sku, row in catalogue().items()} == {"MUG": "reduced", "CAP": ""}
    assert counts(load(shopctl("product", "export").out)) == (0, 0, 2, 0)
    assert counts(load("sku,tax_class\nCAP,reduced\n")) == (0, 1, 0, 0)


def test_stock_counts_only_for_products_that_the_import_adds(load, catalogue):
    load(PLAIN)
    assert counts(load("sku,name,price,stock\nMUG,Mug,9.90,99\nNEW,New,1,7\n")) == (1, 0, 1, 0)
    assert {sku: row["on_hand"] for sku, row in catalogue().items()} == {"MUG": 5, "CAP": 0, "NEW": 7}


@pytest.mark.parametrize(
    ("written", "kept"), [("1.234,50", "1234.50"), ("9,9", "9.90"), ("9.90", "9.90"), ("12", "12.00")]
)
def test_decimal_commas_are_read(load, catalogue, written, kept):
    load(f"sku;name;price;cost\nA;a;{written};\nB;b;1;0,50\n".encode("utf-8-sig"))
    assert catalogue()["A"]["price"] == kept


def test_variants_may_stand_before_their_product_but_have_no_variants(load, catalogue):
    head = "sku,name,price,variant_of,options\n"
    assert counts(load(head + "S-L,L,1,shirt,size=L; fit=slim\nSHIRT,Shirt,1,,\n")) == (2, 0, 0, 0)
    row = catalogue()["S-L"]
    assert (row["variant_of"], row["options"]) == ("SHIRT", {"size": "L", "fit": "slim"})
    assert counts(load(head + "S-L,L,1,shirt,size=L; fit=slim\n")) == (0, 0, 1, 0)
    assert problems(load(head + "S-L-RED,x,1,S-L,\n")) == [(2, "variant_of")]
    assert problems(load(head + "A,a,1,,\nB,b,1,A,\nC,c,1,B,\n")) == [(4, "variant_of")]
    assert problems(load(head + "COAT,Coat,1,,\nSHIRT,,,COAT,\n")) == [(3, "variant_of")]


def test_json_lines_bring_exact_numbers_lists_and_objects(load, catalogue):
    line = (
        '{"sku": 85123, "name": "Mug", "price": 0.1, "tags": ["a", "b, c"], "options": {"size": "L;M"}, "cost": null}\n'
    )
    assert counts(load(line, name="a.jsonl")) == (1, 0, 0, 0)
    row = catalogue()["85123"]
    assert (row["price"], row["tags"], row["options"]) == ("0.10", ["a", "b, c"], {"size": "L;M"})
    assert load('{"sku": "X", "name": "x", "price": 1e400}', name="a.jsonl").status == 2
    nasty = [
        {"price": "1e5"},
        {"price": "99999999999999999999"},
        {"name": "true"},
        {"name": "[1]"},
        {"tags": "{}"},
        {"options": "[1]"},
    ]
    fields = {"sku": '"X"', "name": '"x"', "price": "1"}
    rows = ["{" + ", ".join(f'"{key}": {value}' for key, value in (fields | bad).items()) + "}" for bad in nasty]
    assert problems(load("\n".join(rows), name="a.jsonl")) == [(i, *bad) for i, bad in enumerate(nasty, start=1)]


def test_a_dry_run_writes_nothing_and_tells_what_it_would(load, catalogue):
    told = load(PLAIN, "--dry-run")
    assert counts(told) == (2, 0, 0, 0)
    assert "product 2" in told.err
    assert catalogue() == {}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (
            "sku;name;price;variant_of;options\nOK;Ok;1,50;;\nBAD;B, b;1,234;;\nKID;Kid;2,50;BAD;size=L\nOK;;;;\n",
            "a.csv",
        ),
        (
            (
                '{"sku": "OK", "name": "Ok", "price": 1.5}\n{"sku": "BAD", "name": "B, b", "price": 1.234}\n'
                '{"sku": "KID", "name": "Kid", "price": 2.5, "variant_of": "BAD", "options": {"size": "L"},'
                ' "tags": ["x", "y"]}\n'
            ),
            "a.jsonl",
        ),
    ],
)
def test_bad_rows_are_set_aside_ready_to_be_mended_and_imported_again(load, catalogue, tmp_path, content, name):
    rejects = tmp_path / "rejects.csv"
    assert counts(load(content, "--skip-bad", str(rejects), name=name)) == (1, 0, 0, 2)
    assert list(catalogue()) == ["OK"]
    text = rejects.read_text("utf-8")
    assert "price: expected an amount in EUR" in text
    mended = text.replace("1.234", "1.23").replace("1,234", "1,23")
    assert counts(load(mended, name="mended.csv")) == (2, 0, 0, 0)
    row = catalogue()["KID"]
    assert (row["price"], row["variant_of"], row["options"]) == ("2.50", "BAD", {"size": "L"})
    assert catalogue()["BAD"]["name"] == "B, b"
    assert row["tags"] == (["x", "y"] if name.endswith("jsonl") else [])


@pytest.mark.parametrize("bad", ["PARENT,,1,,,", "PARENT,P,,,,", "PARENT,P,1,,,moon", "PARENT,P,1,NONE,,"])
def test_a_variant_is_set_aside_with_the_product_that_it_names(load, catalogue, tmp_path, bad):
    table = f"sku,name,price,variant_of,options,location\n{bad}\nKID,Kid,1,PARENT,size=L,\nOK,Ok,1,,,\n"
    assert counts(load(table, "--skip-bad", str(tmp_path / "rejects.csv"))) == (1, 0, 0, 2)
    assert list(catalogue()) == ["OK"]
    assert [row["sku"] for row in csv.DictReader(io.StringIO((tmp_path / "rejects.csv").read_text()))] == [
        "PARENT",
        "KID",
    ]


def test_rejects_never_replace_a_file_and_nothing_is_imported_then(load, catalogue, tmp_path):
    (tmp_path / "mine.csv").write_text("mine")
    table = "sku,name,price\nOK,Ok,1\nBAD,Bad,x\n"
    assert load(table, "--skip-bad", str(tmp_path / "mine.csv")).status == 2
    assert (catalogue(), (tmp_path / "mine.csv").read_text()) == ({}, "mine")
    assert counts(load(table, "--skip-bad", str(tmp_path / "mine.csv"), "--force")) == (1, 0, 0, 1)


@pytest.mark.parametrize(
    ("content", "options"),
    [("price\n1\n", ()), (PLAIN, ("--map", "sku=None")), (PLAIN, ("--from", "shopify")), ("", ()), ('sku\n"x\n', ())],
)
def test_a_file_that_is_no_table_of_products_is_refused(load, catalogue, content, options):
    assert load(content, *options).status == 2
    assert catalogue() == {}
