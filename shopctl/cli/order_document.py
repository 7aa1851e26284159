"""``shopctl order document``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from shopctl.cli import output
from shopctl.cli.context import Context, DryRun, completing, options
from shopctl.cli.output import Column
from shopctl.errors import BadValueError
from shopctl.services import orders
from shopctl.text import safe

if TYPE_CHECKING:
    from shopctl.services.documents import Document, Kind, Slip
    from shopctl.services.documents.rendering import Form

COLUMNS = [
    Column("number", "Number"),
    Column("kind", "Kind"),
    Column("issued_at", "Issued"),
    Column("total", "Total", right=True),
    Column("currency", ""),
    Column("corrects", "Corrects", flexible=True),
]
_FORMS: dict[str, "Form"] = {".html": "html", ".htm": "html", ".md": "md"}
_KINDS: dict[str | None, "Kind"] = {"invoice": "invoice", "credit-note": "credit_note"}


def document(
    context: Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", autocompletion=completing(orders.completing))],
    kind: Annotated[
        Literal["invoice", "credit-note", "slip"] | None,
        typer.Option(help="What to issue or print; without it, those issued are listed."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--number", help="One that was issued before.", metavar="INV-000001")
    ] = None,
    parcel: Annotated[
        str | None, typer.Option("--parcel", help="The slip of this parcel of the order.", metavar="1001-1")
    ] = None,
    file: Annotated[
        str | None, typer.Option("--output", help="A file that ends in .html or .md.", metavar="FILE")
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="Print a page of HTML instead of Markdown.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Issue an invoice or a credit note, or print a packing slip.

    What is issued is numbered and stays as it is: asked again, the same one is printed. A second invoice holds what
    was added since, a credit note what was cancelled, returned or refunded.

    Example: shopctl order document 1001 --kind invoice --output invoice.html
    """
    form = _form(kind, name, file, html=html)
    if parcel is not None and kind != "slip":
        raise BadValueError("--parcel is for packing slips.", "Add --kind slip.")
    if kind is None and name is None:
        from shopctl.services import documents

        with context.shop.read() as conn:
            rows = documents.issued(conn, number)
        context.print(rows, COLUMNS)
        return
    with output.target(None if dry_run else file, force=force) as stream:
        found = (
            _issued(context, number, _KINDS[kind], dry_run=dry_run)
            if kind in _KINDS
            else _read(context, number, name, parcel)
        )
        if file is not None and not dry_run:
            stream.write(_rendered(found, form))
    if options.format not in (None, "table", "md"):
        context.print(found, COLUMNS)
    elif file is None or dry_run:
        output.line(_rendered(found, form).rstrip("\n"))


def _form(kind: str | None, name: str | None, file: str | None, *, html: bool) -> "Form":
    """Return whether a page or Markdown is asked for, before anything is issued.

    Raises:
        BadValueError: it does not go together.
    """
    if kind is not None and name is not None:
        raise BadValueError("--number names what was issued already.", "Leave out --kind, or --number.")
    if (file or html) and kind is None and name is None:
        raise BadValueError("Which document?", "Add --kind invoice, credit-note or slip.")
    if file is None:
        return "html" if html else "md"
    form = _FORMS.get(Path(file).suffix.lower())
    if form is None or (html and form == "md"):
        raise BadValueError(f"{safe(file, 200)} is no name for a document.", "Let it end in .html or .md.")
    return form


def _issued(context: Context, number: str, kind: "Kind", *, dry_run: bool) -> "Document":
    from shopctl.services import documents

    with context.writing(dry_run) as conn:
        known = {earlier.number for earlier in documents.issued(conn, number)}
        made = documents.issue(conn, number, kind)
    if made.number in known:
        output.tell(f"{made.number} was issued {output.cell(made.issued_at)}; nothing has changed since.")
    elif not dry_run:
        output.tell(f"Issued {made.number}.")
    return made


def _read(context: Context, number: str, name: str | None, parcel: str | None) -> "Document | Slip":
    from shopctl.services import documents

    with context.shop.read() as conn:
        return documents.slip(conn, number, parcel) if name is None else documents.get(conn, number, name)


def _rendered(found: "Document | Slip", form: "Form") -> str:
    from shopctl.services import documents

    return documents.render(found, form)
