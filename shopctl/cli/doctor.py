"""``shopctl doctor``."""

import sqlite3

import msgspec
import typer

from shopctl.cli import output
from shopctl.cli.context import Context, ShopCommand, options
from shopctl.errors import UnsoundError
from shopctl.services.reports.soundness import Finding

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """What the doctor found; `remarks` are worth knowing and break nothing."""

    sound: bool
    findings: list[Finding]
    remarks: list[str]
    sqlite: str
    schema: str


@app.command(cls=ShopCommand)
def doctor(context: Context) -> None:
    """Prove that the shop's numbers hold: exit 0 if they do, 6 if not.

    Example: shopctl doctor
    """
    from shopctl import events
    from shopctl.database import schema
    from shopctl.services import notifications, privacy
    from shopctl.services.reports import soundness

    shop = context.shop
    workers = len(shop.presence.alive())
    with shop.read() as conn:
        findings = soundness.prove(conn, workers=workers)
        backlog, queue = events.backlog(conn), notifications.queue(conn)
        found = Diagnosis(
            sound=not any(finding.problems for finding in findings),
            findings=findings,
            remarks=_remarks(
                workers,
                backlog.waiting + queue.due,
                queue.states.get("dead", 0),
                forgetting=privacy.unfinished(shop.home),
            ),
            sqlite=sqlite3.sqlite_version,
            schema=schema.version(conn) or "",
        )
    if options.format in (None, "table"):
        _show(found)
    else:
        context.print(found)
    if not found.sound:
        broken = sum(len(finding.problems) for finding in findings)
        raise UnsoundError(
            f"{broken:,} numbers do not hold.",
            "Make a copy with `shopctl db backup` before anything else, and look at them.",
        )


def _remarks(workers: int, waiting: int, dead: int, *, forgetting: bool) -> list[str]:
    remarks = []
    if waiting and not workers:
        remarks.append(f"Events or messages wait ({waiting:,}), and no worker runs: shopctl worker run --burst")
    if dead:
        remarks.append(f"Messages are dead ({dead:,}): shopctl notify list --state dead")
    if forgetting:
        remarks.append("A person was forgotten, and files may still hold their data: shopctl customer forget")
    return remarks


def _show(found: Diagnosis) -> None:
    for finding in found.findings:
        mark = "✗" if finding.problems else "✓"
        output.line(
            f"{output.styled(mark, 'red' if finding.problems else 'green')} {finding.name} ({finding.checked:,})"
        )
        for problem in finding.problems[:20]:
            output.line(f"    {output.cell_line(problem)}")
        if len(finding.problems) > 20:
            output.line(f"    … and {len(finding.problems) - 20:,} more; --json lists all")
    for remark in found.remarks:
        output.line(f"{output.styled('!', 'yellow')} {remark}")
    output.line(f"Schema {found.schema}, SQLite {found.sqlite}.")
