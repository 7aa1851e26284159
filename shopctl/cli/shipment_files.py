"""Parcels to and from a carrier's software, with what is said about it."""

import csv
import re
from typing import TYPE_CHECKING, Any

import msgspec

from shopctl import files
from shopctl.cli import output, rejects
from shopctl.errors import BadValueError
from shopctl.services.orders import carriers, consigning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from sqlalchemy import Connection

    from shopctl.cli.context import Context
    from shopctl.services.orders.carriers import Report
    from shopctl.services.orders.consigning import Consignment

_BOM = "\ufeff"
_PHONE = re.compile(r"\+?[\d\s()./-]{4,}")
_NAMED = 10


class Imported(msgspec.Struct, frozen=True):
    """What an import did: parcels that left, got a number, arrived, or were so already; rows that were set aside."""

    shipped: int
    tracked: int
    delivered: int
    unchanged: int
    skipped: int


def export_shipments(
    context: "Context", target: str | None, statuses: tuple[str, ...], shape: str | None, *, force: bool, bom: bool
) -> None:
    """Write the parcels for a carrier; see `shopctl shipment export --help`."""
    target = None if target == "-" else target
    if shape is None:
        shape = "csv" if target is None or not files.is_jsonl(target) else target.rpartition(".")[2]
        shape = "jsonl" if shape == "ndjson" else shape
    if shape not in ("csv", "json", "jsonl"):
        raise BadValueError(f"Parcels are not exported as {shape}.", "Use --format csv, json or jsonl.")
    if bom and shape != "csv":
        raise BadValueError("Only CSV begins with a byte order mark.", "Leave --bom out.")
    with context.shop.read() as conn:
        found = consigning.handover(conn, statuses)
    with output.target(target, force=force) as stream:
        if shape == "csv":
            _write_csv(stream, found.parcels, bom=bom)
        else:
            _write_json(stream, found.parcels, lines=shape == "jsonl")
    if target is not None:
        output.tell(f"Wrote {output.counted(len(found.parcels), 'parcel')} to {target}.")
    _tell("not written, for their orders are on hold", found.held_back)
    _tell("written without an address", [parcel.shipment for parcel in found.parcels if not parcel.has_address])


def import_shipments(
    context: "Context",
    file: str,
    *,
    mapping: str | None,
    carrier: str,
    skip_bad: str | None,
    force: bool,
    dry_run: bool,
) -> None:
    """Check the whole file, then do what it says in chunks; see `shopctl shipment import --help`."""
    rejects.check_name(skip_bad, file)
    source = files.read(file)
    output.tell(f"Read {output.counted(len(source.rows), 'row')}: {source.dress}.")
    sheet, unused = files.mapped(source, mapping, carriers.COLUMNS)
    if unused:
        output.tell(f"Columns not used: {', '.join(output.cell(name) for name in unused)}.")
    for names in (("shipment", "order"), ("tracking", "link", "status")):
        if not set(names) & set(sheet.columns):
            raise BadValueError(
                f"The file has no column {' or '.join(names)}.",
                f"Say which it is, such as --map {names[0]}={output.cell((unused or ['COLUMN'])[0])}.",
            )
    with context.shop.read() as conn:
        plan = carriers.plan(conn, sheet, carrier=carrier)
    if plan.problems and skip_bad is None:
        raise rejects.refused(plan.problems)
    if plan.silent:
        output.tell(f"{output.counted(plan.silent, 'row')} with no tracking number, link or status: nothing to do.")
    if skip_bad is not None and plan.problems and not dry_run:
        rejects.write(skip_bad, source, plan.problems, force=force)
    if dry_run:
        with context.writing(dry_run=True) as conn:
            done = _applied(conn, plan.reports)
    else:
        done = []
        for chunk in _chunks(plan.reports):
            with context.writing() as conn:
                done += _applied(conn, chunk)
    result = Imported(
        shipped=sum(one.shipped for one in done),
        tracked=sum(one.tracked for one in done),
        delivered=sum(one.delivered for one in done),
        unchanged=sum(one == carriers.Applied() for one in done),
        skipped=len({problem.row for problem in plan.problems}),
    )
    context.print(result, [output.Column(name, name.capitalize(), right=True) for name in Imported.__struct_fields__])


def _chunks(reports: "list[Report]") -> "Iterator[list[Report]]":
    for start in range(0, len(reports), carriers.CHUNK):
        yield reports[start : start + carriers.CHUNK]


def _applied(conn: "Connection", reports: "list[Report]") -> list[carriers.Applied]:
    return [carriers.apply(conn, report) for report in reports]


def _write_csv(stream: "TextIO", parcels: "list[Consignment]", *, bom: bool) -> None:
    """Write RFC 4180: lines end with CR LF."""
    if bom:
        stream.write(_BOM)
    names = consigning.Consignment.__struct_fields__
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(names)
    for parcel in parcels:
        row = output.plain(parcel) | {"phone": _dialled(parcel.phone)}
        writer.writerow([output.csv_cell(_one_line(row[name])) for name in names])


def _write_json(stream: "TextIO", parcels: "list[Consignment]", *, lines: bool) -> None:
    rows = [output.plain(parcel) for parcel in parcels]
    if lines:
        stream.writelines(msgspec.json.encode(row).decode() + "\n" for row in rows)
    else:
        stream.write(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode() + "\n")


def _one_line(value: Any) -> Any:
    """Return a text on one line: the programs of carriers read a file line by line, quotes or not."""
    return " ".join(value.splitlines()) if isinstance(value, str) else value


def _dialled(phone: str) -> str:
    """Return a telephone number as it is dialled; one that begins with + is a number then, which needs no shield."""
    if not _PHONE.fullmatch(phone):
        return phone
    return ("+" if phone.startswith("+") else "") + "".join(c for c in phone.replace("(0)", "") if c.isdigit())


def _tell(what: str, numbers: list[str]) -> None:
    if numbers:
        named = ", ".join(output.cell(number) for number in numbers[:_NAMED])
        more = ", …" if len(numbers) > _NAMED else ""
        output.tell(f"{output.counted(len(numbers), 'parcel')} {what}: {named}{more}", style="yellow")
