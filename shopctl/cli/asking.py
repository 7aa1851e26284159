"""Asking before what cannot be taken back."""

import sys

from shopctl.cli import output
from shopctl.cli.context import options
from shopctl.errors import BadValueError, RefusedError


def ask(question: str) -> None:
    """Ask on stderr and go on if the answer is yes; with ``--yes`` ask nothing.

    Raises:
        BadValueError: there is no terminal to ask at.
        RefusedError: the answer is no.
    """
    if options.yes:
        return
    if not sys.stdin.isatty():
        raise BadValueError("This asks before it acts, and there is no terminal to ask at.", "Add --yes.")
    output.tell(f"{question} [y/N]", end=" ")
    if sys.stdin.readline().strip().casefold() not in ("y", "yes"):
        raise RefusedError("Nothing was changed.", "Answer y to go on, or add --yes.")
