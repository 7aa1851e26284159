"""Parcels, as a person handles them and as a carrier's program reads and writes them."""

import csv
import io
import json

import pytest

pytestmark = pytest.mark.usefixtures("living")

COLUMNS = [
    "shipment", "order", "name", "company", "line1", "line2", "postcode", "city", "region", "country", "phone", "email",
    "weight", "units", "contents", "value", "currency", "reference",
]  # fmt: skip


@pytest.fixture
def packed(living, shopctl):
    """Parcels 1001-1 and 1002-1 are packed, 1003-1 is being picked; 1003 has an address."""
    to = '{"name": "Bob", "line1": "1 Road", "postcode": "75005", "city": "Paris", "phone": "+44 (0)20 7946"}'
    shopctl("order", "place", "MUG=2", "CAP=1", "--customer", "bob@example.org", "--ship-to", to, "--paid", "card")
    for number in ("1001", "1002"):
        assert shopctl("order", "pack", number).status == 0
    assert shopctl("order", "pick", "1003").status == 0


@pytest.fixture
def load(shopctl, tmp_path):
    """Import a table: ``load("shipment,tracking\\n…", "--carrier", "DHL")``."""

    def run(content, *options, name="labels.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return shopctl("shipment", "import", str(path), *options, "--json")

    return run


@pytest.fixture
def statuses(shopctl):
    return lambda: {row["number"]: row["status"] for row in shopctl("shipment", "list", "--json").json}


def counts(result):
    assert result.status == 0, result.err
    return result.json


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.usefixtures("packed")
def test_parcels_are_listed_and_shown(shopctl):
    rows = shopctl("shipment", "list", "--json").json
    assert [(row["number"], row["order_number"], row["status"], row["units"]) for row in rows] == [
        ("1003-1", "1003", "pending", 3),
        ("1002-1", "1002", "packed", 1),
        ("1001-1", "1001", "packed", 1),
    ]
    assert rows[1]["customer"] == {"email": "ada@example.org", "name": "Ada"}
    table = shopctl("shipment", "list", "--status", "pending").out.splitlines()
    assert [line.split()[0] for line in table] == ["Parcel", "1003-1"]
    cut = shopctl("shipment", "list", "--limit", "1")
    assert len(cut.out.splitlines()) == 2
    assert "Only the first 1" in cut.err
    shown = shopctl("shipment", "show", "1003-1", "--json").json
    assert shown["ship_to"]["city"] == "Paris"
    assert [(line["sku"], line["quantity"]) for line in shown["lines"]] == [("MUG", 2), ("CAP", 1)]
    person = shopctl("shipment", "show", "1003-1").out
    assert [part in person for part in ("1003-1  pending", "75005 Paris", "MUG")] == [True, True, True]


@pytest.mark.parametrize(
    ("status", "command"),
    [
        (3, ("show", "1001-7")),
        (3, ("show", "9999-1")),
        (2, ("show", "1001")),
        (2, ("list", "--status", "cancelled")),
        (3, ("list", "--order", "9999")),
        (2, ("track", "1001-1")),
        (2, ("track", "1001-1", "--link", "ftp://x")),
        (1, ("lost", "1001-1")),
        (1, ("returned", "1001-1")),
        (2, ("returned", "1001-1", "--restock", "--write-off")),
        (1, ("deliver", "1001-1")),
        (2, ("export", "--format", "md")),
        (2, ("export", "--json", "--bom")),
        (3, ("import", "none.csv")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
@pytest.mark.usefixtures("packed")
def test_what_cannot_be_done_is_told_and_nothing_changes(status, command, shopctl, content):
    before = content()
    refused = shopctl("shipment", *command)
    assert (refused.status, refused.out) == (status, "")
    assert refused.err
    assert content() == before


@pytest.mark.usefixtures("packed")
def test_a_lost_parcel_is_told_and_how_it_is_sent_again(shopctl):
    shopctl("order", "ship", "1001")
    lost = shopctl("shipment", "lost", "1001-1", "--reason", "searched for")
    assert (lost.status, lost.out.splitlines()[1].split()[3]) == (0, "lost")
    command = lost.err.partition("shopctl ")[2].split()
    assert shopctl(*command, "--json").json["claims"][0]["replacement"] == "1004"
    timeline = shopctl("order", "show", "1001", "--json").json["timeline"]
    assert any("searched for" in step["summary"] for step in timeline)


@pytest.mark.parametrize(
    ("fate", "on_hand", "waiting"), [("--restock", 10, 0), ("--write-off", 9, 0), (None, 9, 1)], ids=str
)
@pytest.mark.usefixtures("packed")
def test_a_parcel_that_came_back_is_restocked_written_off_or_inspected(fate, on_hand, waiting, shopctl):
    shopctl("order", "ship", "1001")
    back = shopctl("shipment", "returned", "1001-1", *([fate] if fate else []))
    assert back.status == 0
    assert "9.90 EUR are owed" in back.err
    order = shopctl("order", "show", "1001", "--json").json
    line = order["lines"][0]
    assert (line["returned"], line["returned"] - line["restocked"] - line["written_off"]) == (1, waiting)
    assert shopctl("stock", "show", "MUG", "--json").json[0]["on_hand"] == on_hand
    assert (order["owed"], order["shipments"][0]["status"]) == ("9.90", "returned_to_sender")
    assert shopctl("doctor").status == 0


@pytest.mark.usefixtures("packed")
def test_several_parcels_arrive_together_or_none_does(shopctl, content):
    shopctl("order", "ship", "1001")
    before = content()
    assert shopctl("shipment", "deliver", "1001-1", "1002-1").status == 1
    assert content() == before
    shopctl("order", "ship", "1002")
    done = shopctl("shipment", "deliver", "1001-1", "1002-1", "1001-1", "--json").json
    assert [(row["number"], row["status"]) for row in done] == [("1001-1", "delivered"), ("1002-1", "delivered")]


@pytest.mark.parametrize(
    "command",
    [
        ("lost", "1001-1"),
        ("returned", "1001-1", "--restock"),
        ("track", "1001-1", "--tracking", "T"),
        ("deliver", "1001-1"),
        ("import", "-"),
    ],
    ids=lambda command: command[0],
)
@pytest.mark.usefixtures("packed")
def test_a_dry_run_tells_and_changes_nothing(command, shopctl, content):
    shopctl("order", "ship", "1001")
    before = content()
    tried = shopctl("shipment", *command, "--dry-run", stdin="shipment,tracking\n1002-1,T2\n")
    assert (tried.status, content()) == (0, before)
    assert "shipment 1" in tried.err.partition("It would write: ")[2]


@pytest.mark.usefixtures("packed")
def test_the_export_is_plain_csv_for_programs(shopctl, tmp_path):
    file = tmp_path / "parcels.csv"
    assert shopctl("shipment", "export", str(file), "--all").status == 0
    data = file.read_bytes()
    assert data.startswith(b"shipment,order,name,")
    assert data.count(b"\r\n") == data.count(b"\n") == 4
    rows = read(data.decode())
    assert list(rows[0]) == COLUMNS
    assert [row["shipment"] for row in rows] == ["1001-1", "1002-1", "1003-1"]
    assert [rows[2][name] for name in ("phone", "units", "contents", "value", "currency", "weight")] == [
        *("+44207946", "3", "2 MUG; 1 CAP", "31.80", "EUR", ""),
    ]
    assert shopctl("shipment", "export", "--all").out == data.decode()
    assert shopctl("shipment", "export", str(file)).status == 2
    again = shopctl("shipment", "export", str(file), "--force", "--bom")
    assert again.status == 0
    assert "2 parcels written without an address: 1001-1, 1002-1" in again.err
    assert file.read_bytes() == b"\xef\xbb\xbf" + shopctl("shipment", "export", "-").out.encode()


@pytest.mark.usefixtures("packed")
def test_the_export_is_json_where_that_is_asked_for(shopctl, tmp_path):
    rows = shopctl("shipment", "export", "--all", "--json").json
    assert [list(row) for row in rows] == [COLUMNS] * 3
    assert (rows[2]["value"], rows[2]["weight"], rows[2]["phone"]) == ("31.80", None, "+44 (0)20 7946")
    lines = shopctl("shipment", "export", "--all", "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == rows
    for name in ("parcels.jsonl", "parcels.json"):
        assert shopctl("shipment", "export", str(tmp_path / name), "--all").status == 0
    assert (tmp_path / "parcels.jsonl").read_text("utf-8").splitlines() == lines
    assert json.loads((tmp_path / "parcels.json").read_text("utf-8")) == rows


def test_without_parcels_only_the_names_of_the_columns_are_written(shopctl):
    exported = shopctl("shipment", "export")
    assert (exported.status, exported.out.split(",")[0], len(exported.out.splitlines())) == (0, "shipment", 1)


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=cmd|' /C calc'!A1", "'=cmd|' /C calc'!A1"),
        ('"Ada", of\nLondon; née "King"', '"Ada", of London; née "King"'),
        ("+1 for tea", "'+1 for tea"),
        ("陈 \u202eevil", "陈 \u202eevil"),
        ("-5", "-5"),
    ],
)
def test_nasty_names_come_out_as_one_cell_that_no_spreadsheet_runs(name, cell, shopctl):
    to = json.dumps({"name": name, "line1": "1 Road", "city": "Paris", "phone": "=1+1"})
    shopctl("order", "place", "MUG=1", "--ship-to", to)
    shopctl("order", "pack", "1003")
    exported = shopctl("shipment", "export")
    assert exported.out.count("\n") == 2
    (row,) = read(exported.out)
    assert (row["name"], row["phone"], row["city"]) == (cell, "'=1+1", "Paris")
    assert shopctl("shipment", "export", "--json").json[0]["name"] == name


@pytest.mark.usefixtures("packed")
def test_what_was_exported_comes_back_with_tracking_numbers(shopctl, load, statuses):
    rows = read(shopctl("shipment", "export").out)
    text = io.StringIO()
    writer = csv.DictWriter(text, [*COLUMNS, "Tracking Number"])
    writer.writeheader()
    writer.writerows(row | {"Tracking Number": f"T{row['order']}"} for row in rows)
    done = load(text.getvalue(), "--map", "tracking=Tracking Number", "--carrier", "DHL")
    assert counts(done) == {"shipped": 2, "tracked": 0, "delivered": 0, "unchanged": 0, "skipped": 0}
    assert statuses() == {"1001-1": "shipped", "1002-1": "shipped", "1003-1": "pending"}
    shown = shopctl("shipment", "show", "1001-1", "--json").json
    assert (shown["carrier"], shown["tracking"]) == ("DHL", "T1001")
    assert shown["link"].startswith("https://www.dhl.com/")
    assert shopctl("stock", "show", "MUG", "--json").json[0]["on_hand"] == 8
    assert [row["number"] for row in shopctl("order", "list", "T1002", "--json").json] == ["1002"]
    assert shopctl("doctor").status == 0


@pytest.mark.usefixtures("packed")
def test_a_file_of_a_windows_program_is_read_and_the_same_again_changes_nothing(load, statuses, content):
    table = "Referenz;Sendungsnummer;Empfänger;Zustand\r\n1001-1;T1;Müller;\r\n#1002;T2;Łé;delivered\r\n"
    options = ("--map", "shipment=Referenz,tracking=Sendungsnummer,status=Zustand,carrier:=GLS")
    first = load(table.encode("cp1252", "replace"), *options)
    assert counts(first) == {"shipped": 2, "tracked": 0, "delivered": 1, "unchanged": 0, "skipped": 0}
    assert "Windows-1252, separated by semicolons" in first.err
    assert "Columns not used: Empfänger" in first.err
    assert statuses() == {"1001-1": "shipped", "1002-1": "delivered", "1003-1": "pending"}
    before = content()
    again = load(table.encode("cp1252", "replace"), *options)
    assert counts(again) == {"shipped": 0, "tracked": 0, "delivered": 0, "unchanged": 2, "skipped": 0}
    assert content() == before


@pytest.mark.usefixtures("packed")
def test_one_bad_row_and_nothing_is_written(load, content):
    before = content()
    told = load("shipment,tracking,status\n1001-1,T1,\n1002-7,T2,\n1001-1,T1,lost\n")
    assert (told.status, told.error["code"], content()) == (2, "bad_rows", before)
    assert told.error["details"]["problems"] == [
        {"row": 3, "column": "shipment", "expected": "one of 1002-1", "got": "1002-7"},
        {"row": 4, "column": "status", "expected": "shipped or delivered", "got": "lost"},
    ]
    assert "row 3, shipment: expected one of 1002-1, got '1002-7'" in told.err


@pytest.mark.usefixtures("packed")
def test_bad_rows_are_set_aside_ready_to_be_mended_and_imported_again(load, statuses, tmp_path):
    rejects = tmp_path / "rejects.csv"
    options = ("--map", "shipment=Ref,tracking=No")
    done = load("Ref,No,Note\n1001-1,T1,a\n1002-7,=T2,b\n", *options, "--skip-bad", str(rejects))
    assert counts(done) == {"shipped": 1, "tracked": 0, "delivered": 0, "unchanged": 0, "skipped": 1}
    text = rejects.read_text("utf-8")
    assert read(text) == [{"Ref": "1002-7", "No": "'=T2", "Note": "b", "reason": "shipment: expected one of 1002-1"}]
    mended = load(text.replace("1002-7", "1002-1"), *options, name="mended.csv")
    assert counts(mended)["shipped"] == 1
    assert statuses() == {"1001-1": "shipped", "1002-1": "shipped", "1003-1": "pending"}


@pytest.mark.parametrize("table", ["Ref,tracking\n1001-1,T1\n", "shipment,weight\n1001-1,3\n", "shipment\n1001-1\n"])
@pytest.mark.usefixtures("packed")
def test_a_file_that_names_no_parcel_or_says_nothing_is_refused(table, load):
    refused = load(table)
    assert (refused.status, refused.error["code"]) == (2, "invalid_value")
    assert "--map" in refused.error["hint"]


@pytest.mark.usefixtures("packed")
def test_rows_without_a_tracking_number_are_told_and_left_alone(load, statuses):
    done = load("shipment,tracking\n1001-1,T1\n1002-1,\n")
    assert counts(done)["shipped"] == 1
    assert "1 row with no tracking number" in done.err
    assert statuses()["1002-1"] == "packed"


@pytest.mark.usefixtures("packed")
def test_json_lines_are_read_too(load, statuses):
    done = load('{"order": 1001, "tracking": 340434161094042557}\n', name="labels.jsonl")
    assert counts(done)["shipped"] == 1
    assert statuses()["1001-1"] == "shipped"


@pytest.mark.usefixtures("packed")
def test_the_timeline_says_what_the_import_did_and_who_ran_it(load, shopctl):
    load("shipment,tracking,status\n1001-1,T1,\n", "--actor", "carol")
    load("shipment,tracking,status\n1001-1,T2,delivered\n", "--actor", "dave")
    steps = shopctl("order", "show", "1001", "--json").json["timeline"]
    assert [(step["type"], step["actor"]) for step in steps[-3:]] == [
        ("ShipmentSent", "carol"),
        ("ShipmentTracked", "dave"),
        ("ShipmentDelivered", "dave"),
    ]
