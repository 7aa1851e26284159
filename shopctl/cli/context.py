"""What every command has at hand: its shop, its printer, and the options that stand before or after any verb."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from shopctl.cli import output
from shopctl.errors import ShopError, UnreachableError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from shopctl.cli.output import Column
    from shopctl.shop import Shop

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]
Key = Annotated[str | None, typer.Option("--key", help="Tells a repeated request from a new one.", metavar="KEY")]
Limit = Annotated[int | None, typer.Option("--limit", help="How many at most; 50 on a terminal, else all.", min=1)]

_EVERYWHERE = "Everywhere"
_ON_A_TERMINAL = 50


class Options:
    """The values of the options that stand before or after any verb."""

    home: str | None = None
    actor: str | None = None
    format: str | None = None
    debug = False
    no_color = False
    yes = False

    @property
    def json(self) -> bool:
        """Whether the caller reads JSON."""
        return self.format in ("json", "jsonl")


options = Options()
"""Those of this process: a command line is one process's. `reset` begins anew."""


def reset() -> None:
    """Forget the options of an earlier command line in this process."""
    for name in ("home", "actor", "format", "debug", "no_color", "yes"):
        options.__dict__.pop(name, None)


def _keep(name: str) -> Any:
    def callback(_context: typer.Context, _parameter: object, value: Any) -> Any:
        if value not in (None, False):
            setattr(options, name, value)
        return value

    return callback


def _as_json(_context: typer.Context, _parameter: object, value: bool) -> bool:
    if value:
        options.format = "json"
    return value


def _format(_context: typer.Context, _parameter: object, value: str | None) -> str | None:
    if value is not None:
        if value not in output.FORMATS:
            raise typer.BadParameter(f"{value!r} is none of {', '.join(output.FORMATS)}.")
        options.format = value
    return value


def _everywhere() -> list[TyperOption]:
    def option(*names: str, help: str, callback: Any, metavar: str | None = None) -> TyperOption:
        return TyperOption(
            param_decls=[*names],
            help=help,
            callback=callback,
            is_flag=metavar is None,
            default=False if metavar is None else None,
            metavar=metavar,
            expose_value=False,
            rich_help_panel=_EVERYWHERE,
        )

    return [
        option("--home", help="The shop's folder.", callback=_keep("home"), metavar="DIR"),
        option("--format", help="table, json, jsonl, csv or md.", callback=_format, metavar="FORMAT"),
        option("--json", help="The same as --format json.", callback=_as_json),
        option("--actor", help="Who does this, for the log.", callback=_keep("actor"), metavar="NAME"),
        option("--yes", "-y", help="Ask nothing.", callback=_keep("yes")),
        option("--no-color", help="No colours; so does NO_COLOR.", callback=_keep("no_color")),
        option("--debug", help="Show the traceback of an error.", callback=_keep("debug")),
    ]


class Context(typer.Context):
    """A command's context: its shop and its printer. `happened` is whether its last change changed anything."""

    happened = False

    @cached_property
    def shop(self) -> "Shop":
        """The shop that this command works on, opened on first use and closed with the command."""
        from shopctl.shop import Shop

        opened = Shop(home(), actor=options.actor)
        self.find_root().call_on_close(opened.close)
        output.in_zone(opened.settings.shop.timezone)
        return opened

    @contextmanager
    def writing(self, dry_run: bool = False) -> Iterator["Connection"]:
        """Give a write transaction; after a dry run, say what would have been written."""
        from shopctl.database import current

        with self.shop.write(command=self.command_path, dry_run=dry_run) as conn:
            yield conn
            self.happened = bool(current(conn).recorded)
        if dry_run:
            output.tell_effects(self.shop.effects)

    def print(self, value: object, columns: "list[Column] | None" = None) -> None:
        """Print a value, or rows of them, in the format that was asked for."""
        output.show(value, columns or [], options.format)

    def limited(self, limit: int | None) -> int | None:
        """Return how many rows to fetch: one more than are shown, so that a cut is noticed."""
        if limit is None and options.format in (None, "table") and sys.stdout.isatty():
            limit = _ON_A_TERMINAL
        return None if limit is None else limit + 1

    def print_page(self, rows: list[Any], limit: int | None, columns: "list[Column]") -> None:
        """Print a list of which `limited` rows were fetched, and say when it is cut."""
        fetched = self.limited(limit)
        cut = fetched is not None and len(rows) == fetched
        self.print(rows[:-1] if cut else rows, columns)
        if cut:
            shown = len(rows) - 1
            output.tell(f"Only the first {shown:,} {'is' if shown == 1 else 'are'} shown; --limit N shows more.")

    def moment(self, text: str | None, *, end: bool = False) -> "datetime | None":
        """Return the moment that a person wrote, in the shop's time zone."""
        from shopctl import clock

        if text is None:
            return None
        return clock.moment(text, clock.zone(self.shop.settings.shop.timezone), end=end, now=self.shop.clock())


def home() -> Path:
    """Return the folder of the shop that is asked for."""
    from shopctl import home as homes

    named = options.home or os.environ.get("SHOPCTL_HOME")
    return Path(named) if named else homes.default()


def _with_everywhere(own: list[Any]) -> list[Any]:
    """Return a command's parameters with the options that stand before or after any verb, before its --help."""
    return [*own[:-1], *_everywhere(), *own[-1:]]


class ShopCommand(TyperCommand):
    """A command. Its help has boxes on a terminal only, and a closed pipe ends it quietly."""

    context_class = Context

    def get_params(self, ctx: Any) -> list[Any]:
        """Return its own options and those that stand everywhere."""
        return _with_everywhere(super().get_params(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        self.rich_markup_mode = "rich" if output.coloured(sys.stdout) else None
        super().format_help(ctx, formatter)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 (the reader has gone; it stays until the end)
            raise typer.Exit(0) from None
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
            raise UnreachableError(
                "The disk that takes the output is full; what the command did stays done.", "Free some space."
            ) from None
        return result


class ShopGroup(TyperGroup):
    """A group of commands, with the same options and help."""

    context_class = Context
    command_class = ShopCommand

    def get_params(self, ctx: Any) -> list[Any]:
        """Return its own options and those that stand everywhere."""
        return _with_everywhere(super().get_params(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        self.rich_markup_mode = "rich" if output.coloured(sys.stdout) else None
        super().format_help(ctx, formatter)


def group(help: str, *, cls: type[ShopGroup] = ShopGroup) -> typer.Typer:
    """Return an empty group of commands."""
    made = typer.Typer(help=help, cls=cls, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    plain = made.command

    def command(*args: Any, **kwargs: Any) -> Any:
        return plain(*args, cls=ShopCommand, **kwargs)

    made.command = command  # type: ignore[method-assign]
    return made


def completing(question: Any) -> Any:
    """Return a completion callback that answers with what `question` (of a connection and the beginning) finds."""

    def complete(incomplete: str) -> list[tuple[str, str]]:
        from shopctl.shop import Shop
        from shopctl.text import safe

        try:
            with Shop(home()) as shop, shop.read() as conn:
                return [(name, safe(about, 60)) for name, about in question(conn, incomplete)]
        except ShopError:
            return []

    return complete
