"""Rows of a file that cannot be used: told, or set aside to be mended and imported again."""

import csv
from collections.abc import Sequence
from pathlib import Path

import msgspec

from shopctl import files
from shopctl.cli import output
from shopctl.errors import BadValueError
from shopctl.files import Problem, Sheet

_SHOWN_PROBLEMS = 50


class BadRowsError(BadValueError):
    """Rows of a file that cannot be used; nothing was written."""

    code = "bad_rows"


def check_name(name: str | None, file: str) -> None:
    """Check that the rejects would not replace the file that they come from.

    Raises:
        BadValueError: they would.
    """
    if name is not None and Path(name).exists() and Path(file).exists() and Path(file).samefile(name):
        raise BadValueError("The rejects would replace the file that is imported.", "Name another --skip-bad FILE.")


def refused(problems: Sequence[Problem]) -> BadRowsError:
    """Tell what is wrong with which rows, and return the error that ends the import."""
    rows = len({problem.row for problem in problems})
    for problem in problems[:_SHOWN_PROBLEMS]:
        output.tell(str(problem))
    if len(problems) > _SHOWN_PROBLEMS:
        output.tell(f"… and {len(problems) - _SHOWN_PROBLEMS:,} more.")
    return BadRowsError(
        f"{output.counted(rows, 'row')} cannot be used; nothing was imported.",
        "Mend them, or add --skip-bad FILE to import the others.",
        problems=[msgspec.to_builtins(problem) for problem in problems],
    )


def write(name: str, source: Sheet, problems: Sequence[Problem], *, force: bool) -> None:
    """Write the bad rows as they came, with their reasons in a last column that an import leaves out; say so."""
    reasons: dict[int, list[str]] = {}
    for problem in problems:
        reasons.setdefault(problem.row, []).append(f"{problem.column}: expected {problem.expected}")
    rejected = [{**row.cells, "reason": "; ".join(reasons[row.number])} for row in source.rows if row.number in reasons]
    with output.target(name, force=force) as stream:
        if files.is_jsonl(name):
            stream.writelines(msgspec.json.encode(row).decode() + "\n" for row in rejected)
        else:
            delimiter = ";" if source.decimal_comma else ","
            columns = [column for column in source.columns if column != "reason"]
            writer = csv.DictWriter(stream, [*columns, "reason"], delimiter=delimiter, lineterminator="\r\n")
            writer.writeheader()
            for row in rejected:
                structured = {
                    column: msgspec.json.encode(value).decode()
                    for column, value in row.items()
                    if isinstance(value, (list, dict))
                }
                writer.writerow({column: output.csv_cell(value) for column, value in (row | structured).items()})
    output.tell(f"{output.counted(len(reasons), 'row')} skipped; {name} has them, with the reasons.", style="yellow")
