"""What a carrier's software gives back: tracking numbers and arrivals, checked whole, then applied parcel by parcel.

The same file again changes nothing.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from shopctl import files
from shopctl.errors import BadValueError
from shopctl.files import Problem, Sheet
from shopctl.services.orders import parcels
from shopctl.services.orders.arriving import deliver
from shopctl.services.orders.naming import EXPECTED, UnusableError, known_by, meant
from shopctl.services.orders.queries import as_of, find
from shopctl.services.orders.shipping import LABEL_LIMITS, labelled, ship, track
from shopctl.text import checked, safe

COLUMNS = ("shipment", "order", "tracking", "carrier", "link", "status")
"""The columns of a carrier's file (``docs/files.md``)."""

CHUNK = 25
_NUMBER = 200
_STATUSES = ("shipped", "delivered")
_HERE = ("pending", "packed")
_EXPECTED = {
    **EXPECTED,
    **{name: f"a text of at most {limit} characters" for name, limit in LABEL_LIMITS.items()},
    "link": f"a web address (https://…) of at most {LABEL_LIMITS['link']} characters",
    "status": "shipped or delivered",
}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a carrier says of a parcel; an empty text says nothing. `rows` are where the file says so."""

    rows: tuple[int, ...]
    number: str
    parcel: int
    tracking: str
    carrier: str
    link: str
    delivered: bool


class Plan(msgspec.Struct, frozen=True):
    """What an import would do: what is said of each parcel, what is wrong with the other rows, how many say nothing."""

    reports: list[Report]
    problems: list[Problem]
    silent: int


class Applied(msgspec.Struct, frozen=True):
    """What became of a parcel."""

    shipped: bool = False
    tracked: bool = False
    delivered: bool = False


def plan(conn: Connection, sheet: Sheet, *, carrier: str = "") -> Plan:
    """Check every row of a table whose columns have our names; nothing is written.

    A row names its parcel, or its order: then the parcel with its tracking number is meant, else the one that is packed
    or on its way. Without a tracking number, an order stands for its only parcel.

    Args:
        conn: any connection.
        sheet: the table.
        carrier: who carries the parcels of the rows that do not say so.

    Raises:
        BadValueError: the carrier's name cannot be used.
    """
    carrier = checked(carrier, "carrier", limit=LABEL_LIMITS["carrier"])
    problems: list[Problem] = []
    read: list[tuple[files.Row, dict[str, str]]] = []
    for row in sheet.rows:
        cells = _cells(row, problems)
        if cells is not None:
            read.append((row, cells))
    known = known_by(conn, {cells[name] for _, cells in read for name in ("shipment", "order") if cells[name]})
    reports: dict[int, Report] = {}
    silent = 0
    for row, cells in read:
        if not (cells["tracking"] or cells["link"] or cells["status"]):
            silent += 1
            continue
        try:
            head, parcel = meant(known, cells)
            _check(conn, head, parcel, cells)
        except UnusableError as error:
            problems.append(Problem(row.number, *error.args))
            continue
        said = Report(
            rows=(row.number,),
            number=head.number,
            parcel=parcel.parcel,
            tracking=cells["tracking"],
            carrier=cells["carrier"],
            link=cells["link"],
            delivered=cells["status"] == "delivered",
        )
        reports[parcel.id] = _merged(reports[parcel.id], said, problems) if parcel.id in reports else said
    bad = {problem.row for problem in problems}
    usable = [report for report in reports.values() if bad.isdisjoint(report.rows)]
    return Plan(
        reports=[msgspec.structs.replace(report, carrier=report.carrier or carrier) for report in usable],
        problems=sorted(problems, key=lambda problem: problem.row),
        silent=silent,
    )


def apply(conn: Connection, report: Report) -> Applied:
    """Do what a carrier says: a parcel that is here leaves, one that left gets its number, or arrives.

    Raises:
        NotFoundError: the parcel was given up meanwhile.
        RefusedError: its order was put on hold meanwhile.
    """
    head = find(conn, report.number)
    parcel = parcels.named(parcels.rows(conn, head.id), head.number, str(report.parcel))
    carrier, tracking, link = report.carrier, report.tracking, report.link
    place = str(report.parcel)
    shipped = parcel.status in _HERE
    labels = labelled(parcel, carrier, tracking, link)
    tracked = not shipped and any(getattr(parcel, name) != text for name, text in labels.items())
    if shipped:
        ship(conn, head.number, parcel=place, carrier=carrier, tracking=tracking, link=link)
    elif tracked:
        track(conn, head.number, parcel=place, carrier=carrier, tracking=tracking, link=link)
    delivered = report.delivered and parcel.status in (*_HERE, "shipped")
    if delivered:
        deliver(conn, head.number, parcel=place)
    return Applied(shipped, tracked, delivered)


def _cells(row: files.Row, problems: list[Problem]) -> dict[str, str] | None:
    """Return the texts of a row, "" where there is none; or None, and what is wrong with it."""
    texts = dict.fromkeys(COLUMNS, "")
    before = len(problems)
    for column, value in row.cells.items():
        try:
            texts[column] = _text(column, value)
        except BadValueError:
            problems.append(Problem(row.number, column, _EXPECTED[column], safe(str(value), 60)))
    if len(problems) == before and not (texts["shipment"] or texts["order"]):
        problems.append(Problem(row.number, "shipment", _EXPECTED["shipment"], ""))
    return None if len(problems) > before else texts


def _text(column: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise BadValueError("This is no text.")
    text = checked(str(value), column, limit=LABEL_LIMITS.get(column, _NUMBER))
    if column in ("shipment", "order"):
        return text.removeprefix("#")
    if column == "status":
        text = text.casefold()
        if text not in ("", *_STATUSES):
            raise BadValueError("This is no status.")
    return text


def _check(conn: Connection, head: Row[Any], parcel: Row[Any], cells: Mapping[str, str]) -> None:
    number = f"{head.number}-{parcel.parcel}"
    column = "shipment" if cells["shipment"] else "order"
    if parcel.status in _HERE and head.on_hold:
        way_out = f"`shopctl order unhold {head.number}`"
        raise UnusableError(column, f"an order that is not on hold ({way_out} lets it go on)", cells[column])
    status = as_of(conn, head).get("status", head.status)
    if parcel.status in _HERE and status not in ("placed", "completed"):
        raise UnusableError(column, f"an order that can be shipped; it is {status}", cells[column])
    if cells["status"] == "delivered" and parcel.status in ("lost", "returned_to_sender"):
        gone = parcel.status.replace("_", " ")
        raise UnusableError("status", f"another, for {number} is recorded as {gone}", cells["status"])
    try:
        labelled(parcel, cells["carrier"], cells["tracking"], cells["link"])
    except BadValueError:
        raise UnusableError("link", _EXPECTED["link"], cells["link"]) from None


def _merged(earlier: Report, later: Report, problems: list[Problem]) -> Report:
    """Return what two rows say of one parcel, or say that they contradict each other."""
    rows = earlier.rows + later.rows
    texts = {}
    for name in ("tracking", "carrier", "link"):
        before, after = getattr(earlier, name), getattr(later, name)
        if before and after and before != after:
            where = ", ".join(str(row) for row in rows)
            expected = f"one text for {earlier.number}-{earlier.parcel} in the rows {where}"
            problems += [Problem(row, name, expected, before) for row in earlier.rows]
            problems.append(Problem(later.rows[0], name, expected, after))
        texts[name] = after or before
    return msgspec.structs.replace(earlier, rows=rows, delivered=earlier.delivered or later.delivered, **texts)
