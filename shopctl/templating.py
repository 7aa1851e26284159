"""Jinja2 in its sandbox: templates see plain values, and what is written in a name stays text."""

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shopctl.money import Money
from shopctl.text import markdown, safe

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment


@functools.cache
def environment(folder: Path) -> "ImmutableSandboxedEnvironment":
    """Return the environment of the templates in `folder`; pages (``.html``) are escaped by themselves.

    Filters: `money` (``9.90 EUR``), `line` (any text as one line that obeys nobody), `cell` (the same, for Markdown).
    """
    from jinja2 import FileSystemLoader, StrictUndefined, select_autoescape
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["money"] = Money.shown
    made.filters["line"] = _one_line
    made.filters["cell"] = _cell
    return made


def _one_line(value: Any) -> str:
    return safe(str(value), 300)


def _cell(value: Any) -> str:
    return markdown(safe(str(value), 300))
