"""Reading tables that people bring: CSV in any usual dress, JSON Lines (either of them gzipped), XLSX."""

import csv
import gzip
import io
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from shopctl.errors import BadValueError, NotFoundError
from shopctl.text import nearest, safe

MAX_BYTES = 512 * 1024 * 1024
MAX_FIELD = 1_000_000
MAX_COLUMNS = 500
_ZIP = b"PK\x03\x04"
_SHIELDED = re.compile("'+[=+\\-@\\t\\r\\n\\0＝＋－＠]")
"""A cell that `cli.output.csv_cell` kept a spreadsheet from running: its first apostrophe is not part of it."""
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


class Row(msgspec.Struct, frozen=True):
    """A row of a table, where it stands (the first line of the file is 1), and its cells by column."""

    number: int
    cells: dict[str, Any]


class Sheet(msgspec.Struct, frozen=True):
    """A table that was read, and in what dress it came, for the person to check."""

    columns: list[str]
    rows: list[Row]
    dress: str
    decimal_comma: bool = False


class Problem(msgspec.Struct, frozen=True):
    """Why a row cannot be used: what was expected in which column, and what stands there."""

    row: int
    column: str
    expected: str
    got: str

    def __str__(self) -> str:
        where = f"row {self.row}, {self.column}" if self.column else f"row {self.row}"
        got = f", got {safe(self.got, 60)!r}" if self.got else ", got nothing"
        return f"{where}: expected {self.expected}{got}"


def read(name: str, kind: str | None = None) -> Sheet:
    """Return the table in the file `name` ("-": standard input).

    Args:
        name: the file; ``.gz`` is decompressed.
        kind: ``csv`` (or a spreadsheet) or ``jsonl``; None decides by the name.

    Raises:
        NotFoundError: there is no such file.
        BadValueError: it is too large, no text, or no table.
    """
    data, plain_name = _bytes(name)
    if kind is None:
        kind = "jsonl" if is_jsonl(plain_name) else "csv"
    if data.startswith(_ZIP) and kind == "csv":
        return _xlsx(data)
    return _jsonl(data) if kind == "jsonl" else _csv(data)


def is_jsonl(name: str) -> bool:
    """Return whether a file called so is read as JSON Lines."""
    return name.endswith((".jsonl", ".ndjson", ".json"))


def mapped(sheet: Sheet, mapping: str | None, known: Sequence[str]) -> tuple[Sheet, list[str]]:
    """Return `sheet` with its columns under our names, and the columns that are left out.

    Args:
        sheet: what was read.
        mapping: ``ours=theirs,…``; a constant is ``ours:=value``.
        known: our names. A column that already has one of them keeps it unless the mapping gives that name to another.

    Raises:
        BadValueError: the mapping names a column that is not there, or a name that is not ours, or two columns would
            have one name.
    """
    theirs, constants = _parse_mapping(mapping or "", sheet.columns, known)
    taken = set(theirs.values()) | set(constants)
    for column in sheet.columns:
        ours = column.strip().casefold().replace(" ", "_").replace("-", "_")
        if column not in theirs and ours in known and ours not in taken:
            theirs[column] = ours
    _check_once([*theirs.values(), *constants])
    rows = [
        Row(row.number, constants | {theirs[column]: cell for column, cell in row.cells.items() if column in theirs})
        for row in sheet.rows
    ]
    used = [name for name in known if name in set(theirs.values()) | set(constants)]
    return (
        msgspec.structs.replace(sheet, columns=used, rows=rows),
        [column for column in sheet.columns if column not in theirs],
    )


def _parse_mapping(mapping: str, columns: Sequence[str], known: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    theirs: dict[str, str] = {}
    constants: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in mapping.split(","))):
        ours, equals, value = part.partition("=")
        constant = ours.endswith(":")
        ours = ours.removesuffix(":").strip()
        if not equals or ours not in known:
            raise BadValueError(
                f"{safe(part, 60)!r} maps nothing.",
                nearest(ours, known) or f"Write OURS=THEIRS, where OURS is one of {', '.join(known)}.",
            )
        if constant:
            constants[ours] = value.strip()
        elif value.strip() in columns:
            theirs[value.strip()] = ours
        else:
            raise BadValueError(
                f"The file has no column {safe(value, 60)!r}.",
                nearest(value, columns) or f"It has {', '.join(safe(column, 40) for column in columns[:20])}.",
            )
    return theirs, constants


def _check_once(ours: Sequence[str]) -> None:
    if twice := {name for name in ours if ours.count(name) > 1}:
        raise BadValueError(f"Two columns would be {min(twice)}.", f"Say which with --map {min(twice)}=COLUMN.")


def _bytes(name: str) -> tuple[bytes, str]:
    try:
        if name == "-":
            return _capped(sys.stdin.buffer), "-"
        path = Path(name)
        with path.open("rb") as file:
            if file.read(2) == b"\x1f\x8b":
                file.seek(0)
                with gzip.open(file) as unpacked:
                    return _capped(unpacked), path.name.removesuffix(".gz")
            file.seek(0)
            return _capped(file), path.name
    except FileNotFoundError:
        raise NotFoundError(
            f"There is no file {safe(name, 200)}.", "Check the name and the folder you are in."
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise BadValueError(f"{safe(name, 200)} cannot be read: {error}.", "Check the file.") from None


def _capped(file: Any) -> bytes:
    binary: BinaryIO = file
    data = binary.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadValueError(f"The file is larger than {MAX_BYTES // 1024**2} MiB.", "Split it.")
    return data


def _decoded(data: bytes) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), "UTF-16"
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "Windows-1252"


def _csv(data: bytes) -> Sheet:
    text, encoding = _decoded(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first or "\0" in text:
        raise BadValueError("The file is empty or no text.", "Bring a CSV file with a first line of column names.")
    delimiter = max(_DELIMITERS, key=first.count)
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip() for name in next(reader)]
        while not any(columns):
            columns = [name.strip() for name in next(reader)]
        _check_columns(columns)
        rows = list(_csv_rows(reader, columns))
    except StopIteration:
        raise BadValueError("The file has no line of column names.", "Bring a CSV file with one.") from None
    except csv.Error as error:
        raise BadValueError(f"Line {reader.line_num} is no CSV: {error}.", "Mend the line; check its quotes.") from None
    decimal_comma = delimiter != "," and any(_has_decimal_comma(row) for row in rows[:200])
    point = "a comma" if decimal_comma else "a point"
    dress = f"{encoding}, separated by {_DELIMITERS[delimiter]}, decimals with {point}"
    return Sheet(columns=columns, rows=rows, dress=dress, decimal_comma=decimal_comma)


def _check_columns(columns: Sequence[str]) -> None:
    if len(columns) > MAX_COLUMNS:
        raise BadValueError(f"The file has {len(columns)} columns.", f"The limit is {MAX_COLUMNS}.")
    twice = {name for name in columns if name and columns.count(name) > 1}
    if twice:
        raise BadValueError(f"The column {safe(min(twice), 60)!r} stands there twice.", "Rename one of them.")


def _csv_rows(reader: Any, columns: Sequence[str]) -> Iterator[Row]:
    number = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
                raise BadValueError(
                    f"Row {number} has {len(cells)} cells, and there are {len(columns)} columns.",
                    "Quote the cells that contain the separator.",
                )
            plain = [cell[1:] if _SHIELDED.match(cell) else cell for cell in cells]
            yield Row(number, dict(zip(columns, plain, strict=False)))
        number = reader.line_num + 1


def _has_decimal_comma(row: Row) -> bool:
    return any(
        cell.count(",") == 1 and cell.replace(",", "").isdecimal() and len(cell.partition(",")[2]) <= 2
        for cell in row.cells.values()
    )


def _jsonl(data: bytes) -> Sheet:
    text, encoding = _decoded(data)
    decoder = msgspec.json.Decoder(float_hook=str)
    rows: list[Row] = []
    columns: dict[str, None] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            cells = decoder.decode(line)
        except (msgspec.DecodeError, RecursionError) as error:
            raise BadValueError(f"Line {number} is no JSON: {error}.", "Write one JSON object a line.") from None
        if not isinstance(cells, dict):
            raise BadValueError(f"Line {number} is no JSON object.", "Write one JSON object a line.")
        rows.append(Row(number, cells))
        columns.update(dict.fromkeys(cells))
    return Sheet(columns=list(columns), rows=rows, dress=f"{encoding}, JSON Lines")


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise BadValueError(f"The file unpacks to over {MAX_BYTES // 1024**2} MiB.", "Split it.")


def _xlsx(data: bytes) -> Sheet:
    """Return the first sheet of a workbook: what its cells show, formulas by their last value."""
    import zipfile

    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_size(sum(part.file_size for part in archive.infolist()))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        lines = ([_shown(value) for value in row] for row in book.worksheets[0].iter_rows(values_only=True))
        table = [(number, cells) for number, cells in enumerate(lines, start=1) if any(cells)]
        title = book.worksheets[0].title
        book.close()
    except BadValueError:
        raise
    except Exception as error:  # a broken workbook makes its reader raise anything
        raise BadValueError(f"The workbook cannot be read: {error}.", "Save it again as XLSX or CSV.") from None
    if not table:
        raise BadValueError("The first sheet is empty.", "Bring a first row of column names.")
    columns = table[0][1]
    _check_columns(columns)
    named = [(i, name) for i, name in enumerate(columns) if name]
    rows = [Row(number, {name: cells[i] for i, name in named if i < len(cells)}) for number, cells in table[1:]]
    return Sheet(columns=[name for _, name in named], rows=rows, dress=f"XLSX, sheet {safe(title, 40)}")


def _shown(value: Any) -> str:
    """Return a cell as it would be typed: whole numbers without a point, times in ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value).strip()
