"""Products from a table: checked whole, then added or changed by SKU.

Importing the same table again changes nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, update

from shopctl.database import now, operation_id
from shopctl.errors import BadValueError
from shopctl.files import Problem, Row, Sheet
from shopctl.money import Money
from shopctl.services.products import queries
from shopctl.services.products import sku as skus
from shopctl.services.products.cells import readers
from shopctl.services.products.changes import row as product_row
from shopctl.services.products.changes import set_prices
from shopctl.services.products.tables import product
from shopctl.services.products.values import Product, ProductDraft
from shopctl.text import safe

COLUMNS = (
    "sku",
    "name",
    "description",
    "price",
    "compare_at",
    "cost",
    "stock",
    "category",
    "tags",
    "barcode",
    "weight",
    "tax_class",
    "status",
    "variant_of",
    "options",
    "reorder_point",
    "location",
    "bin",
)
"""The columns of a product file (``docs/files.md``)."""

CHUNK = 500
_STOCK_FIELDS = ("stock", "reorder_point", "location", "bin")


class ImportRow(msgspec.Struct, frozen=True):
    """A checked row: what it sets of the product `sku`, and of its stock. What is not in `fields` stays as it is."""

    number: int
    sku: str
    fields: dict[str, Any]
    shelf: dict[str, Any]

    @property
    def key(self) -> str:
        """The key under which its SKU is unique."""
        return skus.key(self.sku)


class Plan(msgspec.Struct, frozen=True):
    """What an import would do: the rows to write, parents before their variants, and what is wrong with the others."""

    rows: list[ImportRow]
    problems: list[Problem]
    repeated: int


class Upserted(msgspec.Struct, frozen=True):
    """What a chunk of an import did: the products it added (with their rows), and how many it changed or left."""

    added: list[tuple[int, ImportRow]]
    shelved: list[tuple[int, ImportRow]]
    changed: int
    unchanged: int


def plan(conn: Connection, sheet: Sheet, currency: str) -> Plan:
    """Check every row of a table whose columns have our names; nothing is written.

    Rows of one SKU (however it is written) are one product: each column's last value counts, and empty cells set
    nothing.
    """
    merged: dict[str, ImportRow] = {}
    problems: list[Problem] = []
    repeated = 0
    for row in sheet.rows:
        parsed = _parsed(row, currency, decimal_comma=sheet.decimal_comma, problems=problems)
        if parsed is None:
            continue
        if earlier := merged.get(parsed.key):
            repeated += 1
            parsed = ImportRow(
                earlier.number, earlier.sku, earlier.fields | parsed.fields, earlier.shelf | parsed.shelf
            )
        merged[parsed.key] = parsed
    rows = sorted(merged.values(), key=lambda row: "variant_of" in row.fields)
    _check_new(conn, merged, problems)
    return without(Plan(rows=rows, problems=[], repeated=repeated), problems)


def without(made: Plan, problems: Sequence[Problem]) -> Plan:
    """Return a plan less the rows that have `problems`, and less the variants of the products in those rows."""
    bad = {problem.row for problem in problems}
    lost = {row.key for row in made.rows if row.number in bad}
    orphans = [
        Problem(row.number, "variant_of", "a product whose own row can be used", row.fields["variant_of"])
        for row in made.rows
        if row.number not in bad and skus.key(row.fields.get("variant_of") or "") in lost
    ]
    bad |= {problem.row for problem in orphans}
    return Plan(
        rows=[row for row in made.rows if row.number not in bad],
        problems=sorted([*made.problems, *problems, *orphans], key=lambda problem: problem.row),
        repeated=made.repeated,
    )


def upsert(conn: Connection, rows: Sequence[ImportRow], currency: str) -> Upserted:
    """Add or change the products of a chunk of a plan, in one transaction."""
    parents = {skus.key(row.fields["variant_of"]) for row in rows if row.fields.get("variant_of")}
    known = queries.by_key(conn, {row.key for row in rows} | parents)
    regular = queries.regular_prices(conn, [found.id for found in known.values()])
    ids = {key: found.id for key, found in known.items()}
    fresh = [row for row in rows if row.key not in known]
    added = _add(conn, [row for row in fresh if not row.fields.get("variant_of")], ids, currency)
    ids |= {row.key: product_id for product_id, row in added}
    added += _add(conn, [row for row in fresh if row.fields.get("variant_of")], ids, currency)
    outcome = [
        _change(conn, known[row.key], row, ids, regular.get(known[row.key].id)) for row in rows if row.key in known
    ]
    kept = [(known[row.key].id, row) for row in rows if row.key in known]
    return Upserted(
        added=added,
        shelved=[(product_id, row) for product_id, row in kept if _shelf_settings(row)],
        changed=sum(outcome),
        unchanged=len(outcome) - sum(outcome),
    )


def _shelf_settings(row: ImportRow) -> bool:
    return "bin" in row.shelf or "reorder_point" in row.shelf


def _add(
    conn: Connection, rows: Sequence[ImportRow], ids: Mapping[str, int], currency: str
) -> list[tuple[int, ImportRow]]:
    if not rows:
        return []
    made_by, moment = operation_id(conn), now(conn)
    defaults = msgspec.structs.asdict(ProductDraft(name="", price=Money(0, currency)))
    drafts = [{**defaults, **row.fields, "sku": row.sku} for row in rows]
    values = [
        product_row(conn, draft, parent=_parent_id(draft, ids))
        | {"version": 1, "created_at": moment, "operation_id": made_by}
        for draft in drafts
    ]
    made = conn.execute(insert(product).returning(product.c.id, sort_by_parameter_order=True), values).scalars().all()
    set_prices(conn, [(product_id, draft["price"]) for product_id, draft in zip(made, drafts, strict=True)])
    return list(zip(made, rows, strict=True))


def _change(conn: Connection, found: Product, row: ImportRow, ids: Mapping[str, int], regular: int | None) -> bool:
    """Change what differs; return whether something did."""
    before = {field: getattr(found, field) for field in ProductDraft.__struct_fields__}
    before["tags"] = tuple(found.tags)
    price = row.fields.get("price")
    repriced = price is not None and price.amount != regular
    differs = any(before[name] != value for name, value in row.fields.items() if name not in ("price", "variant_of"))
    moved = "variant_of" in row.fields and _parent_id(row.fields, ids) != ids.get(skus.key(found.variant_of or ""))
    if differs or moved:
        fields = {**before, **row.fields, "sku": found.sku}
        values = product_row(conn, fields, parent=_parent_id(fields, ids))
        conn.execute(
            update(product)
            .where(product.c.id == found.id)
            .values(**values, version=product.c.version + 1, operation_id=operation_id(conn))
        )
    if repriced:
        set_prices(conn, [(found.id, row.fields["price"])])
    return differs or moved or repriced


def _parent_id(fields: Mapping[str, Any], ids: Mapping[str, int]) -> int | None:
    return ids[skus.key(fields["variant_of"])] if fields.get("variant_of") else None


def _check_new(conn: Connection, merged: Mapping[str, ImportRow], problems: list[Problem]) -> None:
    """Check what only the whole table can tell: new products have a name and a price, variants a parent."""
    keys = list(merged)
    parents = {skus.key(row.fields["variant_of"]) for row in merged.values() if row.fields.get("variant_of")}
    known = queries.by_key(conn, parents)
    for start in range(0, len(keys), CHUNK):
        known |= queries.by_key(conn, keys[start : start + CHUNK])
    grouped = queries.with_variants(
        conn, [known[key].id for key, row in merged.items() if key in known and row.fields.get("variant_of")]
    )
    for key, row in merged.items():
        if key not in known:
            problems += [
                Problem(row.number, name, f"a {name}, since {safe(row.sku, 70)} is new", "")
                for name in ("name", "price")
                if name not in row.fields
            ]
        parent = skus.key(row.fields.get("variant_of") or "")
        if parent and (parent == key or (parent not in known and parent not in merged)):
            problems.append(Problem(row.number, "variant_of", "the SKU of a product", row.fields["variant_of"]))
        elif (parent in merged and merged[parent].fields.get("variant_of")) or (
            parent in known and known[parent].variant_of
        ):
            problems.append(Problem(row.number, "variant_of", "a product, not a variant", row.fields["variant_of"]))
        elif parent and key in known and known[key].id in grouped:
            problems.append(Problem(row.number, "variant_of", "nothing, for it has variants", row.fields["variant_of"]))


def _parsed(row: Row, currency: str, *, decimal_comma: bool, problems: list[Problem]) -> ImportRow | None:
    fields: dict[str, Any] = {}
    before = len(problems)
    expectations = readers(currency, decimal_comma=decimal_comma)
    for column, value in row.cells.items():
        if value is None or value == [] or (isinstance(value, str) and not value.strip()):
            continue
        expected, read = expectations[column]
        try:
            fields[column] = read(value)
        except (BadValueError, ValueError, TypeError) as error:
            problems.append(Problem(row.number, column, expected, _shown(value, error)))
    if "sku" not in fields and not any(p.column == "sku" for p in problems[before:]):
        if name := fields.get("name"):
            fields["sku"] = skus.made_from(name) or None
        if not fields.get("sku"):
            problems.append(Problem(row.number, "sku", "a SKU, or a name to make it from", ""))
    if len(problems) > before:
        return None
    sku = fields.pop("sku")
    shelf = {name: fields.pop(name) for name in _STOCK_FIELDS if name in fields}
    return ImportRow(row.number, sku, fields, shelf)


def _shown(value: Any, error: Exception) -> str:
    return safe(str(value), 60) + (f" ({error})" if isinstance(error, BadValueError) and len(str(value)) > 60 else "")
