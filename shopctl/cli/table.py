"""Tables for people: cells that no terminal obeys, columns that fit."""

import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from shopctl.cli.terminal import bold, line, styled, tell
from shopctl.money import Money
from shopctl.text import markdown, safe

_CELL = 60
_SHORTEST = 16
_SHORTEST_OF_ALL = 6  # where nothing is left to leave out: a cut name is better read than a wrapped row

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


def cell(value: Any) -> str:
    """Return a value as a cell of a table that no terminal obeys."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return _shown(value)
    if isinstance(value, Money):
        return value.shown().rpartition(" ")[0]
    if isinstance(value, (list, tuple)):
        return safe(", ".join(str(part) for part in value), _CELL)
    if isinstance(value, dict):
        return safe(", ".join(f"{name}: {part}" for name, part in value.items()), _CELL)
    return safe(str(value), _CELL)


def cell_line(text: str) -> str:
    """Return a line of text that no terminal obeys, its indentation kept."""
    return " " * (len(text) - len(text.lstrip(" "))) + safe(text.strip())


def in_zone(name: str) -> None:
    """Have times in tables shown in the time zone called `name`."""
    global _zone_name  # noqa: PLW0603 (one process prints for one shop)
    _zone_name = name


_zone_name = "UTC"


def write_table(values: Sequence[object], columns: Sequence[Column]) -> None:
    """Print rows under their headers. On a terminal they fit it: what is a number or a state is never cut."""
    table = [[column.header for column in columns], *(_cells(value, columns) for value in values)]
    terminal = sys.stdout.isatty()
    left_out: list[str] = []
    if terminal:
        columns, table, left_out = _fitted(columns, table, shutil.get_terminal_size().columns)
    widths = [max(map(_width, texts)) for texts in zip(*table, strict=True)]
    for i, texts in enumerate(table):
        padded = [
            _padded(text, width, column.right) for text, width, column in zip(texts, widths, columns, strict=True)
        ]
        if terminal and i == 0:
            line(bold("  ".join(padded).rstrip()))
        elif terminal:
            styles = (STYLES.get(text, "") for text in texts)
            cells = (styled(text, style) if style else text for text, style in zip(padded, styles, strict=True))
            line("  ".join(cells).rstrip())
        else:
            line("  ".join(padded).rstrip())
    if left_out:
        tell(f"Not shown, for lack of room: {', '.join(left_out)}.", style="dim")


def write_markdown(values: Sequence[object], columns: Sequence[Column]) -> None:
    """Print rows as a table of Markdown."""
    line("| " + " | ".join(column.header for column in columns) + " |")
    line("| " + " | ".join("---:" if column.right else "---" for column in columns) + " |")
    for value in values:
        line("| " + " | ".join(markdown(text) for text in _cells(value, columns)) + " |")


def _fitted(
    columns: Sequence[Column], table: Sequence[Sequence[str]], room: int
) -> tuple[list[Column], list[list[str]], list[str]]:
    """Leave out what is empty in every row, shorten texts, then leave out what matters least, until rows fit."""
    kept = [i for i in range(len(columns)) if any(row[i] for row in table[1:])] or list(range(len(columns)))
    left_out: list[str] = []
    while True:
        widths = {i: max(_width(row[i]) for row in table) for i in kept}
        over = sum(widths.values()) + 2 * (len(kept) - 1) - room
        flexible = [i for i in kept if columns[i].flexible]
        over = _shorten(widths, flexible, over, _SHORTEST)
        spare = [i for i in kept if columns[i].spare]
        if over <= 0 or not spare:
            _shorten(widths, flexible, over, _SHORTEST_OF_ALL)
            break
        first = max(spare, key=lambda i: columns[i].spare)
        kept.remove(first)
        left_out.append(columns[first].header)
    fitting = [[_cut(row[i], widths[i]) for i in kept] for row in table]
    return [columns[i] for i in kept], fitting, [name for name in left_out if name]


def _shorten(widths: dict[int, int], flexible: Sequence[int], over: int, least: int) -> int:
    """Take what is `over` from the widest of the flexible columns in turn, down to `least`; return what is left."""
    for _ in range(over):
        widest = max(flexible, key=lambda i: widths[i], default=None)
        if widest is None or widths[widest] <= least:
            break
        widths[widest] -= 1
        over -= 1
    return over


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


def _field(value: object, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else getattr(value, name)
    return value


def _cells(value: object, columns: Sequence[Column]) -> list[str]:
    return [column.read(value) if column.read else cell(_field(value, column.field)) for column in columns]


def _shown(at: datetime) -> str:
    from shopctl import clock

    return clock.shown(at, clock.zone(_zone_name))
