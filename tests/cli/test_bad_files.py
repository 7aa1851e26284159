"""Rows and files that cannot be used: told, and nothing of them is written."""

import json
import re

import msgspec
import pytest

pytestmark = pytest.mark.usefixtures("living")

CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
HUGE = "9" * 30
LONG = "M" * 100_000

GOOD_ROW = {"sku": "PEN", "name": "Pen", "price": "1.00"}
BAD_ROWS = [
    {"sku": "X", "name": "X", "price": "-1"},
    {"sku": "X", "name": "X", "price": "NaN"},
    {"sku": "X", "name": "X", "price": 1e400},
    {"sku": "X", "name": "X", "price": HUGE},
    {"sku": "X", "name": "X", "price": True},
    {"sku": "X", "name": "X", "price": {"a": 1}},
    {"sku": "X", "name": "a\0b", "price": "1"},
    {"sku": "X", "name": "a\ud800b", "price": "1"},
    {"sku": "X", "name": LONG, "price": "1"},
    {"sku": "X", "name": ["a"], "price": "1"},
    {"sku": "X\033[0m", "name": "X", "price": "1"},
    {"sku": ["X"], "name": "X", "price": "1"},
    {"sku": "X", "name": "X", "price": "1", "stock": -1},
    {"sku": "X", "name": "X", "price": "1", "stock": 10**30},
    {"sku": "X", "name": "X", "price": "1", "stock": 1.5},
    {"sku": "X", "name": "X", "price": "1", "weight": -1},
    {"sku": "X", "name": "X", "price": "1", "weight": 10**30},
    {"sku": "X", "name": "X", "price": "1", "reorder_point": 10**30},
    {"sku": "X", "name": "X", "price": "1", "location": "moon"},
    {"sku": "X", "name": "X", "price": "1", "status": "gone"},
    {"sku": "X", "name": "X", "price": "1", "variant_of": "X"},
    {"sku": "X", "name": "X", "price": "1", "options": {"": "L"}},
    {"sku": "X", "name": "X", "price": "1", "tags": [1, {"a": 2}]},
]


@pytest.mark.parametrize("row", BAD_ROWS, ids=lambda row: ascii(row)[:60])
def test_an_import_with_one_bad_row_writes_nothing(row, shopctl, content):
    before = content()
    lines = f"{json.dumps(GOOD_ROW)}\n{json.dumps(row)}\n"
    result = shopctl("product", "import", "-", "--from", "jsonl", stdin=lines)
    assert (result.status, result.out) == (2, "")
    assert not CONTROLS.search(result.err)
    assert "Traceback" not in result.err
    assert content() == before


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "null",
        '"MUG=1"',
        "[" * 100_000,
        '{"lines": []}',
        '{"lines": [{"sku": "MUG", "quantity": 0}]}',
        '{"lines": [{"sku": "MUG", "quantity": -1}]}',
        '{"lines": [{"sku": "MUG", "quantity": 1e999}]}',
        '{"lines": [{"sku": "MUG", "quantity": 1%s}]}' % ("0" * 30),
        '{"lines": [{"sku": "MUG", "quantity": true}]}',
        '{"lines": [{"sku": "MUG", "quantity": 1, "price": "NaN"}]}',
        '{"lines": [{"sku": "MUG", "quantity": 1, "price": -1}]}',
        '{"lines": [{"sku": "\\ud800", "quantity": 1}]}',
        '{"lines": [{"sku": "MUG"}], "name": "a\\u0000"}',
        '{"lines": [{"sku": "MUG"}], "key": ""}',
        '{"lines": [{"sku": "MUG"}], "key": "\\ud800"}',
        '{"lines": [{"sku": "MUG"}], "custmer": "ada@example.org"}',
        '{"lines": [{"sku": "MUG"}], "customer": "a@b@c"}',
        '{"lines": [{"sku": "MUG"}], "ship_to": {"planet": "Mars"}}',
        '{"lines": [{"sku": "MUG"}], "discount": 1000}',
    ],
    ids=lambda line: line[:60],
)
def test_a_line_of_a_batch_that_is_no_order_is_told_and_places_nothing(line, shopctl, content):
    before = content()
    result = shopctl("order", "place", "-", "--json", stdin=line + "\n")
    assert result.status in (1, 2, 3)
    told = msgspec.json.decode(result.out)[0]["message"] if result.out else result.error["message"]
    assert told
    assert "Traceback" not in result.err
    assert content() == before


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0\0", b'sku,name\n"x', b"sku,sku\na,b\n", b"a,b\n1,2\n", b"sku,name,price\na,b,1,2\n", b"\x1f\x8bxx"],
    ids=repr,
)
def test_a_file_that_is_no_table_is_refused(data, tmp_path, shopctl, content):
    before = content()
    file = tmp_path / "table.csv"
    file.write_bytes(data)
    for result in (shopctl("product", "import", str(file)), shopctl("product", "import", "-", stdin=data)):
        assert result.status == 2
        assert "Traceback" not in result.err
    assert content() == before
