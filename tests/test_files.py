"""Tables that people bring, in every dress they come in."""

import gzip
import io
import zipfile

import pytest

from shopctl import files
from shopctl.errors import BadValueError, NotFoundError

TABLE = [{"sku": "MUG", "name": "Tasse Été"}, {"sku": "CAP", "name": "a, b"}]


@pytest.fixture
def read(tmp_path):
    """Read a table with this content: ``read("a,b\\n1,2\\n")``."""

    def read_content(content: str | bytes, name: str = "table.csv", kind: str | None = None) -> files.Sheet:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return files.read(str(path), kind)

    return read_content


def cells(sheet):
    return [row.cells for row in sheet.rows]


@pytest.mark.parametrize(("delimiter", "word"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_delimiter_is_found_and_told(read, delimiter, word, end):
    lines = [["sku", "name"], ["MUG", "Tasse Été"], ["CAP", '"a, b"']]
    sheet = read(end.join(delimiter.join(line) for line in lines) + end)
    assert (cells(sheet), sheet.columns) == (TABLE, ["sku", "name"])
    assert word in sheet.dress


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"), ("utf-16", "UTF-16")],
)
def test_the_encoding_is_found_and_told(read, encoding, name):
    sheet = read('sku,name\nMUG,Tasse Été\nCAP,"a, b"\n'.encode(encoding))
    assert cells(sheet) == TABLE
    assert sheet.dress.startswith(name)


def test_a_gzipped_file_is_read_by_its_content_and_named_by_its_name(read):
    assert cells(read(gzip.compress('sku,name\nMUG,Tasse Été\nCAP,"a, b"\n'.encode()), "a.csv.gz")) == TABLE
    assert cells(read(gzip.compress(b'{"sku": "MUG"}\n'), "a.jsonl.gz")) == [{"sku": "MUG"}]


def test_standard_input_is_read(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"sku\nMUG\n")))
    assert cells(files.read("-")) == [{"sku": "MUG"}]


@pytest.mark.parametrize(
    ("content", "comma"),
    [("sku;price\nMUG;9,90\n", True), ("sku;price\nMUG;9.90\n", False), ('sku,price\nMUG,"1,234"\n', False)],
)
def test_a_decimal_comma_is_found_and_told(read, content, comma):
    sheet = read(content)
    assert sheet.decimal_comma is comma
    assert sheet.dress.endswith("a comma" if comma else "a point")


def test_a_quoted_cell_keeps_its_line_breaks_and_rows_their_line_numbers(read):
    sheet = read('sku,name\n\nMUG,"two\nlines ""quoted"""\n  ,\nCAP,c\n')
    assert [(row.number, row.cells["name"]) for row in sheet.rows] == [(3, 'two\nlines "quoted"'), (6, "c")]


def test_numbers_in_json_lines_are_exact(read):
    sheet = read('{"price": 0.1, "n": 9007199254740993}\n\n{"price": 1234567890.123456789, "tags": ["a"]}\n', "a.jsonl")
    assert cells(sheet) == [{"price": "0.1", "n": 9007199254740993}, {"price": "1234567890.123456789", "tags": ["a"]}]
    assert sheet.columns == ["price", "n", "tags"]
    assert [row.number for row in sheet.rows] == [1, 3]


def test_a_short_row_lacks_its_last_cells_and_empty_cells_beyond_the_columns_are_nothing(read):
    assert cells(read("sku,name,price\nMUG\nCAP,c,1,,\n")) == [
        {"sku": "MUG"},
        {"sku": "CAP", "name": "c", "price": "1"},
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "empty"),
        (" \n\n", "empty"),
        (b"\x89PNG\0\0", "no text"),
        ("sku,name\nMUG,a,b\n", "Row 2 has 3 cells"),
        ('sku,name\nMUG,"open\n', "no CSV"),
        ('sku,name\nMUG,"a"b\n', "no CSV"),
        ("sku,name,sku\n", "stands there twice"),
        (",".join(f"c{i}" for i in range(501)), "501 columns"),
        ("sku\n" + "x" * 1_000_001, "no CSV"),
        (gzip.compress(b"sku\nMUG\n", mtime=0)[:-6], "cannot be read"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + b"\xff" * 40, "cannot be read"),
    ],
)
def test_what_is_no_table_is_refused(read, content, complaint):
    with pytest.raises(BadValueError, match=complaint):
        read(content)


@pytest.mark.parametrize("line", ["[1]", '"x"', "{", '{"a": NaN}', '{"a": 1} {"b": 2}', "[" * 5_000])
def test_a_line_that_is_no_json_object_is_refused_with_its_number(read, line):
    with pytest.raises(BadValueError, match="Line 2 is no JSON"):
        read(b'{"sku": "MUG"}\n' + line.encode(), "a.jsonl")


def test_a_file_larger_than_the_cap_is_refused_packed_or_not(read, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 1024**2)
    for content in (b"sku\n" + b"x\n" * 1024**2, gzip.compress(b"sku\n" + b"x\n" * 1024**2)):
        with pytest.raises(BadValueError, match="larger than 1 MiB"):
            read(content)


def test_a_file_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(NotFoundError):
        files.read(str(tmp_path / "none.csv"))
    with pytest.raises(BadValueError, match="cannot be read"):
        files.read(str(tmp_path))


def test_columns_are_taken_under_our_names_by_name_mapping_and_constant(read):
    sheet = read("Compare At,StockCode,colour\n12.00,MUG,red\n")
    mapped, unused = files.mapped(sheet, "sku=StockCode, status:=draft", ["sku", "name", "compare_at", "status"])
    assert cells(mapped) == [{"status": "draft", "compare_at": "12.00", "sku": "MUG"}]
    assert (mapped.columns, unused) == (["sku", "compare_at", "status"], ["colour"])


@pytest.mark.parametrize(
    ("mapping", "hint"),
    [("sky=StockCode", "Did you mean sku?"), ("sku=StokCode", "Did you mean StockCode?"), ("sku", "OURS=THEIRS|sku")],
)
def test_a_mapping_that_names_nothing_is_answered_with_the_nearest(read, mapping, hint):
    with pytest.raises(BadValueError) as refused:
        files.mapped(read("StockCode\nMUG\n"), mapping, ["sku", "name"])
    assert any(part in refused.value.hint for part in hint.split("|"))


@pytest.mark.parametrize(("header", "mapping"), [("SKU,sku", None), ("a,b", "sku=a,sku=b"), ("a", "sku=a,sku:=X")])
def test_two_columns_are_never_one(read, header, mapping):
    with pytest.raises(BadValueError, match="sku"):
        files.mapped(read(f"{header}\n1,2\n" if "," in header else f"{header}\n1\n"), mapping, ["sku", "name"])


def test_a_workbook_is_read_by_its_first_sheet(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["SKU", "Name", "Price", None])
    book.active.append([85123, "Mug", 9.9, None])
    book.active.append([None, None, None, None])
    book.active.append(["CAP", "Cap", 10, "ignored"])
    book.save(tmp_path / "goods.xlsx")
    sheet = files.read(str(tmp_path / "goods.xlsx"))
    assert sheet.columns == ["SKU", "Name", "Price"]
    assert [(row.number, list(row.cells.values())) for row in sheet.rows] == [
        (2, ["85123", "Mug", "9.9"]),
        (4, ["CAP", "Cap", "10"]),
    ]


@pytest.mark.parametrize("data", [b"PK\x03\x04 no zip at all", b"PK\x03\x04" + bytes(200), "no XML"])
def test_a_broken_workbook_is_told(tmp_path, data):
    if data == "no XML":
        with zipfile.ZipFile(tmp_path / "goods.xlsx", "w") as archive:
            archive.writestr("[Content_Types].xml", "<broken")
    else:
        (tmp_path / "goods.xlsx").write_bytes(data)
    with pytest.raises(BadValueError, match="workbook cannot be read"):
        files.read(str(tmp_path / "goods.xlsx"))


def test_a_file_of_blank_lines_has_no_columns(read):
    with pytest.raises(BadValueError, match="no line of column names"):
        read(",,\n,,\n")
