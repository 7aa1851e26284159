"""Printing: results on stdout in five formats, narration on stderr. Text from data is never obeyed."""

import csv
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import msgspec

from shopctl.errors import BadValueError
from shopctl.money import Money
from shopctl.text import safe

if TYPE_CHECKING:
    from shopctl.shop import Effects

FORMATS = ("table", "json", "jsonl", "csv", "md")
_STARTS_A_FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")  # OWASP, "CSV Injection"
_CELL = 60
_SHORTEST = 16

STYLES = {
    "active": "green",
    "paid": "green",
    "sent": "green",
    "shipped": "green",
    "delivered": "green",
    "completed": "green",
    "draft": "yellow",
    "unpaid": "yellow",
    "pending": "yellow",
    "held": "yellow",
    "sending": "yellow",
    "pay": "yellow",
    "partially_paid": "yellow",
    "overpaid": "yellow",
    "refund": "red",
    "dead": "red",
    "cancelled": "dim",
    "archived": "dim",
    "suppressed": "dim",
    "none": "dim",
}
"""The colours of states; each is spelled as well."""


class Column(msgspec.Struct, frozen=True):
    """A column of a table: a field (``customer.name`` reaches inside), its header, and how it is shown.

    Attributes:
        right: numbers stand to the right.
        read: makes the cell from the whole value.
        flexible: a text that may be shortened where room is short.
        spare: left out where room is short, the highest first; 0: never.
    """

    field: str
    header: str
    right: bool = False
    read: Callable[[Any], str] | None = None
    flexible: bool = False
    spare: int = 0


def show(value: object, columns: Sequence[Column], wanted: str | None) -> None:
    """Print one value or a list of them on stdout."""
    many = isinstance(value, list)
    if wanted == "json":
        _write(msgspec.json.format(_json(value), indent=2).decode())
    elif wanted == "jsonl":
        for row in value if isinstance(value, list) else [value]:
            _write(_json(row).decode())
    elif wanted == "csv":
        _write_csv(value if isinstance(value, list) else [value], columns)
    elif wanted == "md":
        _write_markdown(value if isinstance(value, list) else [value], columns)
    elif many and not value:
        tell("Nothing to show.")
    else:
        _write_table(value if isinstance(value, list) else [value], columns)


def plain(value: object) -> Any:
    """Return `value` as JSON knows it: money in major units, times in RFC 3339."""
    return msgspec.to_builtins(value, enc_hook=_encode)


def tell(text: str, *, end: str = "\n", style: str = "") -> None:
    """Say something to the person, on stderr."""
    if style and coloured(sys.stderr):
        text = f"\033[{_ANSI[style]}m{text}\033[0m"
    print(text, file=sys.stderr, end=end, flush=True)


def tell_effects(effects: "Effects | None") -> None:
    """Say what a dry run would have written."""
    if effects is None:
        return
    rows = ", ".join(f"{name} {count}" for name, count in effects.rows.items()) or "nothing"
    tell(f"Dry run: nothing was changed. It would write: {rows}.")
    for message in effects.messages:
        tell(f"It would send: {safe(message)}")


def fail(code: str, message: str, hint: str, details: dict[str, Any], *, json: bool) -> None:
    """Print an error on stderr: what is wrong, and what to do."""
    if json:
        error = {"code": code, "message": message, "hint": hint, "details": details}
        try:
            line = _json({"error": error})
        except UnicodeEncodeError:  # what was typed is no UTF-8, and JSON is
            line = _json({"error": error | {"message": safe(message, 2_000), "hint": safe(hint), "details": {}}})
        print(line.decode(), file=sys.stderr)
        return
    tell(f"Error: {safe(message, 2_000)}", style="red")
    if hint:
        tell(safe(hint, 500))


def coloured(stream: TextIO) -> bool:
    """Return whether colours and boxes belong on `stream`: a terminal, unless NO_COLOR (no-color.org) is set."""
    from shopctl.cli.context import options

    return stream.isatty() and not os.environ.get("NO_COLOR") and not options.no_color


def cell(value: Any) -> str:
    """Return a value as a cell of a table that no terminal obeys."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return value.astimezone(_zone()).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, Money):
        return value.shown().rpartition(" ")[0]
    if isinstance(value, (list, tuple)):
        return safe(", ".join(str(part) for part in value), _CELL)
    if isinstance(value, dict):
        return safe(", ".join(f"{name}: {part}" for name, part in value.items()), _CELL)
    return safe(str(value), _CELL)


def details(title: str, pairs: Iterable[tuple[str, Any]]) -> None:
    """Print a heading and names with values, one a line, for a person to read; what is empty is left out."""
    shown = [(name, safe(value) if isinstance(value, str) else cell(value)) for name, value in pairs]
    shown = [(name, text) for name, text in shown if text]
    width = max((len(name) for name, _ in shown), default=0)
    _write(bold(title))
    for name, text in shown:
        _write(f"  {name.ljust(width)}  {text}")


def bold(text: str) -> str:
    """Return `text` in bold where that can be seen."""
    return f"\033[1m{text}\033[0m" if coloured(sys.stdout) else text


def styled(text: str, style: str) -> str:
    """Return `text` in a colour where that can be seen."""
    return f"\033[{_ANSI[style]}m{text}\033[0m" if coloured(sys.stdout) else text


def cell_line(text: str) -> str:
    """Return a line of text that no terminal obeys, its indentation kept."""
    return " " * (len(text) - len(text.lstrip(" "))) + safe(text.strip())


def line(text: str = "") -> None:
    """Print a line on stdout."""
    _write(text)


def rows(title: str, values: Sequence[object], columns: Sequence[Column]) -> None:
    """Print a titled table, or nothing if there are no rows."""
    if values:
        _write("")
        _write(bold(title))
        _write_table(values, columns)


@contextmanager
def target(name: str | None, *, force: bool) -> Iterator[TextIO]:
    """Give where to write: stdout, or the file `name`, which takes its name only once it is whole.

    Raises:
        BadValueError: it exists and `force` is not given, is a link, or cannot be written.
    """
    if name is None:
        yield sys.stdout
        return
    path = Path(name)
    if path.is_symlink() or path.is_dir() or (path.exists() and not force):
        raise BadValueError(f"{safe(name, 200)} exists already.", "Name another file, or add --force to replace it.")
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with draft.open("x", encoding="utf-8", newline="") as stream:
            yield stream
        draft.replace(path)
    except OSError as error:
        raise BadValueError(f"{safe(name, 200)} cannot be written: {error.strerror}.", "Check the folder.") from None
    finally:
        draft.unlink(missing_ok=True)


def in_zone(name: str) -> None:
    """Have times in tables shown in the time zone called `name`."""
    global _zone_name  # noqa: PLW0603 (one process prints for one shop)
    _zone_name = name


_zone_name = "UTC"
_ANSI = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


def _zone() -> Any:
    from shopctl.clock import zone

    return zone(_zone_name)


def _encode(value: Any) -> str:
    return str(value)


def _json(value: object) -> bytes:
    return msgspec.json.encode(value, enc_hook=_encode)


def _write(text: str) -> None:
    try:
        print(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding
        print(text.encode(encoding, "replace").decode(encoding))


def _field(value: object, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else getattr(value, name)
    return value


def _cells(value: object, columns: Sequence[Column]) -> list[str]:
    return [column.read(value) if column.read else cell(_field(value, column.field)) for column in columns]


def _write_table(values: Sequence[object], columns: Sequence[Column]) -> None:
    """Print rows under their headers. On a terminal they fit it: what is a number or a state is never cut."""
    table = [[column.header for column in columns], *(_cells(value, columns) for value in values)]
    terminal = sys.stdout.isatty()
    if terminal:
        columns, table = _fitted(columns, table, shutil.get_terminal_size().columns)
    widths = [max(map(_width, texts)) for texts in zip(*table, strict=True)]
    for i, texts in enumerate(table):
        padded = [
            _padded(text, width, column.right) for text, width, column in zip(texts, widths, columns, strict=True)
        ]
        if terminal and i == 0:
            _write(bold("  ".join(padded).rstrip()))
        elif terminal:
            styles = (STYLES.get(text, "") for text in texts)
            cells = (styled(text, style) if style else text for text, style in zip(padded, styles, strict=True))
            _write("  ".join(cells).rstrip())
        else:
            _write("  ".join(padded).rstrip())


def _fitted(
    columns: Sequence[Column], table: Sequence[Sequence[str]], room: int
) -> tuple[list[Column], list[list[str]]]:
    """Leave out what is empty in every row, shorten texts, then leave out what matters least, until rows fit."""
    kept = [i for i in range(len(columns)) if any(row[i] for row in table[1:])] or list(range(len(columns)))
    left_out: list[str] = []
    while True:
        widths = {i: max(_width(row[i]) for row in table) for i in kept}
        over = sum(widths.values()) + 2 * (len(kept) - 1) - room
        for _ in range(over):
            widest = max((i for i in kept if columns[i].flexible), key=lambda i: widths[i], default=None)
            if widest is None or widths[widest] <= _SHORTEST:
                break
            widths[widest] -= 1
            over -= 1
        spare = [i for i in kept if columns[i].spare]
        if over <= 0 or not spare:
            break
        first = max(spare, key=lambda i: columns[i].spare)
        kept.remove(first)
        left_out.append(columns[first].header)
    if named := [name for name in left_out if name]:
        tell(f"Not shown, for lack of room: {', '.join(named)}.", style="dim")
    return [columns[i] for i in kept], [[_cut(row[i], widths[i]) for i in kept] for row in table]


def _cut(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    while _width(text) > width - 1:
        text = text[:-1]
    return text + "…"


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _write_csv(values: Sequence[object], columns: Sequence[Column]) -> None:
    flat = [_flat(plain(value)) for value in values]
    names = list(flat[0]) if flat else [column.field.replace(".", "_") for column in columns]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in flat:
        writer.writerow([csv_cell(row.get(name)) for name in names])
    _write(text.getvalue().rstrip("\n"))


def _flat(row: Any) -> dict[str, Any]:
    """Return the fields of a row that fit in cells; objects as ``customer_email``, lists of words as ``a,b``."""
    out: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict) and name != "options":
            out.update({f"{name}_{inner}": part for inner, part in value.items()})
        elif isinstance(value, dict):
            out[name] = "; ".join(f"{option}={part}" for option, part in value.items())
        elif isinstance(value, list):
            if not value or isinstance(value[0], str):
                out[name] = ",".join(value)
        else:
            out[name] = value
    return out


def csv_cell(value: Any) -> Any:
    """Return a value as a CSV cell that no spreadsheet runs; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip("'").startswith(_STARTS_A_FORMULA) and not _is_number(value):
        return f"'{value}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-").removeprefix("+").replace(".", "", 1)
    return digits.isascii() and digits.isdigit()


def _write_markdown(values: Sequence[object], columns: Sequence[Column]) -> None:
    _write("| " + " | ".join(column.header for column in columns) + " |")
    _write("| " + " | ".join("---:" if column.right else "---" for column in columns) + " |")
    for value in values:
        _write("| " + " | ".join(_markdown(text) for text in _cells(value, columns)) + " |")


def _markdown(text: str) -> str:
    for char in "\\|`*_<>[]":
        text = text.replace(char, "\\" + char)
    return text
