"""Printing: results on stdout in five formats, narration on stderr. Text from data is never obeyed."""

import csv
import io
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import msgspec

from shopctl.cli.table import Column, cell, cell_line, in_zone, write_markdown, write_table
from shopctl.cli.terminal import bold, coloured, counted, line, styled, tell
from shopctl.errors import NO_ROOM, BadValueError, UnreachableError
from shopctl.text import safe

if TYPE_CHECKING:
    from shopctl.shop import Effects

__all__ = [
    "FORMATS",
    "Column",
    "bold",
    "cell",
    "cell_line",
    "coloured",
    "counted",
    "csv_cell",
    "details",
    "fail",
    "in_zone",
    "line",
    "plain",
    "rows",
    "show",
    "styled",
    "target",
    "tell",
    "tell_effects",
]

FORMATS = ("table", "json", "jsonl", "csv", "md")
_STARTS_A_FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")  # OWASP, "CSV Injection"


def show(value: object, columns: Sequence[Column], wanted: str | None) -> None:
    """Print one value or a list of them on stdout."""
    many = isinstance(value, list)
    if wanted == "json":
        line(msgspec.json.format(_json(value), indent=2).decode())
    elif wanted == "jsonl":
        for row in value if isinstance(value, list) else [value]:
            line(_json(row).decode())
    elif wanted == "csv":
        _write_csv(value if isinstance(value, list) else [value], columns)
    elif wanted == "md":
        write_markdown(value if isinstance(value, list) else [value], columns)
    elif many and not value:
        tell("Nothing to show.")
    else:
        write_table(value if isinstance(value, list) else [value], columns)


def plain(value: object) -> Any:
    """Return `value` as JSON knows it: money in major units, times in RFC 3339."""
    return msgspec.to_builtins(value, enc_hook=_encode)


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


def details(title: str, pairs: Iterable[tuple[str, Any]]) -> None:
    """Print a heading and names with values, one a line, for a person to read; what is empty is left out."""
    shown = [(name, safe(value) if isinstance(value, str) else cell(value)) for name, value in pairs]
    shown = [(name, text) for name, text in shown if text]
    width = max((len(name) for name, _ in shown), default=0)
    line(bold(title))
    for name, text in shown:
        line(f"  {name.ljust(width)}  {text}")


def rows(title: str, values: Sequence[object], columns: Sequence[Column]) -> None:
    """Print a titled table, or nothing if there are no rows."""
    if values:
        line("")
        line(bold(title))
        write_table(values, columns)


@contextmanager
def target(name: str | None, *, force: bool) -> Iterator[TextIO]:
    """Give where to write: stdout, or the file `name`, which takes its name only once it is whole.

    Raises:
        BadValueError: it exists and `force` is not given, is no plain file, is one of a shop's own, or cannot be made.
        UnreachableError: the disk is full or gives errors.
    """
    if name is None:
        yield sys.stdout
        return
    path = Path(name)
    try:
        _check_free(path, safe(name, 200), force=force)
        draft = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            with draft.open("x", encoding="utf-8", newline="") as stream:
                yield stream
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        said = f"{safe(name, 200)} cannot be written: {error.strerror}."
        if error.errno in NO_ROOM:
            raise UnreachableError(said, "Free some space, or name a file on another disk, and do it again.") from None
        raise BadValueError(said, "Check the folder.") from None


def _check_free(path: Path, name: str, *, force: bool) -> None:
    from shopctl import home as homes

    homes.refuse_own(path)
    if path.is_symlink():
        raise BadValueError(f"{name} is a link, which is neither followed nor replaced.", "Name a file that is none.")
    if path.exists() and not path.is_file():
        raise BadValueError(f"{name} is a folder or a device, not a file.", "Name a file.")
    if path.exists() and not force:
        raise BadValueError(f"{name} exists already.", "Name another file, or add --force to replace it.")


def _encode(value: Any) -> str:
    return str(value)


def _json(value: object) -> bytes:
    return msgspec.json.encode(value, enc_hook=_encode)


def _write_csv(values: Sequence[object], columns: Sequence[Column]) -> None:
    flat = [_flat(plain(value)) for value in values]
    names = list(flat[0]) if flat else [column.field.replace(".", "_") for column in columns]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in flat:
        writer.writerow([csv_cell(row.get(name)) for name in names])
    line(text.getvalue().rstrip("\n"))


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
