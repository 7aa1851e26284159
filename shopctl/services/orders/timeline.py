"""An order's timeline: each event in a few words, with what it changed."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Row

from shopctl.events import Recorded
from shopctl.money import Money
from shopctl.services.orders.values import Changed, Step

Payload = Mapping[str, Any]
Remarks = Mapping[int, Row[Any]]


def step(event: Recorded, remarks: Remarks) -> Step:
    """Return what happened as an entry of a timeline; `remarks` holds the words that events name."""
    describe = _SUMMARIES.get(event.type)
    summary = describe(event.payload) if describe else event.type
    remark = remarks.get(event.payload.get("remark") or 0)
    if remark is not None and remark.after:
        summary = f"{summary}: {remark.after}"
    return Step(event.at, event.type, event.actor, summary, _changes(event.payload, remarks))


def _changes(payload: Payload, remarks: Remarks) -> list[Changed]:
    currency = payload.get("currency", "")
    changes = [
        Changed(line["sku"], _line(line["before"], currency), _line(line["after"], currency))
        for line in payload.get("lines") or ()
    ]
    texts = [remarks[row] for row in payload.get("remarks") or () if row in remarks]
    changes += [Changed(row.kind.replace("_", " "), row.before, row.after) for row in texts]
    before, after = payload.get("total_before"), payload.get("total_after")
    if before is not None and after is not None and before != after:
        changes.append(Changed("total", str(Money(before, currency)), str(Money(after, currency))))
    return changes


def _line(state: tuple[int, int] | None, currency: str) -> str:
    return f"{state[0]:,} at {Money(state[1], currency)}" if state else ""


def _money(payload: Payload, field: str = "amount") -> str:
    return Money(payload[field], payload["currency"]).shown()


def _units(payload: Payload) -> str:
    return _count(payload["units"])


def _count(units: int) -> str:
    return f"{units:,} unit" if units == 1 else f"{units:,} units"


def _parcel(payload: Payload) -> str:
    return f"parcel {payload['number']}-{payload['parcel']}"


def _placed(payload: Payload) -> str:
    short = payload.get("short", 0)
    reserved = f"{_count(payload['units'] - short)} reserved"
    return f"Placed: {reserved}{f', {short:,} short' if short else ''}, total {_money(payload, 'total')}"


def _edited(payload: Payload) -> str:
    before, after = payload["total_before"], payload["total_after"]
    currency = payload["currency"]
    return (
        "Edited" if before == after else f"Edited: total {Money(before, currency)} → {Money(after, currency).shown()}"
    )


def _inspected(payload: Payload) -> str:
    parts = [
        f"{payload[what]:,} {words}"
        for what, words in (("restocked", "restocked"), ("written_off", "written off"))
        if payload[what]
    ]
    return ", ".join(parts) or "to be inspected"


def _claimed(payload: Payload) -> str:
    replaced = f", replaced by order {payload['replacement']}" if payload.get("replacement") else ""
    return f"Claim: {_units(payload)} {payload['kind']}{replaced}"


_SUMMARIES: dict[str, Callable[[Payload], str]] = {
    "OrderDrafted": lambda p: f"Drafted: {_units(p)} held, total {_money(p, 'total')}",
    "DraftLapsed": lambda p: f"The draft's time is up: {_units(p)} free again",
    "OrderPlaced": _placed,
    "OrderExpired": lambda p: f"Expired unpaid: {_units(p)} released",
    "OrderHeld": lambda _: "On hold",
    "OrderUnheld": lambda _: "Goes on",
    "NoteAdded": lambda _: "Note",
    "OrderEdited": _edited,
    "PaymentAuthorized": lambda p: f"Authorized {_money(p)} by {p['method']}",
    "PaymentVoided": lambda p: f"Authorization of {_money(p)} by {p['method']} given back",
    "PaymentCaptured": lambda p: f"Paid {_money(p)} by {p['method']}",
    "PaymentRefunded": lambda p: f"Refunded {_money(p)} by {p['method']}",
    "PickingStarted": lambda p: f"Picking {_units(p)} for {_parcel(p)}",
    "ParcelPacked": lambda p: f"Packed {_units(p)} in {_parcel(p)}",
    "ParcelUnpacked": lambda p: f"Unpacked {_parcel(p)}: {_units(p)} back on the shelf",
    "ShipmentSent": lambda p: f"Shipped {_parcel(p)}: {_units(p)}",
    "ShipmentUndone": lambda p: f"Not shipped after all: {_parcel(p)}, {_units(p)}",
    "ShipmentTracked": lambda p: f"Tracking of {_parcel(p)}",
    "ShipmentDelivered": lambda p: f"Delivered {_parcel(p)}",
    "ShipmentLost": lambda p: f"Lost {_parcel(p)}",
    "ShipmentReturned": lambda p: f"Returned to sender: {_parcel(p)}",
    "LinesCancelled": lambda p: f"Cancelled {_units(p)}",
    "OrderCancelled": lambda p: f"Cancelled: {_units(p)} released",
    "ReturnRequested": lambda p: f"Return of {_units(p)} requested",
    "ReturnWithdrawn": lambda p: f"Return of {_units(p)} withdrawn",
    "ReturnReceived": lambda p: f"{_units(p)} came back: {_inspected(p)}".capitalize(),
    "ReturnInspected": lambda p: f"Inspected: {_inspected(p)}",
    "ClaimOpened": _claimed,
    "StockAllocated": lambda p: f"{_units(p)} arrived and reserved".capitalize(),
    "StockFellShort": lambda p: f"{_units(p)} not there any more, now short".capitalize(),
    "DocumentIssued": lambda p: f"Issued {p['document']}: {_money(p, 'total')}",
}
